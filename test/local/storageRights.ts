/**
 * Which action of Azure's roles a Storage operation needs, and what an identity without it is answered. An operation
 * that is not in the table is allowed to an owner only, so that a new one has to be looked up first.
 * Pure: whether a blob exists, which decides if it may be put with `blobs/add/action`, is looked up elsewhere.
 */
import type { StorageError } from './storageErrors.ts';

/** Actions by container, after `…/blobServices/containers/`. `*`: every other container, or every action. */
export type StorageGrants = Readonly<Record<string, readonly string[]>>;

const read = ['blobs/read'];
const write = ['blobs/write'];
const create = ['blobs/add/action', 'blobs/write'];

/** Each of the actions is enough; `blobs/add/action` on a new name only. Blocks need `write`, so they fit no creator. */
const enough: Readonly<Record<string, readonly string[]>> = {
  GetBlob: read,
  GetBlobProperties: read,
  GetBlobMetadata: read,
  GetBlockList: read,
  ListBlobs: read,
  PutBlob: create,
  PutBlobFromURL: create,
  CopyBlob: create,
  CopyBlobFromURL: create,
  PutBlock: write,
  PutBlockList: write,
  SetBlobMetadata: write,
  SetBlobProperties: write,
  SetBlobTier: write,
  LeaseBlob: write,
  DeleteBlob: ['blobs/delete'],
  SetBlobTags: ['blobs/tags/write'],
  SetImmutabilityPolicy: ['blobs/immutableStorage/runAsSuperUser/action'],
  DeleteImmutabilityPolicy: ['blobs/immutableStorage/runAsSuperUser/action'],
  GetContainerProperties: ['read'],
  GetContainerMetadata: ['read'],
  CreateContainer: ['write'],
  DeleteContainer: ['delete'],
};

export const actionsEnoughFor = (operation: string): readonly string[] => enough[operation] ?? [];

export const permissionMismatch: StorageError = {
  status: 403,
  code: 'AuthorizationPermissionMismatch',
  message: 'This request is not authorized to perform this operation using this permission.',
};

export function rightTo(
  operation: string,
  container: string,
  grants: StorageGrants | undefined,
): 'full' | 'createOnly' | 'none' {
  const granted = grants === undefined ? ['*'] : (grants[container] ?? grants['*'] ?? []);
  const held = actionsEnoughFor(operation).filter((action) => granted.includes(action));
  if (granted.includes('*') || held.some((action) => action !== 'blobs/add/action')) return 'full';
  return held.length > 0 ? 'createOnly' : 'none';
}
