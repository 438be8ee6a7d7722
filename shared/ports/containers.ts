/**
 * Two kinds of container. The immutable one can be added to and read, and has no other verb: a code path that would
 * overwrite or delete a backup cannot be written against it. The state container can also replace, on an ETag.
 *
 * Errors: every method rejects with a BackupError (unreachable, forbidden, internal); "already there" is no error.
 */
export interface BlobFacts {
  readonly name: string;
  readonly size: number;
  /** The store's clock. */
  readonly lastModified: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface NewBlob {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ImmutableContainer {
  /** One conditional Put Blob; the first writer wins. `exists` says nothing about whose bytes are there: ask facts. */
  create(name: string, blob: NewBlob): Promise<'created' | 'exists'>;
  facts(name: string): Promise<BlobFacts | null>;
  read(name: string): Promise<{ bytes: Uint8Array; facts: BlobFacts } | null>;
  /** In order of name, metadata included. */
  list(prefix: string): AsyncIterable<BlobFacts>;
}

export type ImmutabilityState = 'policy' | 'none' | 'unknown';

export interface BackupContainer extends ImmutableContainer {
  /** As the data plane tells it: whether there is a policy, not its state or period. Never rejects. */
  immutability(): Promise<ImmutabilityState>;
}

export interface StateContainer extends ImmutableContainer {
  readTagged(name: string): Promise<{ bytes: Uint8Array; etag: string } | null>;
  /** Writes if the blob still has this ETag; null means: if there is no such blob. */
  replace(name: string, bytes: Uint8Array, etag: string | null): Promise<'replaced' | 'lost'>;
  /** The store's clock now. */
  serverTime(): Promise<Date>;
}
