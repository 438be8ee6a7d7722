/** What a fake target is given by portable copies: versions made anew, with values that only a test reads again. */
import { BackupError } from '../../shared/domain/errors.ts';
import { describeTags, type Kind, type ObjectRef, objectKey } from '../../shared/domain/objects.ts';
import type { NewVersion, TargetVault, VersionFacts } from '../../shared/ports/targetVault.ts';
import { currentOf, type FakeVersion } from './fakeBlob.ts';
import type { TargetShelf } from './targetShelf.ts';

interface Inside {
  readonly shelf: TargetShelf;
  write<T>(verb: string, subject: string, effect: () => T): Promise<T>;
  put(kind: Kind, name: string, fields: Partial<FakeVersion>): string;
  factsOf(version: FakeVersion): VersionFacts;
}

export interface TargetValues {
  readonly calls: Pick<TargetVault, 'setSecret' | 'importCertificate' | 'hasIssuer'>;
  /** Of each version in the order they were made; null for one that was not given by a copy. */
  valuesOf(ref: ObjectRef): (string | null)[];
}

export function createTargetValues({ shelf, write, put, factsOf }: Inside): TargetValues {
  const values = new Map<string, string>();

  const make = (verb: string, ref: ObjectRef, version: NewVersion, x5t: string | null) =>
    write(verb, objectKey(ref), () => {
      const found = shelf.get(ref);
      if (found?.managed) throw new BackupError('managed', `a certificate owns ${objectKey(ref)}`);
      if (found ? found.phase !== 'live' : shelf.isTaken(ref))
        throw new BackupError('conflict', `${objectKey(ref)} is taken`);
      const { value, tags, enabled, notBefore, expires } = version;
      const { tagsDigest } = describeTags(tags);
      const contentType = ref.kind === 'secret' ? version.contentType : null;
      const id = put(ref.kind, ref.name, { contentType, tagsDigest, enabled, notBefore, expires, x5t });
      values.set(id, value);
      return factsOf(currentOf(shelf.get(ref)?.versions ?? []));
    });

  return {
    calls: {
      setSecret: async (name, version) => ({
        facts: await make('set', { kind: 'secret', name }, version, null),
        kept: true,
      }),
      // As a PFX holds its certificate, the fake value holds its thumbprint.
      importCertificate: (name, version) =>
        make('import', { kind: 'certificate', name }, version, version.value.split(' ').at(-1) ?? null),
      hasIssuer: async () => false,
    },
    valuesOf: (ref) => (shelf.get(ref)?.versions ?? []).map(({ version }) => values.get(version) ?? null),
  };
}
