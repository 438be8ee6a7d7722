/** What a target is given anew from a portable copy: versions of secrets and certificates. No error of these has a cause. */
import type { CertificatePolicy } from '../domain/portableCopy.ts';
import type { TargetVault } from '../ports/targetVault.ts';
import { saysCode } from './exchange.ts';
import { readIssuers } from './issuers.ts';
import type { keyVaultClients } from './keyVaultClients.ts';
import { certificateVersion, secretVersion } from './keyVaultShapes.ts';
import { wireDates, withBody } from './wireBody.ts';

type Creates = Pick<TargetVault, 'setSecret' | 'importCertificate' | 'hasIssuer'>;

export function targetCreates({
  secrets,
  certificates,
  call,
}: Pick<ReturnType<typeof keyVaultClients>, 'secrets' | 'certificates' | 'call'>): Creates {
  return {
    setSecret: (name, { value, contentType, tags, enabled, notBefore, expires }) =>
      call(
        {
          operation: `setting of secrets/${name.toLowerCase()}`,
          permission: 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
          hush: true,
        },
        async () => {
          const options = { enabled, tags: { ...tags }, ...(contentType === null ? {} : { contentType }) };
          const answer = await withBody(
            (body) => wireDates(body, notBefore, expires),
            () => secrets().setSecret(name, value, options),
          );
          return { facts: secretVersion(answer.properties), kept: answer.value === value };
        },
      ),

    importCertificate: (name, { value, contentType, tags, enabled }, policy) =>
      call(
        {
          operation: `import of certificates/${name.toLowerCase()}`,
          permission: 'Microsoft.KeyVault/vaults/certificates/import/action',
          hush: true,
        },
        async () => {
          // As text: PFX in base64, or PEM. The SDK would encode it, by a policy type that knows only a part of it.
          const answer = await withBody(
            (body) => ({ ...body, value, policy: policyFor(policy, contentType) }),
            () => certificates().importCertificate(name, new Uint8Array(), { enabled, tags: { ...tags } }),
          );
          return certificateVersion(answer.properties);
        },
      ),

    hasIssuer: (name) =>
      call(
        {
          operation: `look-up of the issuer ${name}`,
          permission: readIssuers,
        },
        async (exchange) => {
          try {
            await certificates().getIssuer(name);
            return true;
          } catch (error) {
            if (exchange.status === 404 && saysCode(exchange, 'CertificateIssuerNotFound')) return false;
            throw error;
          }
        },
      ),
  };
}

/** Without what belongs to the vault that it came from. */
function policyFor(policy: CertificatePolicy | null, contentType: string | null): Record<string, unknown> {
  const { id: _id, attributes: _attributes, ...rest } = policy ?? {};
  return { ...rest, secret_props: { contentType: contentType ?? 'application/x-pkcs12' } };
}
