/** Follows a backup run to its recovery point. */
import type { z } from 'zod';
import { runView, type started } from '../shared/domain/answers.ts';
import { type Answer, routeOf } from './call.ts';
import { type Followed, follow, type WaitOptions } from './follow.ts';
import type { Kvb } from './kvb.ts';

export function followRun(
  kvb: Kvb,
  options: WaitOptions,
  { vault, run }: z.infer<typeof started>,
  again = `kvb backup ${vault} --follow ${run}`,
): Promise<Answer<z.infer<typeof runView>>> {
  const work: Followed<z.infer<typeof runView>> = {
    title: vault,
    look: () => kvb.call('backup', { route: routeOf`backups/${vault}/${run}`, answer: runView }),
    hasEnded: ({ status }) => status !== 'running',
    at: (value) =>
      value.status === 'running'
        ? { step: value.step, done: value.counts.stored, total: value.counts.toCapture }
        : { step: 'sealed', done: 0, total: null },
    again,
  };
  return follow(kvb, options, work);
}
