/**
 * The immutability policy as the real client meets it, operation by operation; Azurite alone would let all of them pass.
 * Each refused operation is one that succeeds when the policy is off, except where Azurite does not know it.
 */
import { type BlobServiceClient, RestError } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockId, type ProxiedStorage, startProxiedStorage } from './proxiedStorage.ts';
import { refusal } from './wormPolicy.ts';

let stack: ProxiedStorage;
let service: BlobServiceClient;
let number = 0;

beforeAll(async () => {
  stack = await startProxiedStorage();
  service = stack.blobs;
});
afterAll(() => stack.stop());

/** A container with one blob of each type, locked when the blobs are there. */
async function fixture(policy: 'locked' | 'none') {
  const container = service.getContainerClient(`case-${++number}`);
  await container.create();
  const blob = container.getBlockBlobClient('runs/1/name');
  await blob.stageBlock(blockId, 'staged', 6);
  await blob.commitBlockList([blockId], { metadata: { kept: 'yes' } });
  const append = container.getAppendBlobClient('append');
  await append.create();
  const page = container.getPageBlobClient('page');
  await page.create(512);
  const source = container.getBlockBlobClient('source');
  await source.upload('other', 5);
  stack.proxy.setPolicy(container.containerName, policy);
  return { container, blob, append, page, source, fresh: container.getBlockBlobClient('runs/1/fresh') };
}
type Fixture = Awaited<ReturnType<typeof fixture>>;
type Operation = (f: Fixture) => Promise<unknown>;

const refused: Record<string, Operation> = {
  PutBlob: (f) => f.blob.upload('new', 3),
  'PutBlob of another type': (f) => f.container.getAppendBlobClient(f.blob.name).create(),
  'PutBlob with another condition': (f) => f.blob.upload('new', 3, { conditions: { ifNoneMatch: '"0x1"' } }),
  PutBlock: (f) => f.blob.stageBlock(blockId, 'new', 3),
  PutBlockList: (f) => f.blob.commitBlockList([blockId]),
  CopyBlob: async (f) => (await f.blob.beginCopyFromURL(f.source.url)).pollUntilDone(),
  CopyBlobFromURL: (f) => f.blob.syncCopyFromURL(f.source.url),
  DeleteBlob: (f) => f.blob.delete(),
  'DeleteBlob with snapshots': (f) => f.blob.delete({ deleteSnapshots: 'include' }),
  SetBlobMetadata: (f) => f.blob.setMetadata({ kept: 'no' }),
  SetBlobProperties: (f) => f.blob.setHTTPHeaders({ blobContentType: 'text/plain' }),
  SnapshotBlob: (f) => f.blob.createSnapshot(),
  AppendBlock: (f) => f.append.appendBlock('more', 4),
  PutPage: (f) => f.page.uploadPages(Buffer.alloc(512), 0, 512),
};
const refusedUnknownToAzurite: Record<string, Operation> = {
  PutBlobFromURL: (f) => f.blob.syncUploadFromURL(f.source.url),
  UndeleteBlob: (f) => f.blob.undelete(),
  AppendBlobSeal: (f) => f.append.seal(),
};
const allowed: Record<string, Operation> = {
  'PutBlob of a new name': (f) => f.fresh.upload('new', 3),
  'PutBlob of a new name, conditionally': (f) =>
    f.fresh.upload('new', 3, { conditions: { ifNoneMatch: '*' } }),
  'PutBlock and PutBlockList of a new name': async (f) => {
    await f.fresh.stageBlock(blockId, 'new', 3);
    await f.fresh.stageBlock(blockId, 'new', 3);
    await f.fresh.commitBlockList([blockId]);
  },
  'CopyBlob to a new name': async (f) => (await f.fresh.beginCopyFromURL(f.source.url)).pollUntilDone(),
  SetBlobTier: (f) => f.blob.setAccessTier('Cool'),
  SetBlobTags: (f) => f.blob.setTags({ a: 'b' }),
  LeaseBlob: (f) => f.blob.getBlobLeaseClient().acquireLease(15),
  LeaseContainer: (f) => f.container.getBlobLeaseClient().acquireLease(15),
  SetContainerMetadata: (f) => f.container.setMetadata({ a: 'b' }),
  SetContainerAcl: (f) => f.container.setAccessPolicy(),
  GetBlob: (f) => f.blob.downloadToBuffer(),
  GetBlobTags: (f) => f.blob.getTags(),
  ListBlobs: (f) => f.container.listBlobsFlat().next(),
};

async function codeOf(operation: Promise<unknown>): Promise<string> {
  try {
    await operation;
    return 'succeeded';
  } catch (error) {
    if (error instanceof RestError) return `${error.statusCode} ${error.code}`;
    throw error;
  }
}

