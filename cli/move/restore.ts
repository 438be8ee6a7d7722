/** A restore for a move, named by the move and the part that it brings. */
import { z } from 'zod';
import type { RestoredObject } from '../../shared/domain/moveTravel.ts';
import { routeOf } from '../call.ts';
import { Failure } from '../failure.ts';
import { follow } from '../follow.ts';
import { askForRestore, followRestore } from '../restores.ts';
import { movesOf, sourceOf } from './facts.ts';
import type { Doing } from './steps.ts';

const mostTries = 1000;

/**
 * An earlier try that failed as a whole is not asked for again: its name stands for that failure. `mustBring`: one that
 * brought nothing ends the command; else only one that could not even plan does.
 */
export async function restoreChunk(
  { kvb, move, options }: Doing,
  part: string,
  asked: object,
  { mustBring }: { mustBring: boolean },
): Promise<{ id: string; objects: RestoredObject[] }> {
  const { from: vault, to: target, mode, reason } = move.request;
  const body = {
    vault,
    target,
    mode,
    reason: `move ${move.id}: ${reason}`.slice(0, 500),
    allowPartial: true,
    ...asked,
  };
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const accepted = await askForRestore(kvb, body, `move/${move.id}/${part}/${attempt}`);
    const { value } = await followRestore(kvb, accepted.id, options, 'restore');
    const failed = value.status === 'failed' && (mustBring || value.objects.length === 0);
    if (!failed) return { id: value.id, objects: value.objects };
    if (accepted.status !== 'failed')
      throw new Failure(
        'notWell',
        `restore ${value.id} failed: ${value.reason}`,
        'See to that (kvb restore --follow shows every object), then run the same command again: the move goes on.',
      );
  }
  throw new Error(`part ${part} of move ${move.id} was tried ${mostTries} times`);
}

/** Where the plan makes copies and the target takes them, they are waited for: whether they are needed shows only later. */
export async function waitForCopies({ kvb, move, options, again }: Doing, runId: string): Promise<void> {
  const { from, to, mode } = move.request;
  if (mode === 'native') return;
  const [source, { target }] = await Promise.all([sourceOf(kvb, from), movesOf(kvb, { from, to })]);
  if (!source.portableCopies || !target.portable) return;
  const route = routeOf`vaults/${from}/portable-copies/${runId}`;
  await follow(kvb, options, {
    title: `portable copies of ${runId}`,
    look: () => kvb.call('restore', { route, answer: z.looseObject({}), also: 404 }),
    hasEnded: (value) => 'copies' in value,
    at: () => ({ step: 'the portable app makes them within minutes', done: 0, total: null }),
    again,
  });
}
