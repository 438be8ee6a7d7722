/** Gathers what a move's report is built of: before the first change by a dry run, at the end from the move's records. */
import { doneOf, type MoveDetail, type MoveRequest, type MovesBetween } from '../../shared/domain/move.ts';
import { reportOf } from '../../shared/domain/moveBuild.ts';
import { overlaid } from '../../shared/domain/moveChanges.ts';
import type { MoveReport } from '../../shared/domain/moveReport.ts';
import type { RestoredObject } from '../../shared/domain/moveTravel.ts';
import { Failure } from '../failure.ts';
import type { WaitOptions } from '../follow.ts';
import type { Kvb } from '../kvb.ts';
import { askForRestore, followRestore } from '../restores.ts';
import { copiesOf, movesOf, pointOf, sourceOf } from './facts.ts';
import { settingsBetween } from './settings.ts';
import { type Doing, finalOf, finalPass, firstOf } from './steps.ts';

export async function reportBefore(
  kvb: Kvb,
  request: MoveRequest,
  target: MovesBetween['target'],
  options: WaitOptions,
): Promise<MoveReport> {
  const { from, to, mode, onConflict, reason } = request;
  await demandPoint(kvb, from);
  const body = {
    vault: from,
    objects: ['**'],
    target: to,
    mode,
    onConflict,
    reason,
    dryRun: true,
    allowPartial: true,
  };
  const { id } = await askForRestore(kvb, body);
  const { value: plan } = await followRestore(kvb, id, options, 'plan');
  if (plan.status === 'failed')
    throw new Failure(
      'notWell',
      `the move cannot be planned: ${plan.reason}`,
      'See to that, then try again.',
    );
  const restored = new Map(plan.objects.map((one) => [one.object, one]));
  return reportOf(await factsOf(kvb, { request, target, runId: plan.recoveryPoint, restored }));
}

async function demandPoint(kvb: Kvb, from: string): Promise<void> {
  const { latestPoint } = await sourceOf(kvb, from);
  if (latestPoint) return;
  throw new Failure(
    'usage',
    `${from} has no recovery point, so nothing is known of what would travel`,
    `kvb backup ${from}, then try again.`,
  );
}

export async function reportAfter(doing: Doing): Promise<MoveReport> {
  const { kvb, move } = doing;
  const first = doneOf(move, 'backup');
  const final = doneOf(move, 'finalBackup');
  const compared = doneOf(move, 'finalCompare');
  if (!first || !final || !compared) throw new Error(`move ${move.id} has not come to its report`);
  const { target } = await movesOf(kvb, move.request);
  const restored = overlaid(firstOf(move), finalOf(move));
  const facts = await factsOf(kvb, { request: move.request, target, runId: final.recoveryPoint, restored });
  return reportOf(facts, {
    startedAt: move.startedAt,
    recoveryPoints: [first.recoveryPoint, final.recoveryPoint],
    restores: restoresOf(move),
    comparison: compared.found,
    pass: await finalPass(doing),
    final: finalOf(move),
  });
}

const restoresOf = (move: MoveDetail): string[] => [
  ...(doneOf(move, 'restore')?.restores ?? []),
  ...(doneOf(move, 'finalRestore')?.restores ?? []),
];

interface Asked {
  readonly request: MoveRequest;
  readonly target: MovesBetween['target'];
  readonly runId: string;
  readonly restored: ReadonlyMap<string, RestoredObject>;
}

async function factsOf(kvb: Kvb, { request, target, runId, restored }: Asked) {
  const { from, to, mode, onConflict } = request;
  const [source, { point, lines }, copies, setAgain] = await Promise.all([
    sourceOf(kvb, from),
    pointOf(kvb, from, runId),
    copiesOf(kvb, from, runId),
    target.settings ? settingsBetween(kvb, from, to) : null,
  ]);
  return {
    from,
    to,
    mode,
    onConflict,
    madeAt: new Date().toISOString(),
    point,
    lines,
    restored,
    copies: copies ?? new Map(),
    target,
    planPortable: source.portableCopies !== null,
    budgets: { ...source, ...target },
    setAgain,
  };
}
