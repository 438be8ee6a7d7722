/** Whatever a target holds: every line is planned once, and nothing is planned that must never be done. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SameGeography } from '../../../shared/domain/geography.ts';
import { kinds, objectKey } from '../../../shared/domain/objects.ts';
import {
  isPurgeable,
  isWork,
  type PlannedObject,
  planRestore,
  type RestorePolicy,
  type TakenName,
  type TargetView,
  workOf,
} from '../../../shared/domain/restorePlan.ts';
import { conflictPolicies } from '../../../shared/domain/restoreRequest.ts';
import { differences } from '../../../shared/domain/restoreVerify.ts';
import { line } from './arbitraries.ts';

const created = 1_700_000_000;
const names = ['a', 'b', 'c'] as const;
const ref = fc.record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom(...names) });
const lines = fc
  .uniqueArray(ref, { selector: objectKey, minLength: 1, maxLength: 9 })
  .map((refs) => refs.map((each) => line({ ...each, created, updated: created })));
const taken: fc.Arbitrary<TakenName> = fc
  .tuple(
    ref,
    fc.record({
      managed: fc.boolean(),
      recoveryLevel: fc.constantFrom('Recoverable+Purgeable', 'Recoverable', null),
      updated: fc.constantFrom(created, created + 1),
    }),
  )
  .map(([each, facts]) => ({
    ...each,
    ...facts,
    created,
    enabled: null,
    notBefore: null,
    expires: null,
    contentType: null,
    tagsDigest: null,
    x5t: null,
  }));
const shelf = fc
  .uniqueArray(taken, { selector: objectKey, maxLength: 9 })
  .map((all) => new Map(all.map((each) => [objectKey(each), each])));
const target = fc.record({
  live: shelf,
  deleted: shelf,
  geography: fc.constantFrom<SameGeography>('same', 'different', 'unknown'),
});
const policy = fc.record({ onConflict: fc.constantFrom(...conflictPolicies), allowReplace: fc.boolean() });

test('every line is planned exactly once, in order, and the work is a part of the plan', () => {
  fc.assert(
    fc.property(lines, target, policy, (wanted, view, rules) => {
      const plan = planRestore(wanted, view, rules);
      expect(plan.map((planned) => planned.line)).toEqual(wanted);
      expect(plan.every(({ why }) => why.length > 0)).toBe(true);
      expect(new Set(workOf(plan))).toEqual(new Set(plan.filter(isWork)));
    }),
  );
});

/** What must never be planned, whatever is asked for. */
function wrongOf(
  { action, line: each }: PlannedObject,
  view: TargetView,
  rules: RestorePolicy,
): string | null {
  const there = view.live.get(objectKey(each)) ?? view.deleted.get(objectKey(each));
  const same = there !== undefined && differences(each, there).length === 0;
  if (view.geography === 'different') return action === 'blocked' ? null : 'work in another geography';
  if (action === 'restore') return there ? 'a restore onto a taken name' : null;
  if (action !== 'replace' && action !== 'recover') return null;
  if (!there || there.managed) return 'something taken from a certificate, or from nobody';
  if (action === 'recover') return same ? null : 'a recovery of something else';
  if (same) return 'a replacement by the same';
  if (rules.onConflict !== 'replace' || !rules.allowReplace) return 'a replacement without leave';
  return isPurgeable(there.recoveryLevel) ? null : 'a replacement that cannot be ended';
}

test('no replacement without leave or where a purge is impossible, no work in another geography', () => {
  fc.assert(
    fc.property(lines, target, policy, (wanted, view, rules) => {
      const plan = planRestore(wanted, view, rules);
      expect(plan.map((planned) => wrongOf(planned, view, rules)).filter(Boolean)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
