/** Differences between two recovery points, or between one and a live vault, as a whole: what `kvb diff` and `kvb move` share. */
import type { z } from 'zod';
import { pointDiff } from '../shared/domain/answers.ts';
import { type DiffDetail, diffDetail } from '../shared/domain/liveDiff.ts';
import { routeOf } from './call.ts';
import { Failure } from './failure.ts';
import { follow, patiently, type WaitOptions } from './follow.ts';
import type { Kvb } from './kvb.ts';
import { pages } from './pages.ts';
import type { AppName } from './settings.ts';

export const pointsDiffered = (kvb: Kvb, vault: string, points: { from: string; to: string }) =>
  pages<z.infer<typeof pointDiff>>((after, first) => {
    const same = first ? { from: first.from.runId, to: first.to.runId } : points;
    const query = new URLSearchParams({ ...same, ...after, limit: '5000' });
    return kvb.callEither({
      route: `${routeOf`vaults/${vault}/diff`}?${query.toString()}`,
      answer: pointDiff,
    });
  });

interface Asked {
  readonly app: AppName;
  readonly id: string;
  readonly vault: string;
  /** The command that goes on following. */
  readonly again: string;
}

/** To its end; one that failed is a Failure. */
export async function liveDiffered(kvb: Kvb, options: WaitOptions, { app, id, vault, again }: Asked) {
  const page = (after: object) =>
    kvb.call(app, {
      route: `${routeOf`diffs/${id}`}?${new URLSearchParams({ limit: '5000', ...after }).toString()}`,
      answer: diffDetail,
    });
  const first = await follow<DiffDetail>(kvb, options, {
    title: `comparison of ${vault}`,
    look: () => page({}),
    hasEnded: ({ status }) => status !== 'running',
    at: () => ({ step: 'listing the live vault', done: 0, total: null }),
    again,
  });
  const whole = await pages<DiffDetail>((after, seen) =>
    seen ? patiently(kvb, () => page(after)) : Promise.resolve(first),
  );
  const { status, reason } = whole.value;
  if (status === 'failed')
    throw new Failure('notWell', `the comparison failed: ${reason}`, 'Try again.', whole.raw);
  return whole;
}
