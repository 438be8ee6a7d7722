/** SDK clients from settings: by connection string (local work) or by address and identity. */
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { StorageAddress } from '../domain/storageAddress.ts';

const retryOptions = { maxTries: 3, tryTimeoutInMs: 30_000, retryDelayInMs: 500 };

export const azureCredential = (clientId: string | null): TokenCredential =>
  new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});

export function containerClient(
  address: StorageAddress,
  credential: TokenCredential,
  container: string,
): ContainerClient {
  const service =
    'connectionString' in address
      ? BlobServiceClient.fromConnectionString(address.connectionString.reveal(), { retryOptions })
      : new BlobServiceClient(address.blobServiceUri, credential, { retryOptions });
  return service.getContainerClient(container);
}

export const queueClient = (
  address: StorageAddress,
  credential: TokenCredential,
  queue: string,
): QueueClient => queueService(address, credential).getQueueClient(queue);

export const queueService = (address: StorageAddress, credential: TokenCredential): QueueServiceClient =>
  'connectionString' in address
    ? QueueServiceClient.fromConnectionString(address.connectionString.reveal(), { retryOptions })
    : new QueueServiceClient(address.queueServiceUri ?? '', credential, { retryOptions });
