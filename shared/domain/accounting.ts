/**
 * The accounting of a run: which outcome counts for each planned object, and whether the sums add up.
 * Order of what counts: the newest captured (or carried) blob, then gone, skipped, failed, then failed: notReached.
 */
import type { OutcomeName } from './blobNames.ts';
import type { Capture } from './capture.ts';
import { objectKey } from './objects.ts';
import type { Counts, IndexLine, PointStatus } from './recoveryPoint.ts';
import { isFinal, type PlanLine } from './runPlan.ts';

export interface OutcomeRecord {
  readonly outcome: OutcomeName;
  readonly reason: string | null;
  readonly pass: number;
}

/** What storage holds of a run, per object (objectKey), of all passes. */
export interface Evidence {
  readonly captures: ReadonlyMap<string, readonly Capture[]>;
  readonly outcomes: ReadonlyMap<string, readonly OutcomeRecord[]>;
}

/** An object's lines in the plans of a run, with the pass of each, oldest first. */
export type PassLines = readonly { readonly pass: number; readonly line: PlanLine }[];

/** Whether a pass is through with an object: settled by the plan, captured, or with a recorded outcome. */
export function isSettledIn(pass: number, line: PlanLine, evidence: Evidence): boolean {
  const key = objectKey(line);
  return (
    isFinal(line) ||
    evidence.captures.get(key)?.some(({ name }) => name.pass === pass) === true ||
    evidence.outcomes.get(key)?.some((record) => record.pass === pass) === true
  );
}

/**
 * The final line of an object. A capture counts with the line of its own pass, whose attributes are those it was taken
 * with. At the seal nothing stays open: what is missing is named.
 */
export function finalLine(lines: PassLines, evidence: Evidence): IndexLine {
  const newestFirst = [...lines].reverse();
  const newest = newestFirst[0]?.line;
  if (!newest) throw new Error('an object without a line');
  const captures = evidence.captures.get(objectKey(newest)) ?? [];
  for (const { pass, line } of newestFirst) {
    if (isFinal(line)) return line;
    const capture = captures.find(({ name }) => name.pass === pass);
    if (capture) return storedLine(line, capture);
  }
  const records = evidence.outcomes.get(objectKey(newest)) ?? [];
  for (const outcome of ['gone', 'skipped', 'failed'] as const) {
    const record = records.find((candidate) => candidate.outcome === outcome);
    if (record) return { ...newest, outcome, reason: record.reason };
  }
  return {
    ...newest,
    outcome: 'failed',
    reason: 'notReached: no job for it had ended when the run was sealed',
  };
}

/** Objects that were to be captured again, because they changed, and were not: their earlier capture stands. */
export function notCaughtAgain(lines: PassLines, evidence: Evidence): boolean {
  const last = lines.at(-1);
  if (!last || lines.length < 2 || isFinal(last.line)) return false;
  return evidence.captures.get(objectKey(last.line))?.some(({ name }) => name.pass === last.pass) !== true;
}

function storedLine(line: PlanLine, capture: Capture): IndexLine {
  return {
    ...line,
    outcome: 'stored',
    reason: null,
    blob: capture.blob,
    size: capture.size,
    sha256: capture.sha256,
    capturedAt: capture.capturedAt,
    pass: capture.name.pass,
    updated: capture.name.updated ?? line.updated,
    ...capture.key,
  };
}

export interface Account {
  readonly counts: Counts;
  readonly bytes: number;
  /** Null if every listed object has exactly one outcome, else what does not add up. */
  readonly discrepancy: string | null;
}

/** `listed` is what the list step counted, independently of the lines that were read back. */
export function account(lines: readonly IndexLine[], listed: number): Account {
  const counts: Counts = { listed, stored: 0, carried: 0, gone: 0, skipped: 0, failed: 0 };
  let bytes = 0;
  for (const line of lines) {
    counts[line.outcome] += 1;
    if (line.outcome === 'stored' || line.outcome === 'carried') bytes += line.size ?? 0;
  }
  const sum = counts.stored + counts.carried + counts.gone + counts.skipped + counts.failed;
  const distinct = new Set(lines.map(objectKey)).size;
  const discrepancy =
    sum !== listed
      ? `${listed} objects were listed, but ${sum} have an outcome`
      : distinct !== lines.length
        ? `${lines.length - distinct} objects are in the index twice`
        : null;
  return { counts, bytes, discrepancy };
}

/** What a run may call itself, and why it is less than complete. */
export function verdict(facts: {
  listed: boolean;
  account: Account;
  unlistedKinds: number;
  /** Why the consistency pass could not be made; null if it was. */
  unchecked: string | null;
  trouble: string | null;
}): { status: PointStatus; reason: string | null } {
  const { counts, discrepancy } = facts.account;
  if (!facts.listed)
    return {
      status: 'failed',
      reason: `the vault was not listed${facts.trouble ? `: ${facts.trouble}` : ''}`,
    };
  const captured = counts.stored + counts.carried;
  if (captured === 0 && counts.failed > 0) {
    return { status: 'failed', reason: `nothing was captured: all ${counts.failed} objects failed` };
  }
  const reasons = [
    ...(counts.failed > 0 ? [`${counts.failed} of ${counts.listed} objects failed`] : []),
    ...(facts.unlistedKinds > 0 ? [`${facts.unlistedKinds} kinds of object could not be listed`] : []),
    ...(facts.unchecked ? [`what changed during the run is not known: ${facts.unchecked}`] : []),
    ...(discrepancy ? [discrepancy] : []),
  ];
  return reasons.length > 0
    ? { status: 'partial', reason: reasons.join('; ') }
    : { status: 'complete', reason: null };
}
