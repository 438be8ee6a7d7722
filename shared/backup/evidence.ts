/** Reads what storage holds of a run: its plans, the captured blobs and the recorded outcomes. Settle and seal decide on it. */
import { z } from 'zod';
import type { Evidence, OutcomeRecord, PassLines } from '../domain/accounting.ts';
import { outcomePrefix, parseOutcomeBlobName, runPrefix } from '../domain/blobNames.ts';
import { type Capture, parseCapture } from '../domain/capture.ts';
import { asBackupError } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import type { RunState } from '../domain/runState.ts';
import { parseStored } from '../domain/stored.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { BlobFacts } from '../ports/containers.ts';
import type { BackupDeps } from './deps.ts';
import { readPlan } from './planParts.ts';

const readsAtOnce = 16;

/** Our clock and storage's may differ by two minutes (startRun refuses more), and blobs are stamped in whole seconds. */
const clockToleranceMs = 121_000;

/** A blob of a run's name that was there before the run began is not of this run, and is not used. */
export const isStranger = (facts: BlobFacts, startedAt: string): boolean =>
  facts.lastModified.getTime() < Date.parse(startedAt) - clockToleranceMs;

export interface RunEvidence {
  /** Per object (objectKey), its lines in the plans. */
  readonly lines: ReadonlyMap<string, PassLines>;
  readonly evidence: Evidence;
}

/** All planned objects of all passes, and what is known of each. */
export async function readEvidence(run: RunState, deps: BackupDeps): Promise<RunEvidence> {
  const captures = new Map<string, Capture[]>();
  for await (const facts of deps.backups.list(runPrefix(run.vault, run.runId))) {
    const capture = parseCapture(facts);
    if (!capture) continue;
    if (isStranger(facts, run.startedAt)) {
      deps.events.emit('blob.stranger', { vault: run.vault, runId: run.runId, blob: facts.name });
      continue;
    }
    const key = objectKey(capture.name);
    captures.set(key, [...(captures.get(key) ?? []), capture]);
  }
  return {
    lines: await plannedLines(run, deps),
    evidence: { captures, outcomes: await readOutcomes(run, deps) },
  };
}

export async function plannedLines(run: RunState, deps: BackupDeps): Promise<Map<string, PassLines>> {
  const lines = new Map<string, PassLines>();
  for (const plan of run.plans) {
    for (const line of await readPlan(run, plan, deps)) {
      const key = objectKey(line);
      lines.set(key, [...(lines.get(key) ?? []), { pass: plan.pass, line }]);
    }
  }
  return lines;
}

const outcomeBody = z.object({ reason: z.string().nullable() });
export type OutcomeBody = z.infer<typeof outcomeBody>;

/** The name alone says the outcome; a reason that cannot be read must not keep a run from its seal. */
function reasonIn(name: string, bytes: Uint8Array): string | null {
  try {
    return parseStored(name, bytes, outcomeBody, 'state').reason;
  } catch (error) {
    return asBackupError(error).message;
  }
}

export async function readOutcomes(run: RunState, deps: BackupDeps): Promise<Map<string, OutcomeRecord[]>> {
  const outcomes = new Map<string, OutcomeRecord[]>();
  const names: string[] = [];
  for await (const { name } of deps.state.list(outcomePrefix(run.vault, run.runId))) names.push(name);
  await mapConcurrently(readsAtOnce, names, async (name) => {
    const parsed = parseOutcomeBlobName(name);
    const found = parsed && (await deps.state.read(name));
    if (!parsed || !found) return;
    const reason = reasonIn(name, found.bytes);
    const key = objectKey(parsed);
    outcomes.set(key, [...(outcomes.get(key) ?? []), { outcome: parsed.outcome, reason, pass: parsed.pass }]);
  });
  return outcomes;
}
