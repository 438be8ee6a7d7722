/**
 * What each step of a move does. A step looks at what is there and does what is missing, and its restores are named by
 * the move: so a step that died anywhere may be done again.
 */
import { diffAccepted } from '../../shared/domain/answers.ts';
import { doneOf, type MoveDetail, type MoveStep, type MoveStepDone } from '../../shared/domain/move.ts';
import { finalPassOf, overlaid } from '../../shared/domain/moveChanges.ts';
import { comparisonOf } from '../../shared/domain/moveCompare.ts';
import { type RestoredObject, travelsOf } from '../../shared/domain/moveTravel.ts';
import { runIdOf } from '../../shared/domain/runId.ts';
import { liveDiffered, pointsDiffered } from '../diffs.ts';
import { patiently, type WaitOptions } from '../follow.ts';
import type { Kvb } from '../kvb.ts';
import { pointAfter } from './backup.ts';
import { copiesOf, pointOf, sourceOf } from './facts.ts';
import { restoreChunk, waitForCopies } from './restore.ts';

export interface Doing {
  readonly kvb: Kvb;
  readonly move: MoveDetail;
  readonly options: WaitOptions;
  readonly again: string;
}

type Facts<S extends MoveStep> = Extract<MoveStepDone, { step: S }>;

export const steps: { readonly [S in MoveStep]: (doing: Doing) => Promise<Facts<S>> } = {
  backup: async (doing) => ({
    step: 'backup',
    ...(await pointAfter(doing, runIdOf(new Date(doing.move.startedAt)), true)),
  }),
  restore: async (doing) => {
    const { recoveryPoint } = demanded(doing, 'backup');
    await waitForCopies(doing, recoveryPoint);
    const { onConflict } = doing.move.request;
    const body = { recoveryPoint, objects: ['**'], onConflict };
    const { id, objects } = await restoreChunk(doing, 'first', body, { mustBring: true });
    return { step: 'restore', restores: [id], objects };
  },
  compare: async (doing) => ({ step: 'compare', ...(await compared(doing, 'backup', firstOf(doing.move))) }),
  finalStart: async ({ kvb, move }) => {
    const { activeRun, latestPoint } = await sourceOf(kvb, move.request.from);
    const newest = [activeRun?.runId, latestPoint?.runId].filter((id) => id !== undefined).sort();
    return { step: 'finalStart', after: newest.at(-1) ?? null };
  },
  finalBackup: async (doing) => ({
    step: 'finalBackup',
    ...(await pointAfter(doing, demanded(doing, 'finalStart').after, false)),
  }),
  finalRestore: async (doing) => {
    const { recoveryPoint } = demanded(doing, 'finalBackup');
    const { replace, bring } = await finalPass(doing);
    if (replace.length + bring.length > 0) await waitForCopies(doing, recoveryPoint);
    const { onConflict } = doing.move.request;
    const parts = [
      ...chunksOf(replace).map((objects) => ({ recoveryPoint, objects, onConflict: 'replace' })),
      ...chunksOf(bring).map((objects) => ({ recoveryPoint, objects, onConflict })),
    ];
    const made: { id: string; objects: RestoredObject[] }[] = [];
    for (const [index, body] of parts.entries())
      made.push(await restoreChunk(doing, `final-${index}`, body, { mustBring: false }));
    return {
      step: 'finalRestore',
      restores: made.map(({ id }) => id),
      objects: made.flatMap(({ objects }) => objects),
    };
  },
  finalCompare: async (doing) => ({
    step: 'finalCompare',
    ...(await compared(doing, 'finalBackup', overlaid(firstOf(doing.move), finalOf(doing.move)))),
  }),
};

export const firstOf = (move: MoveDetail) => byObject(doneOf(move, 'restore')?.objects ?? []);
export const finalOf = (move: MoveDetail) => byObject(doneOf(move, 'finalRestore')?.objects ?? []);
const byObject = (objects: readonly RestoredObject[]) => new Map(objects.map((one) => [one.object, one]));

function demanded<S extends MoveStep>({ move }: Doing, step: S) {
  const done = doneOf(move, step);
  if (!done) throw new Error(`move ${move.id} has no ${step}`);
  return done;
}

export async function finalPass(doing: Doing) {
  const { kvb, move } = doing;
  const { from } = move.request;
  const [before, after] = [demanded(doing, 'backup'), demanded(doing, 'finalBackup')];
  const points = { from: before.recoveryPoint, to: after.recoveryPoint };
  const { value } = await patiently(kvb, () => pointsDiffered(kvb, from, points));
  const [first, final] = await Promise.all([pointOf(kvb, from, points.from), pointOf(kvb, from, points.to)]);
  return finalPassOf(value.objects, [first.lines, final.lines], firstOf(move));
}

async function compared(
  doing: Doing,
  step: 'backup' | 'finalBackup',
  restored: ReadonlyMap<string, RestoredObject>,
) {
  const { kvb, move, options, again } = doing;
  const { from, to } = move.request;
  const { recoveryPoint } = demanded(doing, step);
  const body = { vault: from, recoveryPoint, target: to };
  const { value } = await patiently(kvb, () =>
    kvb.call('restore', { method: 'POST', route: 'diffs', body, answer: diffAccepted }),
  );
  const asked = { app: 'restore', id: value.id, vault: from, again } as const;
  const { value: diff } = await liveDiffered(kvb, options, asked);
  const { lines } = await pointOf(kvb, from, recoveryPoint);
  const copies = (await copiesOf(kvb, from, recoveryPoint)) ?? new Map();
  const found = comparisonOf(diff, travelsOf({ lines, restored, copies }));
  return { comparison: value.id, found };
}

/** As many patterns as a restore takes. */
const mostPatterns = 1000;
function chunksOf(objects: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let from = 0; from < objects.length; from += mostPatterns)
    chunks.push(objects.slice(from, from + mostPatterns));
  return chunks;
}
