/**
 * Secrets: set, get, update, list, versions. A set always makes a new version; an update never
 * returns the value.
 */
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { managedSecretValue } from '../certificateSecret.ts';
import { badParameter, forbidden, notFound } from '../errors.ts';
import { find, findForWrite, findLive, refuseManaged } from '../lifecycle.ts';
import { page } from '../lists.ts';
import { latest, newLife, type SecretEntry, type SecretVersion } from '../model.ts';
import {
  asString,
  optionalString,
  parseBody,
  readAttributes,
  readContentType,
  readTags,
} from '../validate.ts';
import { newVersionId, seconds } from '../vault.ts';
import { secretBundle, secretItem } from '../views.ts';
import { liveEntries, versionsFrom } from './listing.ts';

/** Characters; the number is in the service's own message. */
const maximumValueLength = 25_600;

function set(call: Call): Reply {
  const { vault } = call;
  const name = nameOf(call);
  const body = parseBody(call.body);
  const value = asString(body['value']);
  if (value.length > maximumValueLength) {
    throw badParameter(
      `Secret is beyond the maximum permitted length of ${maximumValueLength} characters.`,
      'SecretTooLarge',
    );
  }
  const contentType = readContentType(body['contentType']);
  const tags = readTags(body['tags'], 512);
  const attributes = readAttributes(body['attributes'], { enabled: true });
  const before = findForWrite(vault, 'secret', name, 'set');
  const now = seconds(vault);
  const version: SecretVersion = {
    id: newVersionId(),
    ...attributes,
    created: now,
    updated: now,
    value,
    contentType,
    tags,
  };
  const entry: SecretEntry = before ?? { kind: 'secret', name, life: newLife(), versions: new Map() };
  entry.versions.set(version.id, version);
  vault.secret.put(entry);
  return ok({ value, ...secretBundle(vault, entry, version) });
}

function pick(call: Call): [SecretEntry, SecretVersion] {
  const id = call.params['version'];
  const entry = findLive(call.vault, 'secret', nameOf(call), id);
  const version = id === undefined ? latest(entry.versions) : entry.versions.get(id.toLowerCase());
  if (version === undefined) throw notFound('secret', `${nameOf(call)}/${id ?? ''}`);
  return [entry, version];
}

async function get(call: Call): Promise<Reply> {
  const [entry, version] = pick(call);
  if (!version.enabled) throw secretDisabled();
  const wanted = call.query.get('outContentType') ?? undefined;
  const value = await managedSecretValue(entry, version, wanted);
  if (value === undefined && wanted !== undefined) {
    throw badParameter(
      "The 'Unsupported' to 'PEM' transformation is not supported. Only the transformation of a certificate's PFX to PEM is.",
    );
  }
  return ok({
    value: value ?? version.value,
    ...secretBundle(call.vault, entry, version),
    contentType: value === undefined ? version.contentType : (wanted ?? version.contentType),
  });
}

export function secretDisabled() {
  return forbidden('Operation get is not allowed on a disabled secret.', 'SecretDisabled');
}

function update(call: Call): Reply {
  const [entry, version] = pick(call);
  refuseManaged(entry, 'update');
  const body = parseBody(call.body);
  const contentType = readContentType(body['contentType']);
  const tags = readTags(body['tags'], 512);
  optionalString(body['value']);
  Object.assign(version, readAttributes(body['attributes'], version));
  if (contentType !== undefined) version.contentType = contentType;
  if (tags !== undefined) version.tags = tags;
  version.updated = seconds(call.vault);
  return ok(secretBundle(call.vault, entry, version));
}

function list(call: Call): Reply {
  const { vault } = call;
  return page(
    call,
    'secrets',
    (marker) => liveEntries(vault, 'secret', marker),
    (entry) => entry.name.toUpperCase(),
    (entry) => secretItem(vault, entry, latest(entry.versions), false),
  );
}

function versions(call: Call): Reply {
  const { vault } = call;
  const entry = find(vault, 'secret', nameOf(call));
  return page(
    call,
    `secrets/${nameOf(call)}/versions`,
    (marker) => versionsFrom(entry, marker),
    ([, version]) => version.id,
    ([of, version]) => secretItem(vault, of, version, true),
  );
}

const shared = { budget: 'secretOps', changes: false } as const;
const metadata = { ...shared, action: 'secrets/readMetadata/action', permission: 'list' };

export const secretOperations: Operation[] = [
  { name: 'secrets.list', method: 'GET', path: 'secrets', ...metadata, handle: list },
  { name: 'secrets.versions', method: 'GET', path: 'secrets/{name}/versions', ...metadata, handle: versions },
  ...['secrets/{name}', 'secrets/{name}/{version}'].flatMap((path): Operation[] => [
    {
      name: 'secrets.get',
      method: 'GET',
      path,
      ...shared,
      action: 'secrets/getSecret/action',
      permission: 'get',
      handle: get,
    },
    {
      name: 'secrets.update',
      method: 'PATCH',
      path,
      ...shared,
      action: 'secrets/update/action',
      permission: 'set',
      changes: true,
      handle: update,
    },
  ]),
  {
    name: 'secrets.set',
    method: 'PUT',
    path: 'secrets/{name}',
    action: 'secrets/setSecret/action',
    permission: 'set',
    budget: 'createOps',
    changes: true,
    handle: set,
  },
];
