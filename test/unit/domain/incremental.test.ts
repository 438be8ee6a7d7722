/** When an earlier blob still is the object's backup, field by field and instant by instant. */
import { describe, expect, test } from 'vitest';
import { isChanged, mayCarry } from '../../../shared/domain/incremental.ts';
import type { ListedObject } from '../../../shared/domain/objects.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { line, listed } from './arbitraries.ts';

const updated = Date.parse('2026-11-01T00:00:00Z') / 1000;
const object = listed({
  created: updated - 1_000,
  updated,
  enabled: true,
  notBefore: 5,
  expires: 4_000_000_000,
  contentType: 'text/plain',
  tagNames: ['team'],
  tagsDigest: 'd'.repeat(64),
  x5t: 'thumbprint',
});
const { managed: _managed, ...attributes } = object;
const captured = line({
  ...attributes,
  tagNames: ['team'],
  blob: 'contoso/runs/20261120T020000Z/secrets/db-password.1-1.secretbackup',
  size: 1,
  sha256: 'a'.repeat(64),
  capturedAt: '2026-11-20T02:00:05.000Z',
  pass: 1,
});
const rules = { startedAt: '2026-11-22T02:00:00.000Z', fullEveryDays: 7, bad: new Set<string>() };

describe('an object is changed', () => {
  test('not if all that is listed is the same', () => {
    expect(isChanged(captured, object)).toBe(false);
  });

  test.each<[string, Partial<ListedObject>]>([
    ['made anew', { created: updated - 999 }],
    ['updated later', { updated: updated + 1 }],
    ['updated earlier: an older copy was restored over it', { updated: updated - 1 }],
    ['disabled', { enabled: false }],
    ['valid from another time', { notBefore: 6 }],
    ['valid from any time', { notBefore: null }],
    ['expiring later', { expires: 4_000_000_001 }],
    ['never expiring', { expires: null }],
    ['of another content type', { contentType: 'application/json' }],
    ['of no content type', { contentType: null }],
    ['with other tags', { tagsDigest: 'e'.repeat(64) }],
    ['without tags', { tagsDigest: null }],
    ['with another certificate', { x5t: 'another' }],
  ])('if it is %s; then it is not carried either', (_what, fields) => {
    expect(isChanged(captured, { ...object, ...fields })).toBe(true);
    expect(mayCarry(captured, { ...object, ...fields }, rules)).toBe(false);
  });

  test('not by another spelling of its name', () => {
    const spelled = { ...object, name: 'DB-Password' };
    expect(isChanged(captured, spelled)).toBe(false);
    expect(mayCarry(captured, spelled, rules)).toBe(true);
  });
});

describe('a line may be carried', () => {
  test.each<[boolean, string, Partial<IndexLine>]>([
    [true, 'stored', { outcome: 'stored' }],
    [true, 'carried before, and again', { outcome: 'carried' }],
    [false, 'failed', { outcome: 'failed' }],
    [false, 'gone', { outcome: 'gone' }],
    [false, 'skipped', { outcome: 'skipped' }],
    [false, 'without a blob', { blob: null }],
    [false, 'without the time of its capture', { capturedAt: null }],
  ])('%s if it was %s', (expected, _what, fields) => {
    expect(mayCarry({ ...captured, ...fields }, object, rules)).toBe(expected);
  });

  test('not without the time of the last change, though the listing does not tell it either', () => {
    expect(mayCarry({ ...captured, updated: null }, { ...object, updated: null }, rules)).toBe(false);
  });

  test.each([
    [true, 7, '2026-11-15T02:00:00.000Z', 'captured exactly that long ago'],
    [false, 7, '2026-11-15T01:59:59.999Z', 'captured a moment longer ago'],
    [true, 30, '2026-11-01T02:00:00.000Z', 'captured within a longer time'],
    [false, 1, '2026-11-21T01:59:59.000Z', 'captured the night before last'],
    [true, 1, '2026-11-21T02:00:03.000Z', 'captured last night'],
  ])('%s, with FULL_EVERY_DAYS %i, captured at %s: %s', (expected, fullEveryDays, capturedAt) => {
    expect(mayCarry({ ...captured, capturedAt }, object, { ...rules, fullEveryDays })).toBe(expected);
  });

  test.each([
    [false, -60_000, 'a minute before the change, by a vault’s clock that ran back'],
    [false, 0, 'in the second of the change'],
    [false, 1_000, 'a second after it'],
    [false, 1_999, 'just within two seconds'],
    [true, 2_000, 'two seconds after it'],
    [true, 60_000, 'a minute after it'],
  ])('%s if captured %i ms after the change: %s', (expected, afterMs) => {
    const at = Date.parse('2026-11-20T02:00:00Z');
    const racy = { updated: at / 1000 };
    const capturedAt = new Date(at + afterMs).toISOString();
    expect(mayCarry({ ...captured, ...racy, capturedAt }, { ...object, ...racy }, rules)).toBe(expected);
  });
});
