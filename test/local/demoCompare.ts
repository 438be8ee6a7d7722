/**
 * Holds every object of the secondary vault against what the source held, seen from inside the emulator: the service's
 * own verification is not asked.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { VaultObjects } from '../emulator/emulator.ts';
import type { VersionBase } from '../emulator/model.ts';
import { demand } from './demoHttp.ts';
import { sourceVault, targetVault } from './demoStack.ts';

type Secret = VaultObjects['secrets'][number];
type Key = VaultObjects['keys'][number];
type Certificate = VaultObjects['certificates'][number];

/** What has to be the same, by what it is called in the line that is printed. */
type Facts = Readonly<Record<string, unknown>>;

const attributesOf = ({ versions }: { readonly versions: readonly VersionBase[] }) =>
  versions.map(({ id, enabled, nbf, exp, created, updated, tags }) => [
    id,
    enabled,
    nbf,
    exp,
    created,
    updated,
    tags,
  ]);

const secretFacts = (secret: Secret): Facts => ({
  versions: secret.versions.map(({ id }) => id),
  attributes: attributesOf(secret),
  values: secret.versions.map(({ value, contentType }) => [value, contentType]),
});

const keyFacts = (key: Key): Facts => ({
  versions: key.versions.map(({ id }) => id),
  attributes: attributesOf(key),
  'public parts': key.versions.map(({ jwk: { kty, crv, n, e, x, y } }) => [kty, crv, n, e, x, y]),
  'rotation policies': policyOf(key),
});

const certificateFacts = (certificate: Certificate): Facts => ({
  versions: certificate.versions.map(({ id }) => id),
  attributes: attributesOf(certificate),
  thumbprints: certificate.versions.map(({ cer }) =>
    createHash('sha1')
      .update(Buffer.from(cer ?? '', 'base64'))
      .digest('hex'),
  ),
});

/** Without the notification 30 days before expiry that the service adds to every policy. */
function policyOf({ rotationPolicy }: Key): unknown {
  const actions = (rotationPolicy?.lifetimeActions ?? []).filter(
    ({ action, trigger }) => action.type.toLowerCase() !== 'notify' || trigger.timeBeforeExpiry !== 'P30D',
  );
  return [
    rotationPolicy?.expiryTime,
    actions.map(({ action, trigger }) => [
      action.type.toLowerCase(),
      trigger.timeAfterCreate,
      trigger.timeBeforeExpiry,
    ]),
  ];
}

/** Returns one line per kind. */
export function checkSame(before: VaultObjects, after: VaultObjects): string[] {
  const policies = before.keys.filter(({ rotationPolicy }) => rotationPolicy !== undefined).length;
  return [
    compare('secret', before.secrets, after.secrets, secretFacts),
    `${compare('key', before.keys, after.keys, keyFacts)} (${policies} set)`,
    compare('certificate', before.certificates, after.certificates, certificateFacts),
  ];
}

interface Named {
  readonly name: string;
  readonly versions: readonly unknown[];
}

function compare<T extends Named>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  factsOf: (object: T) => Facts,
): string {
  const held = new Map(after.map((object) => [object.name, object]));
  for (const object of before) {
    const found = held.get(object.name);
    demand(found !== undefined, `${targetVault} has no ${kind} ${object.name}`);
    const got = factsOf(found);
    for (const [what, wanted] of Object.entries(factsOf(object))) {
      demand(
        isDeepStrictEqual(asJson(got[what]), asJson(wanted)),
        `${kind} ${object.name}: ${what} in ${targetVault} are not what ${sourceVault} held`,
      );
    }
  }
  demand(
    after.length === before.length,
    `${targetVault} holds ${after.length} ${kind}s, not ${before.length}`,
  );
  const [first] = before;
  demand(first !== undefined, `${sourceVault} held no ${kind}`);
  const versions = before.reduce((sum, object) => sum + object.versions.length, 0);
  const count = `${before.length} ${kind}s with ${versions} versions`.padEnd(38);
  return `${count} the same: ${Object.keys(factsOf(first)).join(', ')}`;
}

/** An attribute that is absent and one that is undefined are the same to the vault. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
