/** A backup for a move: the point of a run that began later than another. One that an earlier try began will do. */
import { backupsStarted, pointList, started } from '../../shared/domain/answers.ts';
import { routeOf } from '../call.ts';
import { Failure } from '../failure.ts';
import { patiently } from '../follow.ts';
import { followRun } from '../runs.ts';
import { sourceOf } from './facts.ts';
import type { Doing } from './steps.ts';

type Taken = { recoveryPoint: string; status: 'complete' | 'partial' };

/** Run ids sort as the instants of their runs. A full run counts the versions of every object. */
export async function pointAfter(doing: Doing, after: string | null, full: boolean): Promise<Taken> {
  const { kvb, move } = doing;
  const { from } = move.request;
  const isLater = (runId: string) => after === null || runId > after;
  const { activeRun } = await sourceOf(kvb, from);
  // Of a run that began before, too: the vault is busy until it ends.
  if (activeRun) await ended(doing, activeRun.runId);
  const route = routeOf`vaults/${from}/recovery-points`;
  const { value } = await patiently(kvb, () => kvb.callEither({ route, answer: pointList }));
  for (const { runId, status } of value.recoveryPoints)
    if (isLater(runId) && (status === 'complete' || status === 'partial'))
      return { recoveryPoint: runId, status };
  return taken(await ended(doing, await startRun(doing, full)));
}

/** No second try where the answer is lost: the run may go on, and running the move again finds it. */
async function startRun({ kvb, move }: Doing, full: boolean): Promise<string> {
  const body = { vault: move.request.from, full };
  const call = { method: 'POST', route: 'backups', body, answer: backupsStarted } as const;
  const { value } = await kvb.call('backup', call);
  return started.parse(value.vaults[0]).run;
}

async function ended({ kvb, move, options, again }: Doing, run: string) {
  const { value } = await followRun(kvb, options, { vault: move.request.from, run }, again);
  if (value.status === 'running') throw new Error(`run ${run} has not ended`);
  return value;
}

function taken({ runId, status, reason }: Awaited<ReturnType<typeof ended>>): Taken {
  if (status !== 'failed') return { recoveryPoint: runId, status };
  throw new Failure(
    'notWell',
    `the backup failed: ${reason}`,
    'See to that, then run the same command again: the move goes on from here.',
  );
}
