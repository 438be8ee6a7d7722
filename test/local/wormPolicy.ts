/**
 * What a container-level time-based immutability policy refuses, as a table,
 * and what a writer who can only create is refused. Pure: whether the name exists is told, not looked up.
 * An operation that writes and is not in the table is treated as a change, so a new one cannot slip through.
 */
import type { StorageError } from './storageErrors.ts';

type WormRule =
  | 'allowed'
  | 'creates' // allowed on a new name, else an overwrite
  | 'changes' // refused on a blob that exists; without one the target answers 404
  | 'refused';

const rules: Readonly<Record<string, WormRule>> = {
  PutBlob: 'creates',
  PutBlobFromURL: 'creates',
  PutBlock: 'creates',
  PutBlockFromURL: 'creates',
  PutBlockList: 'creates',
  CopyBlob: 'creates',
  CopyBlobFromURL: 'creates',
  AbortCopyBlob: 'allowed',
  SetBlobTier: 'allowed',
  SetBlobTags: 'allowed',
  LeaseBlob: 'allowed',
  QueryBlobContents: 'allowed',
  // These work on versions; without version-level support they cannot loosen the container's policy.
  SetImmutabilityPolicy: 'allowed',
  DeleteImmutabilityPolicy: 'allowed',
  SetLegalHold: 'allowed',
  DeleteBlob: 'changes',
  SetBlobMetadata: 'changes',
  SetBlobProperties: 'changes',
  SetBlobExpiry: 'changes',
  SnapshotBlob: 'changes',
  UndeleteBlob: 'changes',
  IncrementalCopyBlob: 'changes',
  AppendBlock: 'changes', // allowProtectedAppendWrites is off
  AppendBlockFromURL: 'changes',
  AppendBlobSeal: 'changes',
  PutPage: 'changes',
  PutPageFromURL: 'changes',
  CreateContainer: 'allowed',
  SetContainerMetadata: 'allowed',
  SetContainerAcl: 'allowed',
  LeaseContainer: 'allowed',
  RestoreContainer: 'allowed',
  RenameContainer: 'refused',
  DeleteContainer: 'refused',
};

export interface GuardedRequest {
  operation: string;
  write: boolean;
  /** The value of the If-None-Match header. */
  ifNoneMatch: string | undefined;
  exists: boolean;
  worm: boolean;
  createOnly: boolean;
}

const immutable: StorageError = {
  status: 409,
  code: 'BlobImmutableDueToPolicy',
  message: 'This operation is not permitted as the blob is immutable due to a policy.',
};
const alreadyExists: StorageError = {
  status: 409,
  code: 'BlobAlreadyExists',
  message: 'The specified blob already exists.',
};
const noOverwrite: StorageError = {
  status: 403,
  code: 'UnauthorizedBlobOverwrite',
  message: 'This request is not authorized to perform blob overwrites.',
};
const containerLocked: StorageError = {
  status: 409,
  code: 'ContainerImmutabilityPolicyLocked',
  message: 'The requested operation is not allowed as the container has a locked immutability policy.',
};

/** Whether an existing blob of that name would change the verdict. */
export function asksForExistence(operation: string, write: boolean): boolean {
  const rule = ruleOf(operation, write);
  return rule === 'creates' || rule === 'changes';
}

export function refusal(request: GuardedRequest): StorageError | undefined {
  const rule = ruleOf(request.operation, request.write);
  switch (rule) {
    case 'allowed':
      return undefined;
    case 'refused':
      return request.worm ? containerLocked : undefined;
    case 'changes':
      return request.worm && request.exists ? immutable : undefined;
    case 'creates':
      return request.exists ? overwriteRefusal(request) : undefined;
  }
}

function overwriteRefusal(request: GuardedRequest): StorageError | undefined {
  // Authorization comes before conditions. Whether a failed precondition or the policy answers first is not
  // documented; the precondition is what a create with If-None-Match meets without a policy, so it wins here.
  if (request.createOnly) return noOverwrite;
  if (!request.worm) return undefined;
  const takesConditions = request.operation !== 'PutBlock' && request.operation !== 'PutBlockFromURL';
  return takesConditions && request.ifNoneMatch?.trim() === '*' ? alreadyExists : immutable;
}

function ruleOf(operation: string, write: boolean): WormRule {
  return rules[operation] ?? (write ? 'changes' : 'allowed');
}
