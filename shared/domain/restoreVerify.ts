/**
 * Holds what came back against what the recovery point recorded. Only what was recorded is compared: null in the point
 * means unknown. A rotation policy is compared by meaning, because the service adds a default action.
 */
import type { IndexLine, RotationPolicy } from './recoveryPoint.ts';

/** What can be seen of an object or version in a vault. */
export interface SeenFacts {
  readonly created: number | null;
  readonly updated: number | null;
  readonly enabled: boolean | null;
  readonly notBefore: number | null;
  readonly expires: number | null;
  readonly contentType: string | null;
  readonly tagsDigest: string | null;
  readonly version?: string | null;
  readonly publicKeyDigest?: string | null;
  readonly x5t: string | null;
}

/** Names of what differs; empty when it is what the recovery point holds. */
export function differences(line: IndexLine, seen: SeenFacts): string[] {
  const same = [
    ['created', line.created, seen.created],
    ['updated', line.updated, seen.updated],
    ['enabled', line.enabled, seen.enabled],
    ['notBefore', line.notBefore, seen.notBefore],
    ['expires', line.expires, seen.expires],
    ['tags', line.tagsDigest, seen.tagsDigest],
    ...(line.kind === 'secret' ? [['contentType', line.contentType, seen.contentType] as const] : []),
    ...onlyIfBoth('version', line.currentVersion, seen.version),
    ...onlyIfBoth('public key', line.publicKeyDigest, seen.publicKeyDigest),
    ...onlyIfBoth('thumbprint', line.x5t, seen.x5t),
  ] as const;
  return same.filter(([, recorded, found]) => recorded !== found).map(([what]) => what);
}

const onlyIfBoth = <T>(what: string, recorded: T | null, found: T | null | undefined) =>
  recorded === null || found === null || found === undefined ? [] : [[what, recorded, found] as const];

const isDefault = ({ action, timeBeforeExpiry, timeAfterCreate }: RotationPolicy['actions'][number]) =>
  action.toLowerCase() === 'notify' && timeBeforeExpiry === 'P30D' && timeAfterCreate === null;

const meaningOf = (policy: RotationPolicy): string =>
  JSON.stringify([
    policy.expiryTime,
    policy.actions
      .filter((action) => !isDefault(action))
      .map(({ action, timeAfterCreate, timeBeforeExpiry }) =>
        JSON.stringify([action.toLowerCase(), timeAfterCreate, timeBeforeExpiry]),
      )
      .sort((a, b) => (a < b ? -1 : 1)),
  ]);

/** Whether two rotation policies do the same; a default Notify 30 days before expiry is in every policy. */
export const samePolicy = (a: RotationPolicy, b: RotationPolicy): boolean => meaningOf(a) === meaningOf(b);

/** Whether a recorded policy is more than every key has anyway. */
export const isPolicySet = (policy: RotationPolicy | null): policy is RotationPolicy =>
  policy !== null && (policy.expiryTime !== null || policy.actions.some((action) => !isDefault(action)));
