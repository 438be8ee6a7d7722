/** The vocabulary: keys, budgets and the digest of tags. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  callsPerCapture,
  describeTags,
  laneOf,
  objectKey,
  sha256Hex,
} from '../../../shared/domain/objects.ts';

describe('tags', () => {
  const tags = fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), fc.string({ maxLength: 12 }));

  test('the digest does not depend on the order in which the vault tells them', () => {
    fc.assert(
      fc.property(tags, (some) => {
        const reversed = Object.fromEntries(Object.entries(some).toReversed());
        expect(describeTags(reversed)).toEqual(describeTags(some));
      }),
    );
  });

  test('names are told in order, values only through the digest', () => {
    const described = describeTags({ team: 'payments', env: 'production' });
    expect(described.tagNames).toEqual(['env', 'team']);
    expect(JSON.stringify(described)).not.toContain('payments');
    expect(described.tagsDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['a value changes', { a: '1' }, { a: '2' }],
    ['a name changes', { a: '1' }, { b: '1' }],
    ['a tag goes', { a: '1', b: '2' }, { a: '1' }],
    ['name and value change places', { a: 'b' }, { b: 'a' }],
    ['text moves from one value to the next', { a: 'xy', b: 'z' }, { a: 'x', b: 'yz' }],
  ])('the digest changes when %s', (_what, before, after) => {
    expect(describeTags(after).tagsDigest).not.toBe(describeTags(before).tagsDigest);
  });

  test.each([[undefined], [{}]])('no tags (%j) have no digest', (none) => {
    expect(describeTags(none)).toEqual({ tagNames: [], tagsDigest: null });
  });
});

test('names compare case-insensitively, kinds stay apart', () => {
  expect(objectKey({ kind: 'secret', name: 'API-Key' })).toBe('secrets/api-key');
  expect(objectKey({ kind: 'key', name: 'API-Key' })).toBe('keys/api-key');
  expect(objectKey({ kind: 'certificate', name: 'API-Key' })).toBe('certificates/api-key');
});

test.each([
  ['secret', 'objects', 1],
  ['certificate', 'objects', 1],
  ['key', 'keys', 3],
] as const)('a %s is paid from the budget for %s, with %i calls', (kind, budget, calls) => {
  expect(laneOf(kind)).toBe(budget);
  expect(callsPerCapture[budget]).toBe(calls);
});

test('digests are SHA-256 in lower-case hex, of text as of bytes', () => {
  const expected = createHash('sha256').update('blob').digest('hex');
  expect(sha256Hex('blob')).toBe(expected);
  expect(sha256Hex(Buffer.from('blob'))).toBe(expected);
});
