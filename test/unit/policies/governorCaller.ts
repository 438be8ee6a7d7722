/** Calls through a governor under fake time, noted by budget; and a measure of how dense they came. */
import { NotNow } from '../../../shared/domain/errors.ts';
import type { Budget } from '../../../shared/domain/objects.ts';
import { createGovernor, type Governor, type Patience } from '../../../shared/policies/governor.ts';

export const windowMs = 10_000;
const forEver = 3_600_000;

/** As shared/vaults.ts has it: a job does not wait out a pause, a listing does. */
export const patienceOf = (turnMs: number): Patience => ({ turnMs, pauseMs: turnMs > 2_000 ? turnMs : 0 });

export interface Caller {
  readonly governor: Governor;
  /** Milliseconds since the start at which each call was let through. */
  readonly starts: Record<Budget, number[]>;
  readonly refused: number[];
  call(budget?: Budget, patienceMs?: number): void;
}

export function caller(budgets: Partial<Record<Budget, number>> = {}): Caller {
  const governor = createGovernor({
    budgets: { objects: 100, keys: 20, ...budgets },
    clock: { now: () => new Date() },
    random: () => 0,
  });
  const begunAt = Date.now();
  const starts: Caller['starts'] = { objects: [], keys: [], creates: [] };
  const refused: number[] = [];
  return {
    governor,
    starts,
    refused,
    call(budget = 'objects', patienceMs = forEver) {
      governor
        .run(budget, patienceOf(patienceMs), async () => void starts[budget].push(Date.now() - begunAt))
        .catch((error: unknown) => {
          if (!(error instanceof NotNow)) throw error;
          refused.push(error.delayMs);
        });
    },
  };
}
export const callMany = (to: Caller, count: number, budget?: Budget, patienceMs?: number) => {
  for (let i = 0; i < count; i += 1) to.call(budget, patienceMs);
};

/** The most calls that any window of 10 s, closed at both ends, holds. */
export function mostInAWindow(starts: readonly number[]): number {
  const times = [...starts].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while ((times[from] ?? at) < at - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
