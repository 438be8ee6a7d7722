/** What a captured blob says of itself: complete, ASCII, small, and not to be taken for somebody else's. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { captureBlobName } from '../../../shared/domain/blobNames.ts';
import {
  type CaptureRecord,
  captureMetadata,
  type KeyFacts,
  parseCapture,
} from '../../../shared/domain/capture.ts';
import { epoch, instant, kind, objectName, runId, vaultName } from './arbitraries.ts';

const name = fc.record({
  vault: vaultName,
  runId,
  kind,
  name: objectName,
  updated: fc.option(epoch, { nil: null }),
  created: fc.option(epoch, { nil: null }),
  pass: fc.integer({ min: 1, max: 9 }),
});
const text = fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: null });
const keyFacts: fc.Arbitrary<KeyFacts> = fc.record({
  keyType: text,
  currentVersion: text,
  publicKeyDigest: text,
  rotationPolicy: fc.option(
    fc.record({
      expiryTime: text,
      actions: fc.array(fc.record({ action: fc.string(), timeAfterCreate: text, timeBeforeExpiry: text }), {
        maxLength: 4,
      }),
    }),
    { nil: null },
  ),
});
const record: fc.Arbitrary<CaptureRecord> = fc.record({
  sha256: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 64, maxLength: 64 }),
  capturedAt: instant.map((date) => date.toISOString()),
  key: fc.option(keyFacts, { nil: null }),
});
const sizeOf = (metadata: Record<string, string>) =>
  Object.entries(metadata).reduce((sum, [key, value]) => sum + key.length + value.length, 0);

test('a capture is read back from its blob’s name and metadata', () => {
  fc.assert(
    fc.property(name, record, fc.nat(), (ofObject, facts, size) => {
      const { created: _created, ...inName } = ofObject;
      const blob = captureBlobName(ofObject);
      expect(parseCapture({ name: blob, size, metadata: captureMetadata(ofObject, facts) })).toEqual({
        blob,
        size,
        name: { ...inName, name: inName.name.toLowerCase() },
        ...facts,
      });
    }),
  );
});

test('metadata is printable ASCII under names that a header can have', () => {
  fc.assert(
    fc.property(name, record, (ofObject, facts) => {
      for (const [key, value] of Object.entries(captureMetadata(ofObject, facts))) {
        expect(key).toMatch(/^[a-z][a-z0-9]*$/);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
      }
    }),
  );
});

test('metadata tells kind, times and run beside the digest', () => {
  const ofObject = {
    vault: 'contoso',
    runId: '20261122T020000Z',
    kind: 'secret' as const,
    name: 'db',
    created: 1_700_000_000,
    updated: null,
    pass: 1,
  };
  const facts = { sha256: 'a'.repeat(64), capturedAt: '2026-11-22T02:00:05.000Z', key: null };
  expect(captureMetadata(ofObject, facts)).toEqual({
    sha256: 'a'.repeat(64),
    kind: 'secret',
    created: '1700000000',
    updated: '',
    captured: '2026-11-22T02:00:05.000Z',
    runid: '20261122T020000Z',
  });
});

test('a long rotation policy stays below the 8 KB that metadata may have', () => {
  const action = {
    action: 'Notify',
    timeAfterCreate: 'P10Y11M30DT23H59M59S',
    timeBeforeExpiry: 'P10Y11M30DT23H',
  };
  const facts: CaptureRecord = {
    sha256: 'a'.repeat(64),
    capturedAt: '2026-11-22T02:00:05.000Z',
    key: {
      keyType: 'RSA-HSM',
      currentVersion: 'f'.repeat(32),
      publicKeyDigest: 'b'.repeat(64),
      rotationPolicy: { expiryTime: 'P100Y', actions: Array.from({ length: 50 }, () => action) },
    },
  };
  const ofKey = {
    vault: 'contoso',
    runId: '20261122T020000Z',
    kind: 'key' as const,
    name: 'k',
    created: 1,
    updated: 1,
    pass: 1,
  };
  expect(sizeOf(captureMetadata(ofKey, facts))).toBeLessThan(8 * 1024);
});

describe('what this app did not write is nobody’s capture', () => {
  const blob = 'contoso/runs/20261122T020000Z/secrets/db.1-1.secretbackup';
  const good = { sha256: 'a'.repeat(64), captured: '2026-11-22T02:00:05.000Z' };

  test('what the table spoils is a capture', () => {
    expect(parseCapture({ name: blob, size: 1, metadata: good })).not.toBeNull();
  });

  test.each<[string, string, Record<string, string>]>([
    ['another name', 'contoso/readme.txt', good],
    ['no metadata', blob, {}],
    ['no digest', blob, { captured: good.captured }],
    ['no instant', blob, { sha256: good.sha256 }],
    ['a digest too short', blob, { ...good, sha256: 'a'.repeat(63) }],
    ['a digest in upper case', blob, { ...good, sha256: 'A'.repeat(64) }],
    ['key facts that are no JSON', blob, { ...good, key: '{' }],
    ['key facts of another shape', blob, { ...good, key: '{"keyType":"RSA"}' }],
    ['key facts that are null', blob, { ...good, key: 'null' }],
  ])('%s', (_what, of, metadata) => {
    expect(parseCapture({ name: of, size: 1, metadata })).toBeNull();
  });
});
