/**
 * Brings one object back by its portable copy: opened in memory, its versions made anew oldest first, so that the
 * current one is current; then held against the copy. Version ids and dates are new by nature, and the outcome says so.
 */
import { describeTags, objectKey } from '../domain/objects.ts';
import type { CertificatePolicy, CopiedVersion, CopyContent } from '../domain/portableCopy.ts';
import { hasCopy, type PortableLine } from '../domain/portablePoint.ts';
import { whyNoCopy } from '../domain/restorePlanPortable.ts';
import type { TargetVault, VersionFacts } from '../ports/targetVault.ts';
import type { Doing, Told } from './doing.ts';
import { openPortable } from './openPortable.ts';
import { demandSame, type Turn, takeTurn } from './portableTurn.ts';

export async function restorePortable(doing: Doing): Promise<Told> {
  const { action, copy = null } = doing.job.planned;
  if (!hasCopy(copy))
    return { outcome: 'blocked', reason: whyNoCopy(copy), hint: null, version: null, via: 'portable' };
  const turn = await takeTurn(doing);
  try {
    const content = await openPortable(copy, doing.deps);
    const { version, differs } = await bring(content, copy, turn, doing.target.calls);
    const changed = changedByNature(copy);
    const shared = { version, via: 'portable' as const, changed };
    if (differs.length === 0)
      return { outcome: action === 'replace' ? 'replaced' : 'restored', reason: null, hint: null, ...shared };
    return {
      outcome: 'differs',
      reason: `it is there, but differs from its copy: ${differs.join('; ')}`,
      hint: 'Set right what the reason names before you rely on it.',
      ...shared,
    };
  } finally {
    await turn.release();
  }
}

interface Brought {
  /** The id of the current one; null where no listing tells which of several it is. */
  readonly version: string | null;
  readonly differs: string[];
}

async function bring(
  content: CopyContent,
  line: PortableLine,
  turn: Turn,
  vault: TargetVault,
): Promise<Brought> {
  const versions = content.versions.map((version, at) =>
    at === content.versions.length - 1 ? asSealed(version, line) : version,
  );
  demandSame(
    line,
    turn.arrived.map(lookOf),
    versions.map((version) => lookOf(shown(version))),
  );
  const { policy, missing } =
    content.kind === 'certificate' ? await policyFor(content.policy, vault) : { policy: null, missing: null };
  const last = versions.at(-1);
  if (!last) throw new Error(`the copy of ${objectKey(line)} has no version`);
  let current = newestLike(last, turn.arrived);
  const differs: string[] = [];
  for (const version of versions.slice(turn.arrived.length)) {
    await turn.keep();
    if (content.kind === 'secret') {
      const made = await vault.setSecret(content.name, version);
      if (!made.kept) differs.push(`the vault answered with another value of version ${version.version}`);
      current = [made.facts];
    } else current = [await vault.importCertificate(content.name, version, policy)];
  }
  const [facts, another] = current;
  if (facts) differs.push(...differences(last, facts));
  if (
    content.kind === 'secret' &&
    line.tagsDigest !== null &&
    line.tagsDigest !== describeTags(last.tags).tagsDigest
  )
    differs.push(
      'its tags are those of the copy: they were changed after it, while nobody could read the secret',
    );
  if (missing) differs.push(missing);
  return { version: (!another && facts?.version) || null, differs };
}

/**
 * Of versions that were made within one second no listing tells which is the current one. They all have arrived then,
 * and were found to be those of the copy: it is one that looks like its last.
 */
function newestLike(last: CopiedVersion, arrived: readonly VersionFacts[]): VersionFacts[] {
  const newest = arrived.at(-1)?.created;
  const look = lookOf(shown(last));
  return arrived.filter((one) => one.created === newest && lookOf(one) === look);
}

/** The current version with the attributes of its line: a carried copy may be of a secret that was disabled since. */
const asSealed = (version: CopiedVersion, line: PortableLine): CopiedVersion => ({
  ...version,
  enabled: line.enabled ?? version.enabled,
  // A certificate's line has none, but its version says whether it is PFX or PEM.
  contentType: line.kind === 'secret' ? line.contentType : version.contentType,
  notBefore: line.notBefore,
  expires: line.expires,
});

/** A policy may name an issuer only where the vault knows one of that name. */
async function policyFor(
  policy: CertificatePolicy | null,
  vault: TargetVault,
): Promise<{ policy: CertificatePolicy | null; missing: string | null }> {
  const issuer = policy?.issuer?.name ?? 'Unknown';
  if (['self', 'unknown'].includes(issuer.toLowerCase()) || (await vault.hasIssuer(issuer)))
    return { policy, missing: null };
  // Without an issuer nothing renews by itself; the vault puts its own default there.
  const { lifetime_actions: _actions, ...rest } = policy ?? {};
  const missing = `the target has no issuer "${issuer}", so its policy has Unknown and it is not renewed: create the issuer, then set it in the policy`;
  return { policy: { ...rest, issuer: { name: 'Unknown' } }, missing };
}

type Shown = Pick<VersionFacts, 'enabled' | 'notBefore' | 'expires' | 'contentType' | 'tagsDigest' | 'x5t'>;

const shown = ({ tags, x5t, contentType, ...version }: CopiedVersion): Shown => ({
  ...version,
  x5t,
  // A certificate's versions show no content type; its policy has it.
  contentType: x5t === null ? contentType : null,
  tagsDigest: describeTags(tags).tagsDigest,
});

const lookOf = ({ enabled, notBefore, expires, contentType, tagsDigest, x5t }: Shown): string =>
  JSON.stringify([enabled, notBefore, expires, contentType, tagsDigest, x5t]);

function differences(wanted: CopiedVersion, seen: VersionFacts): string[] {
  const copy = shown(wanted);
  const names = ['enabled', 'notBefore', 'expires', 'contentType', 'tagsDigest', 'x5t'] as const;
  return names.filter((name) => copy[name] !== seen[name]).map((name) => `${name} is ${String(seen[name])}`);
}

function changedByNature({ kind, leftOut }: PortableLine): string[] {
  const { older = 0, disabled = 0 } = leftOut ?? {};
  return [
    'version ids',
    'created and updated dates',
    ...(kind === 'certificate' ? ['its key’s and secret’s ids'] : []),
    ...(leftOut === null ? ['past versions: only the current one is in the copy'] : []),
    ...(older > 0 ? [`${older} older versions are not in the copy`] : []),
    ...(disabled > 0 ? [`${disabled} disabled past versions could not be copied`] : []),
  ];
}
