/**
 * Where a timer remembers its last and next occurrence over restarts: the blob that the timers extension uses,
 * `azure-webjobs-hosts/timers/<hostId>/Host.Functions.<fn>/status`, or a file where no blob storage is configured.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BlobServiceClient } from '@azure/storage-blob';

const CONTAINER = 'azure-webjobs-hosts';

export interface ScheduleStatus {
  /** undefined: it never ran. */
  last: Date | undefined;
  next: Date;
  lastUpdated: Date;
}

export interface TimerStatusStore {
  read(functionName: string): Promise<ScheduleStatus | undefined>;
  write(functionName: string, status: ScheduleStatus): Promise<void>;
}

const NEVER = '0001-01-01T00:00:00'; // default(DateTime)

/** The names and dates that .NET writes; the trigger's payload has them too. */
export function toDotNet(status: ScheduleStatus): { Last: string; Next: string; LastUpdated: string } {
  const text = (date: Date | undefined) =>
    date === undefined ? NEVER : date.toISOString().replace('Z', '+00:00');
  return { Last: text(status.last), Next: text(status.next), LastUpdated: text(status.lastUpdated) };
}

function fromDotNet(json: string): ScheduleStatus {
  const stored = JSON.parse(json) as { Last: string; Next: string; LastUpdated: string };
  return {
    last: stored.Last.startsWith('0001-') ? undefined : new Date(stored.Last),
    next: new Date(stored.Next),
    lastUpdated: new Date(stored.LastUpdated),
  };
}

function statusPath(hostId: string, functionName: string): string {
  return `timers/${hostId}/Host.Functions.${functionName}/status`;
}

export function createTimerStatusStore(storage: string | undefined, hostId: string): TimerStatusStore {
  return storage !== undefined && namesBlobs(storage) ? blobStore(storage, hostId) : fileStore(hostId);
}

function namesBlobs(storage: string): boolean {
  if (/UseDevelopmentStorage=true|BlobEndpoint=/i.test(storage)) return true;
  return /AccountName=/i.test(storage) && !/QueueEndpoint=/i.test(storage);
}

function blobStore(storage: string, hostId: string): TimerStatusStore {
  const service = BlobServiceClient.fromConnectionString(storage, {
    retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1_000, tryTimeoutInMs: 30_000 },
  });
  const container = service.getContainerClient(CONTAINER);
  return {
    read: async (functionName) => {
      const blob = container.getBlockBlobClient(statusPath(hostId, functionName));
      try {
        // One request: downloadToBuffer asks for the length first, and the status may be written in between.
        const { readableStreamBody } = await blob.download();
        return fromDotNet(await text(readableStreamBody ?? Readable.from([])));
      } catch (error) {
        if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
        throw error;
      }
    },
    write: async (functionName, status) => {
      await container.createIfNotExists();
      const json = JSON.stringify(toDotNet(status));
      await container
        .getBlockBlobClient(statusPath(hostId, functionName))
        .upload(json, Buffer.byteLength(json));
    },
  };
}

function fileStore(hostId: string): TimerStatusStore {
  const fileOf = (functionName: string) => path.join(tmpdir(), CONTAINER, statusPath(hostId, functionName));
  return {
    read: (functionName) => {
      try {
        return Promise.resolve(fromDotNet(readFileSync(fileOf(functionName), 'utf8')));
      } catch {
        return Promise.resolve(undefined); // absent or unreadable: as if it never ran
      }
    },
    write: (functionName, status) => {
      const file = fileOf(functionName);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(toDotNet(status)));
      return Promise.resolve();
    },
  };
}
