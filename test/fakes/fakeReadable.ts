/**
 * The values of a fake vault's objects, as the portable app reads them: made up from name and version, so that a test
 * knows them and no two are alike. Errors and counting are those of the fake vault.
 */
import { BackupError } from '../../shared/domain/errors.ts';
import { type Kind, objectKey } from '../../shared/domain/objects.ts';
import type { GovernedReadable, ReadableVault, ReadVersion } from '../../shared/ports/readableVault.ts';
import type { VersionFacts } from '../../shared/ports/targetVault.ts';
import type { FakeVault } from './fakeVault.ts';

/** Stands for every value in a search of what was told. */
export const valueMark = 'Hush-of-the-fakes';
export const valueOf = (name: string, version: string, x5t: string | null = null): string =>
  [valueMark, name, version, ...(x5t === null ? [] : [x5t])].join(' ');

export function fakeReadable(vault: FakeVault): GovernedReadable {
  const tags = { team: 'payments' };

  async function versionsOf(
    kind: Kind,
    name: string,
  ): Promise<{ all: VersionFacts[]; current: VersionFacts; date: string }> {
    const all: VersionFacts[] = [];
    let date = '';
    for (let next: string | null = null, pages = 0; pages === 0 || next !== null; pages += 1) {
      const page = await vault.calls.versionsPage({ kind, name }, next);
      all.push(...page.versions);
      ({ next, vaultDate: date } = page);
    }
    const [current] = all.toSorted((a, b) => (b.created ?? 0) - (a.created ?? 0));
    if (!current) throw new BackupError('notFound', `${objectKey({ kind, name })} was not found`);
    return { all, current, date };
  }
  const isCertificate = (name: string) => vault.objects.has(objectKey({ kind: 'certificate', name }));

  const calls: ReadableVault = {
    async secret(name, version): Promise<ReadVersion | null> {
      const { all, current, date } = await versionsOf(isCertificate(name) ? 'certificate' : 'secret', name);
      const found = version === null ? current : all.find((one) => one.version === version);
      if (!found) throw new BackupError('notFound', `there is no version ${version} of ${name}`);
      if (found.enabled === false) return null;
      const { created, updated, notBefore, expires, contentType } = found;
      // As a PFX holds its certificate, the value holds its thumbprint.
      const value = valueOf(name, found.version, found.x5t);
      const facts = { version: found.version, value, tags, enabled: true, x5t: null, vaultDate: date };
      return { ...facts, created, updated, notBefore, expires, contentType };
    },
    versionsPage: (ref, next) => vault.calls.versionsPage(ref, next),
    async certificate(name) {
      const { current, date } = await versionsOf('certificate', name);
      const { recoveryLevel: _level, publicKeyDigest: _digest, contentType: _type, ...facts } = current;
      return {
        ...facts,
        enabled: current.enabled ?? true,
        cer: 'MII',
        policy: { key_props: { exportable: true }, issuer: { name: 'Self' } },
        vaultDate: date,
      };
    },
    async publicKey(name) {
      const { current, date } = await versionsOf('key', name);
      return {
        jwk: { kid: `https://contoso/keys/${name}/${current.version}`, kty: 'RSA' },
        vaultDate: date,
      };
    },
    async certificatesPage() {
      const { objects } = await vault.calls.listPage('certificate', null);
      return { names: objects.map(({ name }) => name), next: null };
    },
    region: () => 'westeurope',
  };
  return { calls, patientCalls: calls, pace: vault.pace, meter: vault.meter };
}
