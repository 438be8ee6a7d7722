/**
 * Keys: create, import, get, update, list, versions. Creating an existing name adds a version;
 * answers carry the public part only.
 */
import type { JsonWebKey } from 'node:crypto';
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { badParameter, invalidProperty, notFound } from '../errors.ts';
import { importJwk, makeEc, makeRsa, nodeCurves, rsaBits, rsaSizes } from '../keyMaterial.ts';
import { find, findForWrite, findLive, refuseManaged } from '../lifecycle.ts';
import { page } from '../lists.ts';
import { type KeyEntry, type KeyType, type KeyVersion, latest, newLife } from '../model.ts';
import {
  asObject,
  asString,
  type Json,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  parseBody,
  readAttributes,
  readTags,
  stringList,
} from '../validate.ts';
import { newVersionId, seconds, type Vault } from '../vault.ts';
import { keyBundle, keyItem } from '../views.ts';
import { liveEntries, versionsFrom } from './listing.ts';

const rsaOperations = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];
const knownOperations = new Set([...rsaOperations, 'import', 'export', 'deriveKey', 'deriveBits']);

export function defaultKeyOps(kty: KeyType): string[] {
  return kty.startsWith('RSA') ? [...rsaOperations] : ['sign', 'verify'];
}

function readKeyOps(value: unknown, kty: KeyType): string[] {
  const given = stringList(value) ?? [];
  if (given.some((operation) => !knownOperations.has(operation))) throw invalidProperty();
  return given.length === 0 ? defaultKeyOps(kty) : given;
}

/** `oct` is refused: in a vault it was never seen to work. */
export function readKeyType(vault: Vault, value: unknown): KeyType {
  const kty = optionalString(value);
  if (kty === undefined) {
    throw badParameter('Property  has invalid value\r\nProperty  has invalid value\r\n');
  }
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'RSA-HSM' && kty !== 'EC-HSM') {
    throw badParameter(`Key type ${kty} is not supported.`);
  }
  if (kty.endsWith('-HSM') && vault.spec.sku === 'standard') {
    throw badParameter('Hardware key operation not allowed on standard vault.');
  }
  return kty;
}

function addVersion(
  call: Call,
  body: Json,
  material: { kty: KeyType; keyOps: string[]; jwk: JsonWebKey },
): Reply {
  const { vault } = call;
  const name = nameOf(call);
  const releasePolicy = optionalObject(body['release_policy']);
  const exportable = optionalBoolean(optionalObject(body['attributes'])?.['exportable']) ?? false;
  if (exportable && releasePolicy === undefined) {
    throw badParameter('AKV.SKR.1004: Exportable keys must have release policy.');
  }
  const attributes = readAttributes(body['attributes'], { enabled: true });
  const tags = readTags(body['tags']);
  const before = findForWrite(vault, 'key', name, 'create');
  const now = seconds(vault);
  const version: KeyVersion = {
    id: newVersionId(),
    ...attributes,
    created: now,
    updated: now,
    ...material,
    exportable,
    tags,
    releasePolicy,
  };
  const entry: KeyEntry = before ?? { kind: 'key', name, life: newLife(), versions: new Map() };
  entry.versions.set(version.id, version);
  vault.key.put(entry);
  return ok(keyBundle(vault, entry, version, call.apiVersion));
}

async function create(call: Call): Promise<Reply> {
  const body = parseBody(call.body);
  const kty = readKeyType(call.vault, body['kty']);
  const keyOps = readKeyOps(body['key_ops'], kty);
  findForWrite(call.vault, 'key', nameOf(call), 'create');
  const jwk = kty.startsWith('RSA')
    ? await makeRsa(optionalNumber(body['key_size']) ?? 2048)
    : await makeEc(optionalString(body['crv']) ?? 'P-256');
  return addVersion(call, body, { kty, keyOps, jwk });
}

