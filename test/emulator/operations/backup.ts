/**
 * Backup and restore, alike for the three kinds. A blob carries every version with
 * its id, times, attributes and tags, and the key material or value; not the rotation policy, nor the pending
 * operation of a certificate. A restore needs the name to be free in every state.
 */
import { open, seal, unknownBlob } from '../blob.ts';
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { addManaged } from '../certificateSecret.ts';
import { badParameter, conflict } from '../errors.ts';
import { find, findLive, inLimbo, refuseManaged } from '../lifecycle.ts';
import { type CertificatePolicy, type Entry, type Kind, newLife, type VersionBase } from '../model.ts';
import { asString, parseBody } from '../validate.ts';
import { collectionOf, type Vault } from '../vault.ts';
import { folderOf, idOf } from '../views.ts';
import { bundleOf } from './bundles.ts';

/** "500 past versions" of the documentation, plus the current one. */
const maximumVersions = 501;

/** Plaintext bytes per version that give the recorded blob sizes (3.8, 9.5 and 42 KB of JSON). */
const plaintextSize = { secret: 1800, key: 4950, certificate: 23_300 } as const;

interface Contents {
  kind: Kind;
  name: string;
  versions: VersionBase[];
  policy?: CertificatePolicy;
}

function backup(kind: Kind, call: Call): Reply {
  const { vault } = call;
  const entry = findLive(vault, kind, nameOf(call));
  refuseManaged(entry, 'backup');
  if (entry.versions.size > maximumVersions) {
    // That such a backup fails is documented; its status and code are not known.
    throw badParameter(`The ${kind} has more than 500 past versions and cannot be backed up.`);
  }
  const contents: Contents = { kind, name: entry.name, versions: [...entry.versions.values()] };
  if (entry.kind === 'certificate') {
    contents.versions = [...entry.versions.values()].filter((version) => version.cer !== undefined);
    contents.policy = entry.policy;
    if (contents.versions.length === 0) throw badParameter('The certificate is not issued yet.');
  }
  const text = JSON.stringify(contents);
  const values = entry.kind === 'secret' ? [...entry.versions.values()] : [];
  const payload = values.reduce((sum, version) => sum + version.value.length, 0);
  const size = plaintextSize[kind] * contents.versions.length + payload;
  return ok({ value: seal(kind, vault.spec, Buffer.from(text.padEnd(size))) });
}

function restore(kind: Kind, call: Call): Reply {
  const { vault } = call;
  const value = asString(parseBody(call.body)['value']);
  const contents = JSON.parse(open(kind, vault.spec, value).toString()) as Contents;
  // A certificate's blob sent to keys/restore, and the other way round: the marker did not tell.
  if (contents.kind !== kind) throw unknownBlob();
  refuseTaken(vault, contents);
  const entry = entryFrom(contents);
  refuseHsm(vault, entry);
  collectionOf(vault, kind).put(entry);
  if (entry.kind === 'certificate') addManaged(vault, entry);
  return ok(bundleOf(vault, entry, call.apiVersion));
}

/** Live, deleting, deleted, recovering, just purged: all conflict; a certificate needs three names. */
function refuseTaken(vault: Vault, contents: Contents): void {
  const { kind, name, versions } = contents;
  const needed: Kind[] = kind === 'certificate' ? ['certificate', 'key', 'secret'] : [kind];
  if (needed.some((each) => find(vault, each, name) !== undefined || inLimbo(vault, each, name))) {
    const id = idOf(vault, kind, name, versions.at(-1)?.id);
    throw conflict(
      `There was a conflict restoring the ${kind} '${id}'. This can happen if the vault already has a ${kind} of that name, live or deleted, or if there are parallel operations on it; retry later.`,
    );
  }
}

function entryFrom(contents: Contents): Entry {
  const { kind, name, versions, policy } = contents;
  const entry = {
    kind,
    name,
    life: newLife(),
    versions: new Map(versions.map((one) => [one.id, one])),
    policy,
  };
  return entry as unknown as Entry;
}

function refuseHsm(vault: Vault, entry: Entry): void {
  const hsm = entry.kind === 'key' && [...entry.versions.values()].some(({ kty }) => kty.endsWith('-HSM'));
  if (hsm && vault.spec.sku === 'standard') {
    throw badParameter('Hardware key operation not allowed on standard vault.');
  }
}

function operationsOf(kind: Kind): Operation[] {
  const plural = folderOf(kind);
  return [
    {
      name: `${plural}.backup`,
      method: 'POST',
      path: `${plural}/{name}/backup`,
      action: `${plural}/backup/action`,
      permission: 'backup',
      budget: kind === 'key' ? 'keyOther' : 'secretOps',
      changes: false,
      handle: (call) => backup(kind, call),
    },
    {
      name: `${plural}.restore`,
      method: 'POST',
      path: `${plural}/restore`,
      action: `${plural}/restore/action`,
      permission: 'restore',
      // Undocumented; restores create objects, so the stricter budget is assumed.
      budget: 'createOps',
      changes: true,
      handle: (call) => restore(kind, call),
    },
  ];
}

export const backupOperations: Operation[] = (['secret', 'key', 'certificate'] as const).flatMap(
  operationsOf,
);
