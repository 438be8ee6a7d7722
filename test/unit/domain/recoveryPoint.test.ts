/**
 * Format version 1. test/golden keeps what 1.0.0 sealed: if one of these tests fails after a change, points that lie in
 * immutable storage can no longer be restored. Change the code, never a golden file.
 */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { account } from '../../../shared/domain/accounting.ts';
import { indexBlobName, parseCaptureBlobName } from '../../../shared/domain/blobNames.ts';
import { sha256Hex } from '../../../shared/domain/objects.ts';
import {
  encodeIndex,
  finalOutcomes,
  type IndexLine,
  parseIndex,
  parseRecoveryPoint,
} from '../../../shared/domain/recoveryPoint.ts';
import { epoch, kind, line, objectName } from './arbitraries.ts';

const golden = (name: string) => readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8');
const pointText = golden('recovery-point-1.0.0.json');
const indexText = golden('index-1.0.0.ndjson');
const point = JSON.parse(pointText) as Record<string, unknown>;

describe('what 1.0.0 sealed', () => {
  test('its recovery point is read with every field', () => {
    expect(parseRecoveryPoint(pointText)).toEqual(point);
  });

  test('its index is read with every field, and written again byte for byte', () => {
    const lines = parseIndex(indexText);
    expect(lines).toEqual(
      indexText
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as unknown),
    );
    expect(encodeIndex(lines)).toBe(indexText);
  });

  test('shows every outcome, so that none of them can be forgotten', () => {
    const seen = new Set(parseIndex(indexText).map(({ outcome }) => outcome));
    expect([...seen].toSorted()).toEqual([...finalOutcomes].toSorted());
  });

  test('point and index belong together: name, digest, lines, counts and bytes', () => {
    const { vault, runId, index, counts, bytes } = parseRecoveryPoint(pointText);
    const lines = parseIndex(indexText);
    expect(index).toEqual({
      blob: indexBlobName(vault, runId, sha256Hex(indexText)),
      sha256: sha256Hex(indexText),
      lines: lines.length,
    });
    expect(account(lines, lines.length)).toEqual({ counts, bytes, discrepancy: null });
  });

  test('the blobs that it names are still found by their names', () => {
    const lines = parseIndex(indexText).filter(({ blob }) => blob !== null);
    expect(lines).toHaveLength(4);
    for (const { blob, kind: kindOfLine, name, updated, pass } of lines)
      expect(parseCaptureBlobName(blob ?? '')).toMatchObject({
        kind: kindOfLine,
        name: name.toLowerCase(),
        updated,
        pass,
      });
  });
});

describe('a recovery point', () => {
  test('fields of a later version are ignored', () => {
    const later = { ...point, seal: { by: 'later' }, counts: { ...(point['counts'] as object), moved: 2 } };
    expect(parseRecoveryPoint(JSON.stringify(later))).toEqual(point);
  });

  test.each([0, 2, 17])('format %i is refused by name', (format) => {
    expect(() => parseRecoveryPoint(JSON.stringify({ ...point, format }))).toThrow(
      `recovery point format ${format} is not known to this version, which reads 1`,
    );
  });

  test.each([
    ['no format', { ...point, format: undefined }, /format/],
    ['an unknown status', { ...point, status: 'fine' }, /status/],
    ['a missing count', { ...point, counts: {} }, /counts/],
    ['no index', { ...point, index: null }, /index/],
    ['a list', [], /object/],
  ])('%s is refused', (_what, value, named) => {
    expect(() => parseRecoveryPoint(JSON.stringify(value))).toThrow(named);
  });

  test('half a document is refused', () => {
    expect(() => parseRecoveryPoint(pointText.slice(0, -20))).toThrow(/is not JSON/);
  });
});

describe('an index', () => {
  const anyLine: fc.Arbitrary<IndexLine> = fc
    .record({
      kind,
      name: objectName,
      outcome: fc.constantFrom(...finalOutcomes),
      reason: fc.option(fc.string({ unit: 'binary' }), { nil: null }),
      size: fc.option(fc.nat(), { nil: null }),
      updated: fc.option(epoch, { nil: null }),
      enabled: fc.option(fc.boolean(), { nil: null }),
      tagNames: fc.array(fc.string({ unit: 'grapheme' })),
      contentType: fc.option(fc.string(), { nil: null }),
    })
    .map(line);

  test('is read back as it was written, one line per object', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), (lines) => {
        const text = encodeIndex(lines);
        expect(parseIndex(text)).toEqual(lines);
        expect(text.split('\n')).toHaveLength(lines.length + 1);
      }),
    );
  });

  test('fields of a later version are ignored', () => {
    const text = JSON.stringify({ ...line(), restoredFrom: 'later' });
    expect(parseIndex(`${text}\n`)).toEqual([line()]);
  });

  test.each([
    ['an open outcome', { ...line(), outcome: null }],
    ['an unknown outcome', { ...line(), outcome: 'lost' }],
    ['an unknown kind', { ...line(), kind: 'storage' }],
    ['no name', { ...line(), name: undefined }],
    ['a missing field', { ...line(), sha256: undefined }],
  ])('%s is refused', (_what, value) => {
    expect(() => parseIndex(`${JSON.stringify(value)}\n`)).toThrow(/Invalid/);
  });

  test('a line that was cut off is refused, not skipped', () => {
    expect(() => parseIndex(indexText.slice(0, -20))).toThrow(/is not JSON/);
  });
});
