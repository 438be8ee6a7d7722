/** Reads a vault's own settings part by part; a part that cannot be read is a gap with its reason, never a failure. */
import { asBackupError, dispositionOf, NotNow } from '../domain/errors.ts';
import type { TakeConfig } from '../domain/jobs.ts';
import type { CertificateIssuer, ConfigPart, KeyRotation, VaultConfig } from '../domain/vaultConfig.ts';
import { newestUsablePoint, readIndex } from '../engine/catalog.ts';
import type { ConfigDeps, ConfiguredVault } from './deps.ts';

const noResourceId =
  'the plan or target names no resourceId. Add it, and give the app’s identity the configuration role on the vault';

export async function readVaultConfig(
  vault: ConfiguredVault,
  { role }: TakeConfig,
  last: boolean,
  deps: ConfigDeps,
): Promise<VaultConfig> {
  const gaps: VaultConfig['gaps'] = [];
  const takenAt = deps.clock.now().toISOString();

  async function part<T>(name: ConfigPart, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (thrown) {
      if (thrown instanceof NotNow) throw thrown;
      const error = asBackupError(thrown);
      const mayPass = dispositionOf[error.code] === 'retry' || dispositionOf[error.code] === 'defer';
      if (mayPass && !last) throw thrown;
      gaps.push({ part: name, reason: [error.message, error.hint].filter((text) => text !== '').join('. ') });
      return null;
    }
  }
  const controlled = <T>(
    name: ConfigPart,
    read: (control: NonNullable<ConfiguredVault['control']>) => Promise<T>,
  ) => {
    const { control } = vault;
    if (control) return part(name, () => read(control));
    gaps.push({ part: name, reason: noResourceId });
    return null;
  };

  return {
    format: 1,
    vault: vault.name,
    vaultUrl: vault.url,
    resourceId: vault.resourceId,
    takenAt,
    settings: await controlled('settings', (control) => control.settings()),
    roleAssignments: copied(await controlled('roleAssignments', (control) => control.roleAssignments())),
    diagnosticSettings: copied(
      await controlled('diagnosticSettings', (control) => control.diagnosticSettings()),
    ),
    issuers: await part('issuers', () => issuersOf(vault)),
    rotationPolicies: await part('rotationPolicies', () =>
      role === 'source' ? capturedPolicies(vault.name, gaps, deps) : livePolicies(vault, gaps, deps),
    ),
    gaps,
    app: deps.settings.appVersion,
  };
}

const copied = <T>(items: readonly T[] | null): T[] | null => items && [...items];

/** Of 25 each; an authority has a handful. */
const mostIssuerPages = 100;

async function issuersOf({ patientCalls }: ConfiguredVault): Promise<CertificateIssuer[]> {
  const issuers: CertificateIssuer[] = [];
  let next: string | null = null;
  for (let pages = 0; pages < mostIssuerPages; pages += 1) {
    const page = await patientCalls.issuersPage(next);
    issuers.push(...page.issuers);
    next = page.next;
    if (next === null) break;
  }
  return issuers;
}

/** A backup has asked for the policy of every key that it captured: as the newest recovery point has them. */
async function capturedPolicies(
  vault: string,
  gaps: VaultConfig['gaps'],
  deps: ConfigDeps,
): Promise<KeyRotation[]> {
  const stored = await newestUsablePoint(vault, deps);
  if (!stored) {
    gaps.push({ part: 'rotationPolicies', reason: 'there is no recovery point yet' });
    return [];
  }
  const keys = (await readIndex(stored.point, deps)).filter(({ kind }) => kind === 'key');
  const failed = keys.filter(({ outcome }) => outcome === 'failed').length;
  const unlisted = stored.point.unlisted.some(({ kind }) => kind === 'key');
  if (failed > 0 || unlisted)
    gaps.push({
      part: 'rotationPolicies',
      reason: unlisted
        ? 'the newest run could not list the keys'
        : `${failed} of its keys failed in the newest run`,
    });
  return keys.flatMap(({ name, rotationPolicy, capturedAt }) =>
    rotationPolicy === null ? [] : [{ key: name, policy: rotationPolicy, seenAt: capturedAt }],
  );
}

/** Well below functionTimeout: a target with so many keys keeps the rest as a gap. */
const longestMs = 4 * 60_000;

async function livePolicies(
  { patientCalls }: ConfiguredVault,
  gaps: VaultConfig['gaps'],
  { clock }: ConfigDeps,
): Promise<KeyRotation[]> {
  const until = clock.now().getTime() + longestMs;
  const found: KeyRotation[] = [];
  let next: string | null = null;
  do {
    const page = await patientCalls.listPage('key', next);
    for (const { name, managed } of page.objects) {
      if (managed) continue;
      if (clock.now().getTime() >= until) {
        gaps.push({
          part: 'rotationPolicies',
          reason: `only those of the first ${found.length} keys were read`,
        });
        return found;
      }
      const policy = await patientCalls.rotationPolicy(name);
      if (policy) found.push({ key: name, policy, seenAt: null });
    }
    next = page.next;
  } while (next !== null);
  return found;
}