function importKey(call: Call): Reply {
  const body = parseBody(call.body);
  const key = asObject(body['key']);
  const given = readKeyType(call.vault, key['kty']);
  const base = given.startsWith('RSA') ? 'RSA' : 'EC';
  const hsm = optionalBoolean(body['Hsm']) === true || given.endsWith('-HSM');
  const kty = readKeyType(call.vault, hsm ? `${base}-HSM` : base);
  const members = base === 'RSA' ? ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] : ['x', 'y', 'd'];
  const jwk: JsonWebKey = Object.fromEntries(members.map((member) => [member, asString(key[member])]));
  jwk.kty = base;
  if (base === 'EC') jwk.crv = nodeCurves[asString(key['crv'])] ?? 'unknown';
  const material = importJwk(jwk);
  if (base === 'RSA' && !rsaSizes.includes(rsaBits(material)))
    throw badParameter('The key size is not supported.');
  return addVersion(call, body, { kty, keyOps: readKeyOps(key['key_ops'], kty), jwk: material });
}

export function pickKey(call: Call): [KeyEntry, KeyVersion] {
  const id = call.params['version'];
  const entry = findLive(call.vault, 'key', nameOf(call), id);
  const version = id === undefined ? latest(entry.versions) : entry.versions.get(id.toLowerCase());
  if (version === undefined) throw notFound('key', `${nameOf(call)}/${id ?? ''}`);
  return [entry, version];
}

function get(call: Call): Reply {
  const [entry, version] = pickKey(call);
  return ok(keyBundle(call.vault, entry, version, call.apiVersion));
}

function update(call: Call): Reply {
  const [entry, version] = pickKey(call);
  refuseManaged(entry, 'update');
  const body = parseBody(call.body);
  const keyOps = stringList(body['key_ops']);
  const tags = readTags(body['tags']);
  Object.assign(version, readAttributes(body['attributes'], version));
  if (keyOps !== undefined) version.keyOps = readKeyOps(keyOps, version.kty);
  if (tags !== undefined) version.tags = tags;
  version.updated = seconds(call.vault);
  return ok(keyBundle(call.vault, entry, version, call.apiVersion));
}

function list(call: Call): Reply {
  const { vault, apiVersion } = call;
  return page(
    call,
    'keys',
    (marker) => liveEntries(vault, 'key', marker),
    (entry) => entry.name.toUpperCase(),
    (entry) => keyItem(vault, entry, latest(entry.versions), { apiVersion, versioned: false }),
  );
}

function versions(call: Call): Reply {
  const { vault, apiVersion } = call;
  const entry = find(vault, 'key', nameOf(call));
  return page(
    call,
    `keys/${nameOf(call)}/versions`,
    (marker) => versionsFrom(entry, marker),
    ([, version]) => version.id,
    ([of, version]) => keyItem(vault, of, version, { apiVersion, versioned: true }),
  );
}

const reading = { action: 'keys/read', budget: 'keyOther', changes: false } as const;

export const keyOperations: Operation[] = [
  { name: 'keys.list', method: 'GET', path: 'keys', permission: 'list', ...reading, handle: list },
  {
    name: 'keys.versions',
    method: 'GET',
    path: 'keys/{name}/versions',
    permission: 'list',
    ...reading,
    handle: versions,
  },
  ...['keys/{name}', 'keys/{name}/{version}'].flatMap((path): Operation[] => [
    { name: 'keys.get', method: 'GET', path, permission: 'get', ...reading, handle: get },
    {
      name: 'keys.update',
      method: 'PATCH',
      path,
      action: 'keys/update/action',
      permission: 'update',
      budget: 'keyOther',
      changes: true,
      handle: update,
    },
  ]),
  {
    name: 'keys.create',
    method: 'POST',
    path: 'keys/{name}/create',
    action: 'keys/create/action',
    permission: 'create',
    budget: 'keyCreate',
    changes: true,
    handle: create,
  },
  {
    name: 'keys.import',
    method: 'PUT',
    path: 'keys/{name}',
    action: 'keys/import/action',
    permission: 'import',
    budget: 'createOps',
    changes: true,
    handle: importKey,
  },
];
