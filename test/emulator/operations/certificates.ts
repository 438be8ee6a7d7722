/**
 * Certificates: get, update, list, versions, policy. Creation, import and pending operations are in
 * certificateCreation.ts.
 */
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { mergePolicy } from '../certificatePolicy.ts';
import { syncManaged } from '../certificateSecret.ts';
import { certificateBundle, certificateItem, policyView } from '../certificateViews.ts';
import { notFound } from '../errors.ts';
import { find, findLive } from '../lifecycle.ts';
import { page } from '../lists.ts';
import { type CertificateEntry, type CertificateVersion, latest } from '../model.ts';
import { type Json, optionalBoolean, optionalObject, parseBody, readTags } from '../validate.ts';
import { seconds } from '../vault.ts';
import { liveEntries, versionsFrom } from './listing.ts';

function pick(call: Call): [CertificateEntry, CertificateVersion] {
  const id = call.params['version'];
  const entry = findLive(call.vault, 'certificate', nameOf(call), id);
  const version = id === undefined ? latest(entry.versions) : entry.versions.get(id.toLowerCase());
  if (version === undefined) throw notFound('certificate', `${nameOf(call)}/${id ?? ''}`);
  return [entry, version];
}

function get(call: Call): Reply {
  const [entry, version] = pick(call);
  return ok(certificateBundle(call.vault, entry, version));
}

/** nbf and exp come from the X.509: sent ones are ignored, though `updated` moves. */
function update(call: Call): Reply {
  const { vault } = call;
  const [entry, version] = pick(call);
  const body = parseBody(call.body);
  const tags = readTags(body['tags']);
  const enabled = optionalBoolean(optionalObject(body['attributes'])?.['enabled']);
  const policy = optionalObject(body['policy']);
  if (policy !== undefined) changePolicy(call, entry, policy);
  if (tags !== undefined) version.tags = tags;
  if (enabled !== undefined) version.enabled = enabled;
  version.updated = seconds(vault);
  syncManaged(vault, entry);
  return ok(certificateBundle(vault, entry, version));
}

function changePolicy({ vault }: Call, entry: CertificateEntry, value: Json): void {
  entry.policy = mergePolicy(vault, value, entry.policy);
  entry.policy.attributes.updated = seconds(vault);
}

function list(call: Call): Reply {
  const { vault } = call;
  const includePending = call.query.get('includePending')?.toLowerCase() === 'true';
  const shown = function* (marker: string): Generator<CertificateEntry> {
    for (const entry of liveEntries(vault, 'certificate', marker)) {
      if (includePending || latest(entry.versions).cer !== undefined) yield entry;
    }
  };
  const tail = includePending ? '&includePending=true' : '';
  return page(
    call,
    'certificates',
    shown,
    (entry) => entry.name.toUpperCase(),
    (entry) => certificateItem(vault, entry, latest(entry.versions), false),
    tail,
  );
}

function versions(call: Call): Reply {
  const { vault } = call;
  const entry = find(vault, 'certificate', nameOf(call));
  return page(
    call,
    `certificates/${nameOf(call)}/versions`,
    (marker) => versionsFrom(entry, marker),
    ([, version]) => version.id,
    ([of, version]) => certificateItem(vault, of, version, true),
  );
}

function getPolicy(call: Call): Reply {
  const entry = findLive(call.vault, 'certificate', nameOf(call));
  return ok(policyView(call.vault, entry.name, entry.policy));
}

/** Moves the policy's own `updated`, not the certificate's. */
function setPolicy(call: Call): Reply {
  const entry = findLive(call.vault, 'certificate', nameOf(call));
  changePolicy(call, entry, parseBody(call.body));
  return ok(policyView(call.vault, entry.name, entry.policy));
}

const reading = { action: 'certificates/read', budget: 'secretOps', changes: false } as const;
const updating = {
  action: 'certificates/update/action',
  permission: 'update',
  budget: 'secretOps',
  changes: true,
} as const;

export const certificateOperations: Operation[] = [
  {
    name: 'certificates.list',
    method: 'GET',
    path: 'certificates',
    permission: 'list',
    ...reading,
    handle: list,
  },
  {
    name: 'certificates.versions',
    method: 'GET',
    path: 'certificates/{name}/versions',
    permission: 'list',
    ...reading,
    handle: versions,
  },
  ...['certificates/{name}', 'certificates/{name}/{version}'].flatMap((path): Operation[] => [
    { name: 'certificates.get', method: 'GET', path, permission: 'get', ...reading, handle: get },
    { name: 'certificates.update', method: 'PATCH', path, ...updating, handle: update },
  ]),
  {
    name: 'certificates.policy.get',
    method: 'GET',
    path: 'certificates/{name}/policy',
    permission: 'get',
    ...reading,
    handle: getPolicy,
  },
  {
    name: 'certificates.policy.update',
    method: 'PATCH',
    path: 'certificates/{name}/policy',
    ...updating,
    handle: setPolicy,
  },
];
