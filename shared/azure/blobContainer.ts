/**
 * Both kinds of container on the real Blob client. Creation is one Put Blob with If-None-Match: * and Content-MD5;
 * 409 (or 403 from a create-only role) is followed by a HEAD, and "already there" is a normal answer.
 * Blob calls keep the SDK's own retries: reads and conditional creates bear them, and Azure Storage is not the
 * resource that production must not feel. Each call has an end of its own, retries and body included: the SDK's
 * tryTimeoutInMs only tells the service, and one that answers nothing would be waited for without end.
 */
import { createHash } from 'node:crypto';
import { isRestError } from '@azure/core-rest-pipeline';
import type { ContainerClient } from '@azure/storage-blob';
import { asBackupError, BackupError } from '../domain/errors.ts';
import type { BackupContainer, BlobFacts, NewBlob, StateContainer } from '../ports/containers.ts';
import { describeFailure } from './describeFailure.ts';

const contentMd5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();
/** Each item is parsed from XML with its metadata: 5,000 at once, the default, cost 100 MB for a moment. */
const maxPageSize = 1000;
const statusOf = (error: unknown) => (isRestError(error) ? error.statusCode : undefined);

export function blobContainer(
  container: ContainerClient,
  callTimeoutMs: number,
): BackupContainer & StateContainer {
  const inTime = () => ({ abortSignal: AbortSignal.timeout(callTimeoutMs) });
  const target = `container ${container.containerName}`;

  async function call<T>(operation: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw describeFailure(error, { target, operation }, null);
    }
  }

  async function put(
    name: string,
    blob: NewBlob,
    conditions: { ifNoneMatch?: string; ifMatch?: string },
  ): Promise<void> {
    const { bytes, contentType, metadata } = blob;
    await container.getBlockBlobClient(name).upload(bytes, bytes.length, {
      ...inTime(),
      conditions,
      blobHTTPHeaders: { blobContentType: contentType },
      transactionalContentMD5: contentMd5(bytes),
      ...(metadata ? { metadata: { ...metadata } } : {}),
    });
  }

  async function facts(name: string): Promise<BlobFacts | null> {
    return call(`look-up of ${name}`, async () => {
      try {
        const found = await container.getBlobClient(name).getProperties(inTime());
        return {
          name,
          size: found.contentLength ?? 0,
          lastModified: found.lastModified ?? new Date(0),
          metadata: found.metadata ?? {},
        };
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  async function downloadOnce(name: string) {
    const answer = await container.getBlobClient(name).download(0, undefined, inTime());
    return { answer, bytes: await bytesOf(answer.readableStreamBody) };
  }

  async function download(name: string) {
    return call(`read of ${name}`, async () => {
      try {
        const first = await downloadOnce(name);
        // Garbled on the way, or changed where it lies: the second look tells.
        return isWhole(first) ? first : await downloadOnce(name);
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  return {
    facts,

    async create(name, blob) {
      try {
        await put(name, blob, { ifNoneMatch: '*' });
        return 'created';
      } catch (error) {
        const status = statusOf(error);
        // 409: the name is taken. 403: a create-only role may not overwrite, or may not write at all: the HEAD tells.
        const isTaken = status === 409 || status === 412;
        if ((isTaken || status === 403) && (await facts(name))) return 'exists';
        // Nobody's conflict: whoever asks again finds the name free, or taken.
        if (isTaken)
          throw new BackupError('unreachable', `${target} said that ${name} is there, and it is not`, {
            cause: error,
            hint: 'It is tried again. If it goes on, look at the storage account.',
          });
        throw describeFailure(error, { target, operation: `creation of ${name}` }, null);
      }
    },

    async read(name) {
      const found = await download(name);
      if (!found) return null;
      const { answer, bytes } = found;
      return {
        bytes,
        facts: {
          name,
          size: bytes.length,
          lastModified: answer.lastModified ?? new Date(0),
          metadata: answer.metadata ?? {},
        },
      };
    },

    async readTagged(name) {
      const found = await download(name);
      return found && { bytes: found.bytes, etag: found.answer.etag ?? '' };
    },

    async replace(name, bytes, etag) {
      try {
        await put(
          name,
          { bytes, contentType: 'application/json' },
          etag === null ? { ifNoneMatch: '*' } : { ifMatch: etag },
        );
        return 'replaced';
      } catch (error) {
        if (statusOf(error) === 412 || statusOf(error) === 409) return 'lost';
        throw describeFailure(error, { target, operation: `write of ${name}` }, null);
      }
    },

    async *list(prefix) {
      try {
        for (let continuationToken = ''; ; ) {
          // A page at a time, each with a time of its own: whoever reads the list may be slow.
          const pages = container.listBlobsFlat({ prefix, includeMetadata: true, ...inTime() });
          const { value: page } = await pages
            .byPage({ maxPageSize, ...(continuationToken === '' ? {} : { continuationToken }) })
            .next();
          for (const item of page?.segment.blobItems ?? []) {
            yield {
              name: item.name,
              size: item.properties.contentLength ?? 0,
              lastModified: item.properties.lastModified,
              metadata: item.metadata ?? {},
            };
          }
          if (!page?.continuationToken) return;
          continuationToken = page.continuationToken;
        }
      } catch (error) {
        throw describeFailure(error, { target, operation: `list of ${prefix}` }, null);
      }
    },

    async immutability() {
      try {
        const { hasImmutabilityPolicy } = await container.getProperties(inTime());
        return hasImmutabilityPolicy === true ? 'policy' : 'none';
      } catch {
        return 'unknown';
      }
    },

    async serverTime() {
      return call('look-up', async () => {
        const { date } = await container.getProperties(inTime());
        if (!date) throw asBackupError(new Error(`${target} answered without a Date header`));
        return date;
      });
    },
  };
}

/** By the digest that storage keeps of what was written. */
const isWhole = ({ answer, bytes }: { answer: { contentMD5?: Uint8Array }; bytes: Uint8Array }) =>
  answer.contentMD5 === undefined || contentMd5(bytes).equals(answer.contentMD5);

async function bytesOf(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
