/**
 * The records of moves, in `audit`: a move that is begun again before its report is there is the same move, and of two
 * who write one step's record the first one counts. The command line takes the steps (cli/move); this remembers them.
 */
import {
  moveId,
  moveIdShape,
  moveRecordName,
  movesBetweenPrefix,
  parseMoveRecordName,
} from '../domain/blobNames.ts';
import { RequestRefused } from '../domain/errors.ts';
import {
  type MoveRequest,
  type MoveStepDone,
  type MoveView,
  moveReportRecord,
  moveStarted,
  moveStepRecord,
  moveSteps,
  nextStep,
} from '../domain/move.ts';
import type { MoveReport } from '../domain/moveReport.ts';
import type { Caller } from '../domain/restoreState.ts';
import { parseStored } from '../domain/stored.ts';
import type { RestoreDeps } from './deps.ts';

type MoveDeps = Pick<RestoreDeps, 'audit' | 'clock' | 'settings' | 'events'>;

export const moveRecords = (deps: MoveDeps) => ({
  begin: (request: MoveRequest, caller: Caller) => beginMove(request, caller, deps),
  between: (from: string, to: string) => listMoves(from, to, deps),
  find: (id: string) => findMove(id, deps),
  reportOf: (id: string) => moveReportOf(id, deps),
  recordStep: (id: string, done: MoveStepDone, caller: Caller) => recordMoveStep(id, done, caller, deps),
  end: (id: string, report: MoveReport, caller: Caller) => endMove(id, report, caller, deps),
});

/** The open move between the two, or a new one. */
async function beginMove(request: MoveRequest, caller: Caller, deps: MoveDeps): Promise<MoveView> {
  const latest = (await recordsBetween(request.from, request.to, deps)).at(-1);
  const isOpen = latest !== undefined && !latest.records.has('report');
  const number = latest ? Number(moveIdShape.exec(latest.id)?.[3]) + (isOpen ? 0 : 1) : 1;
  const id = moveId(request.from, request.to, number);
  if (!isOpen && (await write(id, 'started', { request }, caller, deps)) === 'created')
    deps.events.emit('move.started', { id, from: request.from, to: request.to, mode: request.mode });
  const move = await findMove(id, deps);
  if (!move) throw new Error(`move ${id} is not there`);
  const { mode, onConflict } = move.request;
  if (mode !== request.mode || onConflict !== request.onConflict)
    throw new RequestRefused(
      'conflict',
      `move ${id} goes on with mode ${mode} and onConflict ${onConflict}`,
      'Ask for the same, or let it end first.',
    );
  return move;
}

/** All moves between the two, newest first. */
async function listMoves(from: string, to: string, deps: MoveDeps): Promise<MoveView[]> {
  const moves: MoveView[] = [];
  for (const { id } of (await recordsBetween(from, to, deps)).reverse().slice(0, mostShown)) {
    const move = await findMove(id, deps);
    if (move) moves.push(move);
  }
  return moves;
}
const mostShown = 20;

async function findMove(id: string, deps: MoveDeps): Promise<MoveView | null> {
  const started = moveIdShape.test(id) ? await read(id, 'started', moveStarted, deps) : null;
  if (!started) return null;
  const steps = await Promise.all(moveSteps.map((step) => read(id, step, moveStepRecord, deps)));
  const done = steps.flatMap((record) => (record ? [{ at: record.at, done: record.done }] : []));
  const ended = (await deps.audit.facts(moveRecordName(id, 'report'))) !== null;
  return {
    id,
    status: ended ? 'ended' : 'running',
    request: started.request,
    startedAt: started.at,
    startedBy: started.caller,
    done,
    audit: `audit/moves/${id}/`,
  };
}

const moveReportOf = async (id: string, deps: MoveDeps): Promise<MoveReport | null> =>
  (await read(id, 'report', moveReportRecord, deps))?.report ?? null;

/** Written by somebody before, the move goes on as that record says. */
async function recordMoveStep(
  id: string,
  done: MoveStepDone,
  caller: Caller,
  deps: MoveDeps,
): Promise<MoveView | null> {
  const move = await findMove(id, deps);
  if (!move) return null;
  const next = nextStep(move);
  if (move.done.some((one) => one.done.step === done.step)) return move;
  if (next !== done.step)
    throw new RequestRefused(
      'conflict',
      `move ${id} is at ${next ?? 'its report'}, not at ${done.step}`,
      again,
    );
  await write(id, done.step, { done }, caller, deps);
  return findMove(id, deps);
}
const again = 'Look at the move, and go on with its next step.';

async function endMove(
  id: string,
  report: MoveReport,
  caller: Caller,
  deps: MoveDeps,
): Promise<MoveView | null> {
  const move = await findMove(id, deps);
  if (!move) return null;
  const next = nextStep(move);
  if (next) throw new RequestRefused('conflict', `move ${id} is at ${next}, not at its report`, again);
  const { from, to } = move.request;
  if (!report.outcome || report.from !== from || report.to !== to)
    throw new RequestRefused('invalid', `report: it is not the final report of move ${id}`, again);
  if ((await write(id, 'report', { report }, caller, deps)) === 'created') {
    const { status, stale, notMoved } = report.outcome;
    deps.events.emit('move.ended', { id, from, to, status, stale: stale.length, notMoved: notMoved.length });
  }
  return findMove(id, deps);
}

/** In order of their ids. */
async function recordsBetween(from: string, to: string, { audit }: MoveDeps) {
  const records = new Map<string, Set<string>>();
  for await (const { name } of audit.list(movesBetweenPrefix(from, to))) {
    const found = parseMoveRecordName(name);
    if (!found) continue;
    const known = records.get(found.id) ?? new Set();
    records.set(found.id, known.add(found.record));
  }
  return [...records].map(([id, names]) => ({ id, records: names }));
}

async function read<T>(
  id: string,
  record: string,
  schema: Parameters<typeof parseStored<T>>[2],
  { audit }: MoveDeps,
): Promise<T | null> {
  const name = moveRecordName(id, record);
  const found = await audit.read(name);
  return found && parseStored(name, found.bytes, schema, 'immutable');
}

function write(
  id: string,
  record: string,
  facts: object,
  caller: Caller,
  { audit, clock, settings }: MoveDeps,
) {
  const whole = { format: 1, id, at: clock.now().toISOString(), app: settings.appVersion, caller, ...facts };
  return audit.create(moveRecordName(id, record), {
    bytes: Buffer.from(JSON.stringify(whole), 'utf8'),
    contentType: 'application/json',
  });
}
