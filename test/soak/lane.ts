/**
 * One lane of the soak: a source that somebody keeps changing, and a target. Its cycle: change, back up under a random
 * fault, restore or replace under another. What ends as less is done again undisturbed, and must then be complete.
 */
import type { Point, RestoreDetail } from '../e2e/harness.ts';
import { arm } from '../faults/arm.ts';
import { backUp, judgeNewest, seedSource } from '../faults/backupWork.ts';
import { type Cell, tableOf } from '../faults/cells.ts';
import type { FaultStack } from '../faults/faultStack.ts';
import { judgeRestore, lookBefore, restore, seedTarget, type Work } from '../faults/restoreWork.ts';
import type { Random } from './random.ts';

export interface Tally {
  cycles: number;
  backups: Record<string, number>;
  restores: Record<string, number>;
  /** Times that a fault was made, by its name. */
  readonly faults: Map<string, number>;
  readonly problems: string[];
}

export interface Lane {
  readonly source: string;
  readonly target: string;
  readonly random: Random;
  /** Numbers what it adds, so that no name comes twice. */
  added: number;
  readonly extra: string[];
}

/** A death or a jumping clock begins the worker anew, and nothing could be seen to grow; a wrong blob stays wrong. */
const faultsOf = (work: Cell['moment']['work']) =>
  tableOf().cells.filter(
    ({ moment, fault }) =>
      moment.work === work && !['process', 'clock'].includes(fault.making.at) && fault.end !== 'unseen',
  );
const cells = { backup: faultsOf('backup'), restore: faultsOf('restore'), replace: faultsOf('replace') };
/** One piece of work in this many is left alone. */
const undisturbedOneIn = 5;

export async function prepare(lane: Lane, stack: FaultStack): Promise<void> {
  await seedSource(stack, lane.source);
  await seedTarget(stack, lane.target);
}

export async function cycle(lane: Lane, stack: FaultStack, tally: Tally): Promise<void> {
  const where = `cycle ${tally.cycles + 1} of ${lane.source}`;
  const told = (what: string, found: readonly string[]) =>
    tally.problems.push(...found.map((problem) => `${where}, ${what}: ${problem}`));
  tally.cycles += 1;
  await change(lane, stack);
  const source = { vault: lane.source, source: null };
  const backup = chosen(lane, 'backup');
  const point = await under(backup, source, stack, tally, () => backUp(stack, lane.source));
  count(tally.backups, point);
  told(nameOf(backup), await judgeNewest(stack, source, point, backup?.fault.end ?? 'complete'));
  if (point.status !== 'complete') {
    const next = await backUp(stack, lane.source);
    count(tally.backups, next);
    told(`after ${nameOf(backup)}`, await judgeNewest(stack, source, next, 'complete'));
  }

  const work: Work = lane.random.oneOf(['restore', 'replace'] as const);
  const target = { vault: lane.target, source: lane.source };
  const disturbed = chosen(lane, work);
  const before = lookBefore(stack, target);
  const key = `${lane.target}-${tally.cycles}-${lane.random.below(1e9)}`;
  const detail = await under(disturbed, target, stack, tally, () => restore(stack, target, work, key));
  count(tally.restores, detail);
  const end = restoreEndOf(disturbed);
  told(nameOf(disturbed), await judgeRestore(stack, target, detail, before, end));
  if (detail.status !== 'complete') {
    const next = await restore(stack, target, work, `${key}-again`);
    count(tally.restores, next);
    told(`after ${nameOf(disturbed)}`, await judgeRestore(stack, target, next, before, 'complete'));
  }
}

/** Of a target that holds much, a lost page cannot be seen; what was on it is told when its name turns out taken. */
function restoreEndOf(cell: Cell | null): Cell['fault']['end'] {
  if (cell === null) return 'complete';
  const { making, end } = cell.fault;
  return making.at === 'vault' && 'dropNextLink' in making.kind ? 'told' : end;
}

const nameOf = (cell: Cell | null) => cell?.name ?? 'undisturbed';

function count(counts: Record<string, number>, { status }: Point | RestoreDetail): void {
  counts[status] = (counts[status] ?? 0) + 1;
}

const chosen = ({ random }: Lane, work: keyof typeof cells): Cell | null =>
  random.below(undisturbedOneIn) === 0 ? null : random.oneOf(cells[work]);

async function under<T>(
  cell: Cell | null,
  subject: { vault: string; source: string | null },
  stack: FaultStack,
  tally: Tally,
  work: () => Promise<T>,
): Promise<T> {
  if (cell === null) return work();
  const { fault, moment } = cell;
  const armed = arm(fault, { moment, subject, stack });
  try {
    return await work();
  } finally {
    // Not every moment comes in every cycle: what is unchanged is carried, what is there already is skipped.
    if (armed.made() > 0) tally.faults.set(fault.name, (tally.faults.get(fault.name) ?? 0) + 1);
    await armed.lift().catch(() => undefined);
  }
}

const mostExtra = 6;

/** A new version, a new secret, or one less: as a vault's owner does, between two backups. */
async function change(lane: Lane, { e2e }: FaultStack): Promise<void> {
  const { secrets } = e2e.operator(lane.source);
  lane.added += 1;
  await secrets.setSecret(lane.random.oneOf(['one', 'two', 'three']), `value ${lane.added}`);
  if (lane.extra.length >= mostExtra) {
    const gone = lane.extra.splice(lane.random.below(lane.extra.length), 1)[0] ?? '';
    await (await secrets.beginDeleteSecret(gone, { intervalInMs: 100 })).pollUntilDone();
    return;
  }
  const name = `extra-${lane.added}`;
  await secrets.setSecret(name, 'a new one');
  lane.extra.push(name);
}
