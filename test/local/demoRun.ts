/** One backup run as an operator sees it: fire the plan's timer, find the run, follow it until it is sealed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { DemoFailure, demand, fireTimer, runOf, vaultOverview } from './demoHttp.ts';
import { planName, sourceVault } from './demoStack.ts';
import { createProgress } from './progress.ts';
import type { Stack } from './stack.ts';

const lookEveryMs = 200;
const startsWithinMs = 15_000;
const endsWithinMs = 120_000;

const doing = {
  list: 'listing',
  capture: 'enqueueing',
  settle: 'capturing',
  check: 'checking',
  inventory: 'counting versions',
  seal: 'sealing',
} as const;

/** Resolves with the run's id. */
export async function startRun({ api, host }: Stack): Promise<string> {
  const before = await vaultOverview(api, sourceVault);
  demand(
    before.activeRun === null && before.latestPoint === null,
    `${sourceVault} has a run or a recovery point before the first backup`,
  );
  await fireTimer(host.url, `runPlan-${planName}`);
  for (const until = Date.now() + startsWithinMs; Date.now() < until; await sleep(lookEveryMs)) {
    const { activeRun, latestPoint } = await vaultOverview(api, sourceVault);
    const runId = activeRun?.runId ?? latestPoint?.runId;
    if (runId !== undefined) return runId;
  }
  throw new DemoFailure(`the timer fired, but no run of ${sourceVault} began within ${startsWithinMs} ms`);
}

export async function followRun({ api }: Stack, runId: string, label: string): Promise<RecoveryPoint> {
  const progress = createProgress(label);
  try {
    for (const until = Date.now() + endsWithinMs; Date.now() < until; await sleep(lookEveryMs)) {
      const run = await runOf(api, sourceVault, runId);
      if (run.status !== 'running') {
        progress.done({ done: run.counts.stored, total: run.counts.stored, note: 'stored, sealed' });
        return run;
      }
      const { stored, toCapture } = run.counts;
      progress.show({ done: stored, total: toCapture, note: `stored, ${doing[run.step]}` });
    }
  } finally {
    progress.stop();
  }
  throw new DemoFailure(`run ${runId} was not sealed within ${endsWithinMs / 1000} s`);
}
