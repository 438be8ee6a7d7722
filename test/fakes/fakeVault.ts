/**
 * A vault in memory behind the SourceVault port: objects that tests change, each put a new version of one, blobs with
 * all versions that differ at every backup, and errors by name. No wire, no limits: the emulator judges those.
 */
import { BackupError } from '../../shared/domain/errors.ts';
import {
  describeTags,
  type Kind,
  type ListedObject,
  objectKey,
  sha256Hex,
} from '../../shared/domain/objects.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { GovernedVault, ListPage, SourceVault } from '../../shared/ports/sourceVault.ts';
import { currentOf, type FakeVersion, sealBlob, versionId } from './fakeBlob.ts';

export interface FakeVault extends GovernedVault {
  readonly objects: Map<string, ListedObject>;
  put(kind: Kind, name: string, fields?: Partial<ListedObject>): void;
  remove(kind: Kind, name: string): void;
  /** Thrown by the calls on this object (objectKey), by one operation (`list secret`, `versions keys/k`), or by every call (`*`). */
  readonly errors: Map<string, () => Error>;
  /** Called before each call, so that a test can change the world in between. */
  beforeCall: (operation: string) => void;
  readonly calls: SourceVault;
  readonly made: string[];
  /** Calls per second. */
  readonly rates: { objects: number; keys: number };
  pausedMs: number;
}

export function fakeVault(clock: Clock, pageSize = 25): FakeVault {
  const objects = new Map<string, ListedObject>();
  const former = new Map<string, FakeVersion[]>();
  const errors = new Map<string, () => Error>();
  const made: string[] = [];
  let backups = 0;
  let taken = 0;
  let unreachable: string[] = [];

  function enter(operation: string, key?: string): void {
    fake.beforeCall(operation);
    made.push(operation);
    const error =
      errors.get('*') ?? errors.get(operation) ?? (key === undefined ? undefined : errors.get(key));
    if (error) throw error();
    unreachable = [];
    fake.pausedMs = 0;
  }
  const find = (kind: Kind, name: string): ListedObject => {
    const found = objects.get(objectKey({ kind, name }));
    if (!found) throw new BackupError('notFound', `${kind} ${name} was not found`);
    return found;
  };

  function versionsOf(object: ListedObject): FakeVersion[] {
    const { created, updated, enabled, notBefore, expires, contentType, tagsDigest, x5t, kind } = object;
    const earlier = former.get(objectKey(object)) ?? [];
    const first = earlier.length === 0;
    const version =
      kind === 'key' && first ? 'a'.repeat(32) : versionId(`${objectKey(object)} ${earlier.length}`);
    const publicKeyDigest = kind === 'key' ? (first ? 'b'.repeat(64) : sha256Hex(version)) : null;
    const facts = { created, updated, enabled, notBefore, expires, contentType, tagsDigest, x5t };
    return [...earlier, { version, ...facts, publicKeyDigest }];
  }

  const vaultDate = () => new Date(Math.floor(clock.now().getTime() / 1000) * 1000).toISOString();

  const vault: SourceVault = {
    async listPage(kind, next): Promise<ListPage> {
      enter(`list ${kind}`);
      const all = [...objects.values()]
        .filter((object) => object.kind === kind)
        .sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1));
      const from = Number(next ?? 0);
      const page = all.slice(from, from + pageSize);
      return { objects: page, next: from + pageSize < all.length ? String(from + pageSize) : null };
    },
    async backup(ref) {
      enter(`backup ${objectKey(ref)}`, objectKey(ref));
      const object = find(ref.kind, ref.name);
      backups += 1;
      const { kind, name } = object;
      const bytes = sealBlob({ kind, name, versions: versionsOf(object), sealedBy: 'source' }, backups);
      return { bytes, vaultDate: vaultDate() };
    },
    async versionsPage(ref, next) {
      enter(`versions ${objectKey(ref)}`, objectKey(ref));
      const object = objects.get(objectKey(ref));
      const all = (object ? versionsOf(object) : [])
        .map((version) => ({ ...version, recoveryLevel: null }))
        .sort((a, b) => (a.version < b.version ? -1 : 1));
      const from = Number(next ?? 0);
      return {
        versions: all.slice(from, from + pageSize),
        next: from + pageSize < all.length ? String(from + pageSize) : null,
        vaultDate: vaultDate(),
      };
    },
    async currentKey(name) {
      enter(`get keys/${name.toLowerCase()}`, `keys/${name.toLowerCase()}`);
      const { version, publicKeyDigest } = currentOf(versionsOf(find('key', name)));
      return { keyType: 'RSA', currentVersion: version, publicKeyDigest };
    },
    async rotationPolicy(name) {
      enter(`policy keys/${name.toLowerCase()}`, `keys/${name.toLowerCase()}`);
      find('key', name);
      return {
        expiryTime: 'P90D',
        actions: [{ action: 'Rotate', timeAfterCreate: null, timeBeforeExpiry: 'P30D' }],
      };
    },
    async issuersPage() {
      enter('list issuers');
      return { issuers: [{ name: 'digicert', provider: 'DigiCert' }], next: null };
    },
    region: () => 'westeurope',
  };

  const fake: FakeVault = {
    objects,
    errors,
    made,
    rates: { objects: 40, keys: 2.5 },
    pausedMs: 0,
    beforeCall: () => {},
    calls: vault,
    patientCalls: vault,
    put(kind, name, fields = {}) {
      const ref = { kind, name };
      const before = objects.get(objectKey(ref));
      if (before) former.set(objectKey(ref), versionsOf(before));
      objects.set(objectKey(ref), {
        ...ref,
        ...blank,
        created: blank.created + (former.get(objectKey(ref))?.length ?? 0),
        updated: Math.floor(clock.now().getTime() / 1000) - 3600,
        ...fields,
      });
    },
    remove(kind, name) {
      objects.delete(objectKey({ kind, name }));
      former.delete(objectKey({ kind, name }));
    },
    pace: {
      callsPerSecond: (budget) => fake.rates[budget === 'keys' ? 'keys' : 'objects'],
      pausedForMs: () => fake.pausedMs,
      sawUnreachable: (key) => {
        unreachable.push(key);
        const outage = unreachable.length >= 3 && new Set(unreachable).size > 1;
        fake.pausedMs = outage ? 30_000 : 0;
        return outage;
      },
    },
    meter: {
      take: () => {
        const count = { vault: made.length - taken, throttled: 0 };
        taken = made.length;
        return count;
      },
      giveBack: ({ vault: count }) => {
        taken -= count;
      },
    },
  };
  return fake;
}

const blank = {
  created: 1_700_000_000,
  enabled: true,
  notBefore: null,
  expires: null,
  contentType: null,
  ...describeTags({ team: 'payments' }),
  managed: false,
  x5t: null,
} as const;
