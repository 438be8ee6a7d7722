/** Takes the steps of a move that are left, one after the other, to its report. */
import { type MoveDetail, moveDetail, moveView, nextStep } from '../../shared/domain/move.ts';
import type { MoveReport } from '../../shared/domain/moveReport.ts';
import { demandYes } from '../ask.ts';
import { routeOf } from '../call.ts';
import { exitCodes } from '../failure.ts';
import { patiently } from '../follow.ts';
import type { Kvb } from '../kvb.ts';
import { reportAfter } from './reports.ts';
import { steps } from './steps.ts';
import { reportText } from './text.ts';

interface GoOnOptions {
  readonly from: string;
  readonly to: string;
  /** Stop before the final pass. */
  readonly hold: boolean;
  readonly yes: boolean;
}

/** Each step's record is the last thing that it does. */
export async function goOn(kvb: Kvb, id: string, options: GoOnOptions): Promise<number> {
  const again = `kvb move --from ${options.from} --to ${options.to}`;
  for (;;) {
    const move = await detailOf(kvb, id);
    const step = nextStep(move);
    const doing = { kvb, move, options: { wait: true }, again };
    if (step === null)
      return finished(kvb, move, move.report ?? (await stored(kvb, id, await reportAfter(doing))));
    if (step === 'finalStart' && !(await mayFinish(kvb, move, options))) return exitCodes.ok;
    const body = await steps[step](doing);
    const call = { method: 'POST', route: routeOf`moves/${id}/steps`, body, answer: moveView } as const;
    await patiently(kvb, () => kvb.call('restore', call));
  }
}

const detailOf = async (kvb: Kvb, id: string): Promise<MoveDetail> =>
  (await patiently(kvb, () => kvb.call('restore', { route: routeOf`moves/${id}`, answer: moveDetail })))
    .value;

async function mayFinish(kvb: Kvb, move: MoveDetail, { hold, yes, from, to }: GoOnOptions): Promise<boolean> {
  if (hold) {
    kvb.answer({ move: move.id, report: null }, () =>
      [
        `Everything that can move is in ${to}. The move ${move.id} waits for its final pass.`,
        `  When nothing writes to ${from} any more: kvb move --from ${from} --to ${to}`,
      ].join('\n'),
    );
    return false;
  }
  await demandYes(kvb, `Everything that can move is in ${to}. Does nothing write to ${from} any more?`, {
    yes,
    nobody: 'the final pass waits for a yes, and nobody can be asked here',
    no: 'the final pass is left: run the same command again for it',
  });
  return true;
}

/** The first report that is stored counts, whoever wrote it. */
async function stored(kvb: Kvb, id: string, body: MoveReport): Promise<MoveReport> {
  const call = { method: 'POST', route: routeOf`moves/${id}/report`, body, answer: moveView } as const;
  await patiently(kvb, () => kvb.call('restore', call));
  return (await detailOf(kvb, id)).report ?? body;
}

function finished(kvb: Kvb, { id, audit }: MoveDetail, report: MoveReport): number {
  kvb.answer({ move: id, report }, () => `${reportText(report)}\nIts report: ${audit}report.json`);
  return report.outcome?.status === 'complete' ? exitCodes.ok : exitCodes.notWell;
}
