/** What a test sets on the storage proxy and what it sees of the requests that pass. */
import type { RequestCount, RequestFilter } from './requestCounts.ts';
import type { StorageGrants } from './storageRights.ts';

export interface StorageProxyOptions {
  /** Azurite's blob or queue origin, http://127.0.0.1:port. */
  target: string;
  port?: number;
  kind: 'blob' | 'queue';
  /** Containers under an active time-based container-level policy. */
  worm?: string[];
  /** Containers whose writer can only create: an overwrite is a 403, before any condition is looked at. */
  createOnly?: string[];
  /** Identities with what they may do. Each has an address of its own, because all come with the one key of the account. */
  identities?: Readonly<Record<string, StorageGrants>>;
  /** For the proxy's own look whether a blob exists. Default: the development account's. */
  accountKey?: string;
}

export interface StorageRequest {
  kind: 'blob' | 'queue';
  operation: string;
  container: string;
  name: string;
  identity?: string | undefined;
  /** Of a listing. */
  prefix?: string;
  method: string;
  /** Not a GET or HEAD. */
  write: boolean;
  /** The nth request to this proxy, from 1. */
  sequence: number;
  body: Buffer;
  /** Known to `after` hooks only. */
  status?: number;
  /** The body of the answer; known to `after` hooks only. */
  answer?: Buffer;
}

export type StorageFault =
  | { status: number; code: string; message?: string }
  | { reset: true }
  | { hang: true };

export type BeforeHook = (r: StorageRequest) => void | StorageFault | Promise<StorageFault | void>;
/** What an `after` hook may make of an answer: the request was served, and its answer is lost, replaced or has other bytes. */
export type SpoiledAnswer = StorageFault | { body: Buffer };
export type AfterHook = (r: StorageRequest) => void | SpoiledAnswer | Promise<SpoiledAnswer | void>;

export interface StorageProxy {
  /** For somebody with every right. */
  url: string;
  /** The address for an identity. */
  urlFor(identity: string): string;
  counters(): RequestCount[];
  count(filter: RequestFilter): number;
  resetCounters(): void;
  setPolicy(container: string, policy: 'locked' | 'none'): void;
  /** Runs before the request is judged and forwarded; the first fault returned is the answer. */
  before(hook: BeforeHook): () => void;
  /** Runs when the answer is there (the target's, the policy's or a fault's) and before the client gets it; may spoil it. */
  after(hook: AfterHook): () => void;
  stop(): Promise<void>;
}
