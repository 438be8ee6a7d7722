/** Where a storage account is: by connection string (local work), or by address and identity. */
import type { Secret } from './secretString.ts';

export type StorageAddress =
  | { readonly connectionString: Secret }
  | { readonly blobServiceUri: string; readonly queueServiceUri: string | null };