describe('a locked policy', () => {
  test.each(Object.entries({ ...refused, ...refusedUnknownToAzurite }))(
    'refuses %s',
    async (_name, operation) => {
      const f = await fixture('locked');
      await expect(codeOf(operation(f))).resolves.toBe('409 BlobImmutableDueToPolicy');
      await expect(f.blob.downloadToBuffer()).resolves.toEqual(Buffer.from('staged'));
      const properties = await f.blob.getProperties();
      expect(properties.metadata).toEqual({ kept: 'yes' });
      expect(properties.contentType).toBe('application/octet-stream');
    },
  );

  test.each(Object.entries(allowed))('allows %s', async (_name, operation) => {
    await expect(operation(await fixture('locked'))).resolves.not.toThrow();
  });

  test('refuses to delete the container', async () => {
    const { container } = await fixture('locked');
    await expect(codeOf(container.delete())).resolves.toBe('409 ContainerImmutabilityPolicyLocked');
    await expect(container.exists()).resolves.toBe(true);
  });

  test('refuses batches', async () => {
    const { blob, container } = await fixture('locked');
    const atAccount = service.getBlobBatchClient().deleteBlobs([blob]);
    await expect(codeOf(atAccount)).resolves.toBe('501 NotImplemented');
    await expect(codeOf(container.getBlobBatchClient().deleteBlobs([blob]))).resolves.toBe(
      '501 NotImplemented',
    );
    await expect(blob.exists()).resolves.toBe(true);
  });

  test('leaves the answer about a missing blob to storage', async () => {
    const { fresh } = await fixture('locked');
    await expect(codeOf(fresh.delete())).resolves.toBe('404 BlobNotFound');
  });

  test('gives the documented message', async () => {
    const { blob } = await fixture('locked');
    await expect(blob.delete()).rejects.toThrow(
      /^This operation is not permitted as the blob is immutable due to a policy\.\nRequestId:/,
    );
  });

  const conditions = { ifNoneMatch: '*' };
  test.each<[string, Operation]>([
    ['PutBlob', (f) => f.blob.upload('new', 3, { conditions })],
    ['PutBlockList', (f) => f.blob.commitBlockList([blockId], { conditions })],
    ['CopyBlobFromURL', (f) => f.blob.syncCopyFromURL(f.source.url, { conditions })],
  ])('a conditional %s meets its own condition first', async (_name, operation) => {
    await expect(codeOf(operation(await fixture('locked')))).resolves.toBe('409 BlobAlreadyExists');
  });

  test.each([{ conditions }, {}])(
    'of 20 writes of one name at once, one gets through %o',
    async (options) => {
      const { fresh } = await fixture('locked');
      const writes = Array.from({ length: 20 }, (_, index) =>
        codeOf(fresh.upload(`${index % 10}`, 1, options)),
      );
      const codes = await Promise.all(writes);
      const winner = codes.indexOf('succeeded');
      expect(codes.filter((code) => code === 'succeeded')).toHaveLength(1);
      await expect(fresh.downloadToBuffer()).resolves.toEqual(Buffer.from(`${winner % 10}`));
    },
  );
});

describe('no policy', () => {
  test.each(Object.entries(refused))('allows %s', async (_name, operation) => {
    await expect(codeOf(operation(await fixture('none')))).resolves.toBe('succeeded');
  });

  test('allows what it refused before it was taken away', async () => {
    const { container, blob } = await fixture('locked');
    await expect(codeOf(blob.delete())).resolves.toBe('409 BlobImmutableDueToPolicy');
    stack.proxy.setPolicy(container.containerName, 'none');
    await blob.delete();
    await container.delete();
  });
});

test('a container says whether it has a policy', async () => {
  const { container: locked } = await fixture('locked');
  const { container: open } = await fixture('none');
  await expect(locked.getProperties()).resolves.toMatchObject({
    hasImmutabilityPolicy: true,
    hasLegalHold: false,
  });
  await expect(open.getProperties()).resolves.toMatchObject({
    hasImmutabilityPolicy: false,
    hasLegalHold: false,
  });

  const listed = new Map<string, boolean | undefined>();
  for await (const item of service.listContainers())
    listed.set(item.name, item.properties.hasImmutabilityPolicy);
  expect(listed.get(locked.containerName)).toBe(true);
  expect(listed.get(open.containerName)).toBe(false);
});

describe('what no client here can ask of Azurite', () => {
  const request = { write: true, ifNoneMatch: undefined, exists: true, worm: true, createOnly: false };
  const codeFor = (operation: string, changed: Partial<typeof request> = {}): string | undefined =>
    refusal({ ...request, ...changed, operation })?.code;

  test.each([
    'PutBlockFromURL',
    'AppendBlockFromURL',
    'PutPageFromURL',
    'IncrementalCopyBlob',
    'SetBlobExpiry',
    'Unknown(PUT new)',
  ])('%s is refused on a blob that exists', (operation) => {
    expect(codeFor(operation)).toBe('BlobImmutableDueToPolicy');
    expect(codeFor(operation, { exists: false })).toBeUndefined();
    expect(codeFor(operation, { worm: false })).toBeUndefined();
  });

  test.each([
    'AbortCopyBlob',
    'QueryBlobContents',
    'SetImmutabilityPolicy',
    'DeleteImmutabilityPolicy',
    'SetLegalHold',
  ])('%s is left to storage', (operation) => {
    expect(codeFor(operation)).toBeUndefined();
  });

  test('a read that the table does not know passes', () => {
    expect(refusal({ ...request, write: false, operation: 'Unknown(GET new)' })).toBeUndefined();
  });

  test('a container cannot be renamed', () => {
    expect(codeFor('RenameContainer', { exists: false })).toBe('ContainerImmutabilityPolicyLocked');
  });

  test('a block takes no condition', () => {
    for (const operation of ['PutBlock', 'PutBlockFromURL'])
      expect(refusal({ ...request, operation, ifNoneMatch: '*' })?.code).toBe('BlobImmutableDueToPolicy');
  });
});
