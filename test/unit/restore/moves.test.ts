/** The records of a move: found again until its report is there, one per step, and the first that is written counts. */
import { expect, test } from 'vitest';
import { type MoveStepDone, moveSteps, nextStep } from '../../../shared/domain/move.ts';
import { reportOf } from '../../../shared/domain/moveBuild.ts';
import type { MoveReport } from '../../../shared/domain/moveReport.ts';
import { moveRecords } from '../../../shared/restore/moves.ts';
import { fakeClock } from '../../fakes/fakeClock.ts';
import { memoryContainer } from '../../fakes/memoryContainer.ts';

const request = { from: 'A', to: 'B', mode: 'auto', onConflict: 'fail', reason: 'CHG-12' } as const;
const caller = { name: 'operator', id: null, address: null };
const point = { recoveryPoint: '20261122T020000Z', status: 'complete' } as const;
const compared = { comparison: 'x', found: { missing: [], differs: [], more: [], unknown: [] } };
const restored = { restores: [], objects: [] };
const doneBy: { [S in MoveStepDone['step']]: Extract<MoveStepDone, { step: S }> } = {
  backup: { step: 'backup', ...point },
  restore: { step: 'restore', ...restored },
  compare: { step: 'compare', ...compared },
  finalStart: { step: 'finalStart', after: null },
  finalBackup: { step: 'finalBackup', ...point },
  finalRestore: { step: 'finalRestore', ...restored },
  finalCompare: { step: 'finalCompare', ...compared },
};
const report: MoveReport = reportOf(
  {
    ...request,
    madeAt: '2026-11-22T03:00:00.000Z',
    point: { runId: point.recoveryPoint, status: 'complete', sealedAt: '2026-11-22T02:00:31.000Z' },
    lines: [],
    restored: new Map(),
    copies: new Map(),
    target: { allowReplace: true, portable: true },
    planPortable: true,
    budgets: { requestsPer10Seconds: 400, keyRequestsPer10Seconds: 25, creatingRequestsPer10Seconds: 250 },
    setAgain: null,
  },
  {
    startedAt: '2026-11-22T02:00:00.000Z',
    recoveryPoints: [],
    restores: [],
    comparison: compared.found,
    pass: { replace: [], bring: [], left: [], lost: [] },
    final: new Map(),
  },
);

function world() {
  const clock = fakeClock();
  const audit = memoryContainer(clock);
  const events: string[] = [];
  const settings = { messageLeaseMs: 1, deadlineMinutes: 1, appVersion: '1' };
  const moves = moveRecords({ audit, clock, settings, events: { emit: (event) => void events.push(event) } });
  return { audit, events, moves };
}

test('a move goes through its steps, and its report ends it', async () => {
  const { audit, events, moves } = world();
  const { id } = await moves.begin(request, caller);
  expect(id).toBe('a.b.0001');
  for (const step of moveSteps) {
    const move = await moves.find(id);
    expect([move?.status, move && nextStep(move)]).toEqual(['running', step]);
    await moves.recordStep(id, doneBy[step], caller);
  }
  expect((await moves.end(id, report, caller))?.status).toBe('ended');
  expect(await moves.reportOf(id)).toEqual(report);
  expect([...audit.blobs.keys()].sort()).toEqual(
    ['started', ...moveSteps, 'report'].map((record) => `moves/${id}/${record}.json`).sort(),
  );
  expect(events).toEqual(['move.started', 'move.ended']);
});

test('begun again it is the same move, however the names are spelt; after its end it is the next', async () => {
  const { moves, events } = world();
  const first = await moves.begin(request, caller);
  await moves.recordStep(first.id, doneBy.backup, caller);
  const again = await moves.begin({ ...request, from: 'a', to: 'b', reason: 'another' }, caller);
  expect([again.id, again.request.reason, again.done.length]).toEqual([first.id, 'CHG-12', 1]);
  for (const step of moveSteps) await moves.recordStep(first.id, doneBy[step], caller);
  await moves.end(first.id, report, caller);
  expect((await moves.begin(request, caller)).id).toBe('a.b.0002');
  expect((await moves.between('A', 'b')).map(({ id, status }) => [id, status])).toEqual([
    ['a.b.0002', 'running'],
    ['a.b.0001', 'ended'],
  ]);
  expect(events.filter((event) => event === 'move.started')).toHaveLength(2);
});

test('two who begin at once begin one', async () => {
  const { moves, events } = world();
  const begun = await Promise.all([moves.begin(request, caller), moves.begin(request, caller)]);
  expect(begun.map(({ id }) => id)).toEqual(['a.b.0001', 'a.b.0001']);
  expect(events).toEqual(['move.started']);
});

test('another vault whose name begins alike is another move', async () => {
  const { moves } = world();
  await moves.begin({ ...request, to: 'B-2' }, caller);
  expect((await moves.begin(request, caller)).id).toBe('a.b.0001');
  expect(await moves.between('a', 'b')).toHaveLength(1);
});

test('the first record of a step counts', async () => {
  const { moves } = world();
  const { id } = await moves.begin(request, caller);
  await moves.recordStep(id, doneBy.backup, caller);
  const later = { ...doneBy.backup, recoveryPoint: '20261123T020000Z' };
  const move = await moves.recordStep(id, later, caller);
  expect(move?.done.map(({ done }) => done)).toEqual([doneBy.backup]);
});

test('a step out of its turn is refused, so is a report before its time or of another move', async () => {
  const { moves } = world();
  const { id } = await moves.begin(request, caller);
  await expect(moves.recordStep(id, doneBy.compare, caller)).rejects.toMatchObject({ code: 'conflict' });
  await expect(moves.end(id, report, caller)).rejects.toMatchObject({ code: 'conflict' });
  for (const step of moveSteps) await moves.recordStep(id, doneBy[step], caller);
  await expect(moves.end(id, { ...report, to: 'c' }, caller)).rejects.toMatchObject({ code: 'invalid' });
  await expect(moves.end(id, { ...report, outcome: null }, caller)).rejects.toMatchObject({
    code: 'invalid',
  });
});

test('an open move keeps what it was begun with', async () => {
  const { moves } = world();
  await moves.begin(request, caller);
  await expect(moves.begin({ ...request, mode: 'native' }, caller)).rejects.toMatchObject({
    code: 'conflict',
  });
});

test.each(['', '..', 'a.b', 'a.b.1', 'a.b.0001/..'])('"%s" is no move', async (id) => {
  const { moves } = world();
  await moves.begin(request, caller);
  expect([await moves.find(id), await moves.recordStep(id, doneBy.backup, caller)]).toEqual([null, null]);
});
