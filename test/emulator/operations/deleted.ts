/**
 * Delete, get deleted, list deleted, recover, purge: alike for secrets, keys and certificates.
 * The answer to a delete already is the full deleted bundle, while a GET of it still says 404.
 */
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { findDeleted, findLive, purge, recover, refuseManaged, softDelete } from '../lifecycle.ts';
import { page } from '../lists.ts';
import { type Kind, latest } from '../model.ts';
import { deletedFields, folderOf } from '../views.ts';
import { bundleOf, itemOf } from './bundles.ts';
import { deletedEntries } from './listing.ts';
import { secretDisabled } from './secrets.ts';

function remove(kind: Kind, call: Call): Reply {
  const { vault, apiVersion } = call;
  const entry = findLive(vault, kind, nameOf(call));
  refuseManaged(entry, 'delete');
  softDelete(vault, entry);
  return ok({ ...deletedFields(vault, entry), ...bundleOf(vault, entry, apiVersion) });
}

function getDeleted(kind: Kind, call: Call): Reply {
  const { vault, apiVersion } = call;
  const entry = findDeleted(vault, kind, nameOf(call));
  if (entry.kind === 'secret' && !latest(entry.versions).enabled) throw secretDisabled();
  return ok({ ...deletedFields(vault, entry), ...bundleOf(vault, entry, apiVersion) });
}

function listDeleted(kind: Kind, call: Call): Reply {
  const { vault, apiVersion } = call;
  return page(
    call,
    `deleted${folderOf(kind)}`,
    (marker) => deletedEntries(vault, kind, marker),
    (entry) => entry.name.toUpperCase(),
    (entry) => ({ ...deletedFields(vault, entry), ...itemOf(vault, entry, apiVersion) }),
  );
}

function operationsOf(kind: Kind): Operation[] {
  const plural = folderOf(kind);
  const budget = kind === 'key' ? 'keyOther' : 'secretOps';
  const read = kind === 'secret' ? 'secrets/readMetadata/action' : `${plural}/read`;
  const deletedPath = `deleted${plural}/{name}`;
  return [
    {
      name: `${plural}.delete`,
      method: 'DELETE',
      path: `${plural}/{name}`,
      action: `${plural}/delete`,
      permission: 'delete',
      budget,
      changes: true,
      handle: (call) => remove(kind, call),
    },
    {
      name: `${plural}.deleted.list`,
      method: 'GET',
      path: `deleted${plural}`,
      action: read,
      permission: 'list',
      budget,
      changes: false,
      handle: (call) => listDeleted(kind, call),
    },
    {
      name: `${plural}.deleted.get`,
      method: 'GET',
      path: deletedPath,
      action: read,
      permission: 'get',
      budget,
      changes: false,
      handle: (call) => getDeleted(kind, call),
    },
    {
      name: `${plural}.recover`,
      method: 'POST',
      path: `${deletedPath}/recover`,
      action: `${plural}/recover/action`,
      permission: 'recover',
      budget,
      changes: true,
      handle: (call) => ok(bundleOf(call.vault, recover(call.vault, kind, nameOf(call)), call.apiVersion)),
    },
    {
      name: `${plural}.purge`,
      method: 'DELETE',
      path: deletedPath,
      action: `${plural}/purge/action`,
      permission: 'purge',
      budget,
      changes: true,
      handle: (call) => {
        purge(call.vault, kind, nameOf(call));
        return { status: 204 };
      },
    },
  ];
}

export const deletedOperations: Operation[] = (['secret', 'key', 'certificate'] as const).flatMap(
  operationsOf,
);
