/** What a run decides about each listed object before its first job. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListedObject, objectKey } from '../../../shared/domain/objects.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import {
  encodePlanPart,
  isFinal,
  parsePlanPart,
  planRun,
  type RunPlan,
} from '../../../shared/domain/runPlan.ts';
import { epoch, kind, line, listed, objectName } from './arbitraries.ts';

const all = (): boolean => true;
const none = (): boolean => false;
const never = new Map<string, IndexLine>();
const capturedAt = (instants: ReadonlyMap<string, string>) =>
  new Map([...instants].map(([key, instant]) => [key, line({ capturedAt: instant })]));
const names = (lines: RunPlan['objects']) => lines.map(({ name }) => name);

describe('lanes', () => {
  test('secrets and certificates share one, keys have their own', () => {
    const listing = [
      listed({ name: 's' }),
      listed({ kind: 'key', name: 'k' }),
      listed({ kind: 'certificate', name: 'c' }),
    ];
    const plan = planRun({ listing, selects: all, base: never, carry: null });
    expect([names(plan.objects), names(plan.keys), names(plan.settled)]).toEqual([['s', 'c'], ['k'], []]);
  });

  test.each([
    ['managed', listed({ managed: true }), all, /^managed: /],
    ['excluded', listed(), none, /^excluded: /],
    ['managed and excluded', listed({ managed: true }), none, /^managed: /],
  ] as const)(
    'what is %s is settled at once, as skipped with the reason',
    (_what, object, selects, reason) => {
      const plan = planRun({ listing: [object], selects, base: never, carry: null });
      expect([...plan.objects, ...plan.keys]).toEqual([]);
      expect(plan.settled).toEqual([
        expect.objectContaining({
          name: object.name,
          outcome: 'skipped',
          reason: expect.stringMatching(reason),
        }),
      ]);
    },
  );

  test('disabled and expired objects are captured like any other', () => {
    const listing = [listed({ name: 'off', enabled: false }), listed({ name: 'old', expires: 1 })];
    const plan = planRun({ listing, selects: all, base: never, carry: null });
    expect(names(plan.objects)).toEqual(['off', 'old']);
    expect(plan.objects.every((line) => !isFinal(line))).toBe(true);
  });

  test('an object that two pages show is planned once, as the later page has it', () => {
    const listing = [listed({ name: 'Twice', updated: 1 }), listed({ name: 'twice', updated: 2 })];
    const { objects } = planRun({ listing, selects: all, base: never, carry: null });
    expect(objects).toEqual([expect.objectContaining({ name: 'twice', updated: 2 })]);
  });
});

describe('order', () => {
  test.each(['secret', 'key'] as const)(
    'of a %s: never captured first, then the oldest capture',
    (kindOf) => {
      const listing = ['fresh', 'never', 'Stale'].map((name) => listed({ kind: kindOf, name }));
      const lastCaptured = new Map([
        [objectKey({ kind: kindOf, name: 'fresh' }), '2026-11-21T02:00:00.000Z'],
        [objectKey({ kind: kindOf, name: 'stale' }), '2026-11-14T02:00:00.000Z'],
      ]);
      const plan = planRun({ listing, selects: all, base: capturedAt(lastCaptured), carry: null });
      expect(names(kindOf === 'key' ? plan.keys : plan.objects)).toEqual(['never', 'Stale', 'fresh']);
    },
  );

  test('a capture of another kind of the same name does not count', () => {
    const lastCaptured = new Map([
      ['keys/b', '2026-11-14T02:00:00.000Z'],
      ['secrets/a', '2026-11-14T02:00:00.000Z'],
    ]);
    const listing = [listed({ name: 'a' }), listed({ name: 'b' })];
    expect(
      names(planRun({ listing, selects: all, base: capturedAt(lastCaptured), carry: null }).objects),
    ).toEqual(['b', 'a']);
  });
});

describe('properties', () => {
  const object: fc.Arbitrary<ListedObject> = fc
    .record({ kind, name: objectName, managed: fc.boolean(), updated: fc.option(epoch, { nil: null }) })
    .map(listed);
  const listing = fc.array(object, { maxLength: 40 });

  test('every listed object is in exactly one lane, and nothing else is', () => {
    fc.assert(
      fc.property(listing, fc.func(fc.boolean()), (objects, chosen) => {
        const selects = (ref: { kind: string; name: string }) => chosen(ref.kind, ref.name);
        const plan = planRun({ listing: objects, selects, base: never, carry: null });
        const planned = [...plan.objects, ...plan.keys, ...plan.settled].map(objectKey);
        expect(planned.toSorted()).toEqual([...new Set(objects.map(objectKey))].toSorted());
        expect(plan.keys.every((line) => line.kind === 'key')).toBe(true);
        expect(plan.objects.every((line) => line.kind !== 'key')).toBe(true);
        expect(plan.settled.every((line) => line.outcome === 'skipped' && line.reason)).toBeTruthy();
      }),
    );
  });

  test('a part is read back as it was written', () => {
    fc.assert(
      fc.property(listing, (objects) => {
        const { settled, objects: open } = planRun({
          listing: objects,
          selects: all,
          base: never,
          carry: null,
        });
        const lines = [...open, ...settled];
        expect(parsePlanPart(encodePlanPart(lines))).toEqual(lines);
      }),
    );
  });

  test('a line carries what the listing told', () => {
    const told = listed({
      enabled: false,
      notBefore: 5,
      expires: 9,
      contentType: 'text/plain',
      tagNames: ['a'],
      tagsDigest: 'd',
      x5t: 't',
    });
    const { managed: _managed, ...attributes } = told;
    expect(planRun({ listing: [told], selects: all, base: never, carry: null }).objects[0]).toMatchObject(
      attributes,
    );
  });
});
