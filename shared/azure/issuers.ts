/** The listing of a vault's certificate issuers: names and providers. Their accounts are never asked for. */
import type { IssuersPage } from '../ports/sourceVault.ts';
import { type keyVaultClients, pageOf } from './keyVaultClients.ts';

export const readIssuers = 'Microsoft.KeyVault/vaults/certificatecas/read';

export const issuersPage =
  ({ certificates, call }: Pick<ReturnType<typeof keyVaultClients>, 'certificates' | 'call'>) =>
  (next: string | null): Promise<IssuersPage> =>
    call({ operation: 'list of certificate issuers', permission: readIssuers }, async (exchange) => {
      const pages = certificates().listPropertiesOfIssuers();
      const page = await pageOf(pages, next, exchange, ({ id = '', provider }) => ({
        // The SDK leaves the name of an issuer out (measured): it is the last part of its id.
        name: id.split('/').at(-1) ?? '',
        provider: provider ?? null,
      }));
      return { issuers: page.objects, next: page.next };
    });
