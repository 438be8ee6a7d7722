/** Asks for a restore and follows it: what `kvb restore` and `kvb move` share. */
import { randomUUID } from 'node:crypto';
import { restoreAccepted } from '../shared/domain/answers.ts';
import { type RestoreDetail, restoreDetail } from '../shared/domain/restoreViews.ts';
import { type Answer, routeOf } from './call.ts';
import { follow, patiently, type WaitOptions } from './follow.ts';
import type { Kvb } from './kvb.ts';

/** The same key for each try: what was accepted is not done twice because a reply was lost. */
export async function askForRestore(kvb: Kvb, body: object, key: string = randomUUID()) {
  const headers = { 'idempotency-key': key };
  const call = { method: 'POST', route: 'restores', body, headers, answer: restoreAccepted } as const;
  return (await patiently(kvb, () => kvb.call('restore', call))).value;
}

export function followRestore(
  kvb: Kvb,
  id: string,
  options: WaitOptions,
  what: 'plan' | 'restore',
): Promise<Answer<RestoreDetail>> {
  return follow(kvb, options, {
    title: `${what} ${id}`,
    look: () => kvb.call('restore', { route: routeOf`restores/${id}`, answer: restoreDetail }),
    hasEnded: ({ status }) => status !== 'running',
    at: ({ step, objects }) => ({
      step,
      done: objects.filter(({ outcome }) => outcome !== undefined).length,
      total: step === 'plan' ? null : objects.length,
    }),
    again: `kvb restore --follow ${id}`,
  });
}
