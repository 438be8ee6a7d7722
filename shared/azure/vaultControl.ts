/**
 * The VaultControl port on Azure Resource Manager. The vault by its SDK, of which only that call is taken, because the
 * whole of it would make every start of the app slower; what other providers keep of it by plain GETs of the same client.
 */
import { createKeyVaultManagement } from '@azure/arm-keyvault/api';
import { get } from '@azure/arm-keyvault/api/vaults';
import type { TokenCredential } from '@azure/identity';
import type { z } from 'zod';
import { BackupError } from '../domain/errors.ts';
import type { Cloud } from '../domain/vaultUrl.ts';
import type { VaultControl } from '../ports/vaultControl.ts';
import { describeFailure } from './describeFailure.ts';
import { type Exchange, exchangePolicy, inExchange } from './exchange.ts';
import { resourceManagerOf, resourceManagerScope } from './resourceManager.ts';
import {
  assignmentPage,
  assignmentsOf,
  diagnosticsOf,
  diagnosticsPage,
  settingsOf,
} from './vaultControlShapes.ts';

export interface VaultControlOptions {
  readonly resourceId: string;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  /** Another address than the cloud's own; null for that. */
  readonly endpoint: string | null;
  readonly timeoutMs: number;
}

const diagnosticsVersion = '2021-05-01-preview';
const assignmentsVersion = '2022-04-01';
/** A vault's scope has thousands of assignments at most (4,000 a subscription). */
const mostPages = 100;

export function vaultControl(options: VaultControlOptions): VaultControl {
  const { resourceId, credential, cloud, timeoutMs } = options;
  const [, , subscription = '', , group = '', , , , name = ''] = resourceId.split('/');
  const endpoint = options.endpoint ?? resourceManagerOf[cloud];
  const client = createKeyVaultManagement(credential, subscription, {
    endpoint,
    credentials: { scopes: [resourceManagerScope(cloud)] },
    // What cannot be read now is read when the queue delivers the job again.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: exchangePolicy(timeoutMs), position: 'perRetry' }],
  });

  async function call<T>(
    operation: string,
    permission: string,
    request: (seen: Exchange) => Promise<T>,
  ): Promise<T> {
    return inExchange(async (exchange) => {
      try {
        return await request(exchange);
      } catch (error) {
        const names = { target: `the control plane of vault ${name}`, operation, permission };
        throw describeFailure(error, names, exchange);
      }
    });
  }

  /** All pages of a list that another provider keeps of the vault. */
  async function listed<P extends { nextLink?: string | null | undefined }>(
    provider: string,
    version: string,
    page: z.ZodType<P>,
  ): Promise<P[]> {
    const pages: P[] = [];
    let next = `${resourceId}/providers/${provider}?api-version=${version}`;
    while (pages.length < mostPages) {
      const { status, body } = await client.pathUnchecked(next).get();
      if (status !== '200') throw new Error(`answered ${status}`);
      const found = page.parse(body);
      pages.push(found);
      if (!found.nextLink) return pages;
      next = ofResourceManager(found.nextLink, endpoint);
    }
    throw new BackupError('internal', `the list of ${provider} has no end`);
  }

  return {
    settings: () =>
      call('read of its settings', 'Microsoft.KeyVault/vaults/read', async () =>
        settingsOf(await get(client, group, name)),
      ),
    roleAssignments: () =>
      call('list of its role assignments', 'Microsoft.Authorization/roleAssignments/read', async () =>
        assignmentsOf(
          await listed('Microsoft.Authorization/roleAssignments', assignmentsVersion, assignmentPage),
          resourceId,
        ),
      ),
    diagnosticSettings: () =>
      call('list of its diagnostic settings', 'Microsoft.Insights/diagnosticSettings/read', async () =>
        diagnosticsOf(
          await listed('Microsoft.Insights/diagnosticSettings', diagnosticsVersion, diagnosticsPage),
        ),
      ),
  };
}

/** The link gets our token, so it must lead to where the page came from. */
function ofResourceManager(link: string, endpoint: string): string {
  if (URL.canParse(link) && new URL(link).origin === new URL(endpoint).origin) return link;
  throw new BackupError('internal', 'Resource Manager answered a list with a link that is not its own');
}
