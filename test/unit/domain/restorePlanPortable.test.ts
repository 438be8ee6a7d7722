/** What a restore by portable copies will do to each object: nothing is deleted for it, and what has no copy says why. */
import { describe, expect, test } from 'vitest';
import type { SameGeography } from '../../../shared/domain/geography.ts';
import { type Kind, objectKey } from '../../../shared/domain/objects.ts';
import { emptyLine, type PortableLine, type PortableOutcome } from '../../../shared/domain/portablePoint.ts';
import { planRestore, type TakenName } from '../../../shared/domain/restorePlan.ts';
import type { ConflictPolicy, RestoreMode } from '../../../shared/domain/restoreRequest.ts';
import { line as lineOf } from './arbitraries.ts';

const created = 1_700_000_000;
const copyOf = (kind: Kind, outcome: PortableOutcome, x5t: string | null = null): PortableLine => ({
  ...emptyLine,
  kind,
  name: 'db',
  outcome,
  blob: outcome === 'stored' || outcome === 'carried' ? 'somewhere.jwe' : null,
  reason: outcome === 'stored' ? null : 'as it says',
  x5t,
});
const taken = (kind: Kind, fields: Partial<TakenName> = {}): TakenName => ({
  kind,
  name: 'db',
  managed: false,
  // Purge protection does not matter: nothing is purged.
  recoveryLevel: 'Recoverable',
  created,
  updated: created + 9,
  enabled: null,
  notBefore: null,
  expires: null,
  contentType: null,
  tagsDigest: null,
  x5t: null,
  ...fields,
});
const byKey = (objects: readonly TakenName[] = []) =>
  new Map(objects.map((object) => [objectKey(object), object]));

interface Case {
  readonly kind?: Kind;
  readonly copy?: PortableLine | null;
  readonly live?: TakenName[];
  readonly deleted?: TakenName[];
  readonly mode?: RestoreMode;
  readonly geography?: SameGeography;
  readonly onConflict?: ConflictPolicy;
  readonly allowReplace?: boolean;
  /** The point has no copies at all. */
  readonly none?: boolean;
}

function decided({
  kind = 'secret',
  copy = copyOf(kind, 'stored'),
  live,
  deleted,
  mode = 'portable',
  geography = 'different',
  onConflict = 'fail',
  allowReplace = true,
  none = false,
}: Case) {
  const line = lineOf({ kind, name: 'db', created, updated: created });
  const lines = new Map(copy ? [[objectKey(line), copy]] : []);
  const [planned] = planRestore(
    [line],
    { live: byKey(live), deleted: byKey(deleted), geography },
    { onConflict, allowReplace },
    { mode, lines: none ? null : lines },
  );
  if (!planned) throw new Error('nothing was planned');
  return planned;
}

describe('by its copy', () => {
  test.each<[string, Case, string, RegExp]>([
    ['a free name', {}, 'restore', /its copy brings it/],
    ['a carried copy', { copy: copyOf('secret', 'carried') }, 'restore', /its copy brings it/],
    ['no copy of it', { copy: null }, 'blocked', /has no portable copy/],
    ['none of the point', { none: true }, 'blocked', /the recovery point has no portable copies/],
    [
      'a key',
      { kind: 'key', copy: copyOf('key', 'notExportable') },
      'blocked',
      /\(notExportable\): as it says/,
    ],
    ['a disabled one', { copy: copyOf('secret', 'disabled') }, 'blocked', /\(disabled\): as it says/],
    ['a failed one', { copy: copyOf('secret', 'failed') }, 'blocked', /\(failed\): as it says/],
    ['a taken name', { live: [taken('secret')] }, 'conflict', /the target has one of this name/],
    ['a taken name, to skip', { live: [taken('secret')], onConflict: 'skip' }, 'skip', /left alone/],
    [
      'a taken name, to replace',
      { live: [taken('secret')], onConflict: 'replace' },
      'replace',
      /on top of its own/,
    ],
    [
      'a taken name, to replace where that is not allowed',
      { live: [taken('secret')], onConflict: 'replace', allowReplace: false },
      'blocked',
      /allowReplace/,
    ],
    [
      'a soft-deleted one, whatever the policy',
      { deleted: [taken('secret')], onConflict: 'replace' },
      'conflict',
      /soft-deleted one holds the name; recover or purge it/,
    ],
    ['a soft-deleted one, to skip', { deleted: [taken('secret')], onConflict: 'skip' }, 'skip', /left alone/],
    [
      'a certificate’s secret',
      { live: [taken('secret', { managed: true })], onConflict: 'replace' },
      'conflict',
      /a certificate of the target owns the secret/,
    ],
    [
      'the same certificate',
      {
        kind: 'certificate',
        copy: copyOf('certificate', 'stored', 'a-thumbprint'),
        live: [taken('certificate', { x5t: 'a-thumbprint' })],
        onConflict: 'replace',
      },
      'skip',
      /it already is the certificate/,
    ],
    [
      'a certificate whose name a key has',
      { kind: 'certificate', copy: copyOf('certificate', 'stored', 'a'), live: [taken('key')] },
      'conflict',
      /has a key of this name/,
    ],
  ])('%s', (_what, given, action, why) => {
    const planned = decided(given);
    expect([planned.action, planned.via]).toEqual([action, 'portable']);
    expect(planned.why).toMatch(why);
  });
});

describe('auto', () => {
  const taking = { live: [taken('secret', { recoveryLevel: 'Recoverable+Purgeable' })] };

  test.each<[string, Case, string, string | undefined]>([
    ['into another geography goes by copies', { geography: 'different' }, 'restore', 'portable'],
    ['in the same geography may turn to copies', { geography: 'same' }, 'restore', 'either'],
    ['where the geography is unknown too', { geography: 'unknown' }, 'restore', 'either'],
    [
      'over a taken name too, for the subscription may be another one',
      { geography: 'same', onConflict: 'replace', ...taking },
      'replace',
      'either',
    ],
    ['of a conflict says nothing of the way', { geography: 'same', ...taking }, 'conflict', undefined],
  ])('%s', (_what, given, action, via) => {
    const planned = decided({ mode: 'auto', ...given });
    expect([planned.action, planned.via]).toEqual([action, via]);
    expect(planned.copy === undefined).toBe(via === undefined);
  });
});

test('native never takes a copy, also where nothing else would help', () => {
  const planned = decided({ mode: 'native' });
  expect([planned.action, planned.via]).toEqual(['blocked', undefined]);
  expect(planned.why).toMatch(/^wrongGeography: .*another geography.*portable/);
});
