/**
 * Both kinds of container in memory, with the refusals of the real ones: no overwrite of what exists, a replace only on
 * the right ETag. The contract suite holds it and the real adapter to the same behaviour.
 */

import type { Clock } from '../../shared/ports/clock.ts';
import type {
  BackupContainer,
  BlobFacts,
  ImmutabilityState,
  NewBlob,
  StateContainer,
} from '../../shared/ports/containers.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastModified: Date;
  readonly etag: string;
}

export interface MemoryContainer extends BackupContainer, StateContainer {
  readonly blobs: Map<string, Stored>;
  /** What the data plane would say of the container's policy. */
  policy: ImmutabilityState;
}

export function memoryContainer(clock: Clock): MemoryContainer {
  const blobs = new Map<string, Stored>();
  let writes = 0;
  const put = (name: string, { bytes, metadata = {} }: Pick<NewBlob, 'bytes' | 'metadata'>) => {
    writes += 1;
    blobs.set(name, {
      bytes: Uint8Array.from(bytes),
      metadata: { ...metadata },
      lastModified: wholeSecond(clock.now()),
      etag: `"${writes}"`,
    });
  };
  const factsOf = (name: string, { bytes, metadata, lastModified }: Stored): BlobFacts => ({
    name,
    size: bytes.length,
    lastModified,
    metadata,
  });

  const container: MemoryContainer = {
    blobs,
    policy: 'policy',
    async create(name, blob) {
      if (blobs.has(name)) return 'exists';
      put(name, blob);
      return 'created';
    },
    async facts(name) {
      const stored = blobs.get(name);
      return stored ? factsOf(name, stored) : null;
    },
    async read(name) {
      const stored = blobs.get(name);
      return stored ? { bytes: Uint8Array.from(stored.bytes), facts: factsOf(name, stored) } : null;
    },
    async *list(prefix) {
      for (const name of [...blobs.keys()].filter((candidate) => candidate.startsWith(prefix)).sort()) {
        const stored = blobs.get(name);
        if (stored) yield factsOf(name, stored);
      }
    },
    async readTagged(name) {
      const stored = blobs.get(name);
      return stored ? { bytes: Uint8Array.from(stored.bytes), etag: stored.etag } : null;
    },
    async replace(name, bytes, etag) {
      if ((blobs.get(name)?.etag ?? null) !== etag) return 'lost';
      put(name, { bytes });
      return 'replaced';
    },
    immutability: async () => container.policy,
    serverTime: async () => wholeSecond(clock.now()),
  };
  return container;
}

/** Storage stamps whole seconds. */
const wholeSecond = (date: Date) => new Date(Math.floor(date.getTime() / 1000) * 1000);
