/**
 * Compares the plan with blobs and outcomes until nothing is missing. What is still missing a message lease after the
 * last progress is enqueued again, five times at most; after that the seal names it as not reached. While the vault is
 * paused nothing counts against an object: an outage is not a failure.
 */
import { settledLine } from '../domain/accounting.ts';
import { laneOf, lanes } from '../domain/objects.ts';
import { objectsPerPart } from '../domain/runPlan.ts';
import { newestPlan, type RunState } from '../domain/runState.ts';
import type { Step } from './advanceRun.ts';
import { enqueue } from './captureStep.ts';
import type { BackupDeps } from './deps.ts';
import { readEvidence } from './evidence.ts';

const mostRounds = 5;
const longestLookMs = 30_000;

export const settleStep: Step = async (run, deps) => {
  const { lines, evidence } = await readEvidence(run, deps);
  const missing = lines.filter((line) => settledLine(line, evidence) === null);
  if (missing.length === 0) return { state: { ...run, step: 'check' }, delayMs: 0 };

  const now = deps.clock.now();
  const { settling } = run;
  const progressed = settling.missing === null || missing.length < settling.missing || isPaused(run, deps);
  // Right after capture progressAt lies where the last message becomes visible.
  const progressAt = progressed
    ? new Date(Math.max(now.getTime(), Date.parse(settling.progressAt)))
    : new Date(settling.progressAt);
  const next = {
    ...settling,
    missing: missing.length,
    progressAt: progressAt.toISOString(),
    looks: settling.looks + 1,
  };
  const stalled = now.getTime() - progressAt.getTime() > deps.settings.messageLeaseMs;
  if (!stalled)
    return {
      state: { ...run, settling: next },
      delayMs: Math.min(longestLookMs, 1000 * 2 ** Math.min(settling.looks, 5)),
    };

  if (settling.rounds >= mostRounds) return { state: { ...run, settling: next, step: 'check' }, delayMs: 0 };
  const pass = newestPlan(run)?.pass ?? 1;
  let throughMs = 0;
  for (const lane of lanes) {
    const again = missing.filter((line) => laneOf(line.kind) === lane).slice(0, objectsPerPart);
    if (again.length > 0) throughMs = Math.max(throughMs, await enqueue(run, pass, again, lane, deps));
  }
  const sentAt = new Date(now.getTime() + throughMs).toISOString();
  return {
    state: { ...run, settling: { ...next, progressAt: sentAt, rounds: settling.rounds + 1, looks: 0 } },
    delayMs: Math.max(1000, throughMs),
  };
};

function isPaused(run: RunState, deps: BackupDeps): boolean {
  try {
    return deps.vaultOf(run.vault).pace.pausedForMs() > 0;
  } catch {
    return false;
  }
}
