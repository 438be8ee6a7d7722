/** What the tests of this folder share: one Azurite, a proxy before its blob port, and a client that does not repeat. */
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type Azurite, startAzurite } from './azurite.ts';
import { type StorageProxy, type StorageProxyOptions, startStorageProxy } from './storageProxy.ts';

export interface ProxiedStorage {
  azurite: Azurite;
  proxy: StorageProxy;
  /** Through the proxy. */
  blobs: BlobServiceClient;
  /** Past the proxy. */
  direct: BlobServiceClient;
  stop(): Promise<void>;
}

export const blockId = Buffer.from('block-1').toString('base64');

export async function startProxiedStorage(
  options: Partial<StorageProxyOptions> = {},
): Promise<ProxiedStorage> {
  const azurite = await startAzurite();
  const proxy = await startStorageProxy({
    target: new URL(azurite.blobUrl).origin,
    kind: 'blob',
    ...options,
  });
  return {
    azurite,
    proxy,
    blobs: blobService(proxy.url, azurite),
    direct: blobService(new URL(azurite.blobUrl).origin, azurite),
    stop: async () => {
      await proxy.stop();
      await azurite.stop();
    },
  };
}

export function blobService(origin: string, { accountName, accountKey }: Azurite): BlobServiceClient {
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  return new BlobServiceClient(`${origin}/${accountName}`, credential, { retryOptions: { maxTries: 1 } });
}
