/** The records of moves from one vault into another: begun or gone on with, each step, and the report at the end. */
import { z } from 'zod';
import {
  briefly,
  type MoveView,
  moveDetail,
  moveRequest,
  moveStepDone,
  movesBetween,
  moveView,
} from '../../shared/domain/move.ts';
import { moveReport } from '../../shared/domain/moveReport.ts';
import { callerOf } from './principal.ts';
import { Problem } from './problem.ts';
import { bodyOf, type Call, queryOf, registerRoute } from './route.ts';

const problems = { 404: 'There is no such move.' };
/** Of reports, and of what restores did: some 30,000 objects. */
const largestMiB = 16;
const name = z.string('write the name of a vault').regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault');
const between = z.object({ from: name.describe('The source.'), to: name.describe('The target.') });

registerRoute('postMoves', {
  method: 'POST',
  route: 'moves',
  summary: 'Begins a move from one vault into another, or goes on with the one that has not ended.',
  roles: ['Restore.Execute'],
  apps: 'restore',
  body: moveRequest,
  answers: {
    200: {
      description: 'What is done of it so far. What is left is up to the caller: `kvb move`.',
      schema: moveView,
    },
  },
  problems: { 409: 'The open move has another mode or onConflict.' },
  handler: async (call) => {
    const body = await bodyOf(call.request, moveRequest);
    const target = targetOf(call, body);
    if (body.mode === 'portable' && !target.portable)
      throw new Problem(
        'invalid',
        `mode: ${body.to} takes no portable copies`,
        'Set portable for this target in RESTORE_TARGETS, and give the restore app the copies role on it.',
      );
    const caller = callerOf(call.request, call.app.config);
    return { status: 200, jsonBody: briefly(await call.app.moves(call.events).begin(body, caller)) };
  },
});

registerRoute('getMoves', {
  method: 'GET',
  route: 'moves',
  summary: 'The moves from one vault into another, and what the target lets a move do.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  query: between,
  answers: { 200: { description: 'At most 20.', schema: movesBetween } },
  problems: { 400: 'A parameter is no name of a vault.' },
  handler: async (call) => {
    const asked = queryOf(call.request, between);
    const { allowReplace, portable, creatingRequestsPer10Seconds, resourceId } = targetOf(call, asked);
    const settings = resourceId !== undefined;
    const moves = await call.app.moves(call.events).between(asked.from, asked.to);
    return {
      status: 200,
      jsonBody: {
        target: { allowReplace, portable, creatingRequestsPer10Seconds, settings },
        moves: moves.map(briefly),
      },
    };
  },
});

registerRoute('getMove', {
  method: 'GET',
  route: 'moves/{id}',
  summary: 'One move, with its report.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  answers: { 200: { description: 'From its records in the audit container.', schema: moveDetail } },
  problems,
  handler: async (call) => {
    const moves = call.app.moves(call.events);
    const move = found(call, await moves.find(idOf(call)));
    return { status: 200, jsonBody: { ...move, report: await moves.reportOf(move.id) } };
  },
});

registerRoute('postMoveSteps', {
  method: 'POST',
  route: 'moves/{id}/steps',
  summary: 'Records that a step of a move is done. The first record of a step counts.',
  roles: ['Restore.Execute'],
  apps: 'restore',
  body: moveStepDone,
  answers: { 200: { description: 'The move as it is now.', schema: moveView } },
  problems: { ...problems, 409: 'It is not the turn of this step.' },
  handler: async (call) => {
    const body = await bodyOf(call.request, moveStepDone, { largestMiB });
    const caller = callerOf(call.request, call.app.config);
    const move = await call.app.moves(call.events).recordStep(idOf(call), body, caller);
    return { status: 200, jsonBody: briefly(found(call, move)) };
  },
});

registerRoute('postMoveReport', {
  method: 'POST',
  route: 'moves/{id}/report',
  summary: 'Stores the report of a move, which ends it. The first one counts.',
  roles: ['Restore.Execute'],
  apps: 'restore',
  body: moveReport,
  answers: { 200: { description: 'The move, ended.', schema: moveView } },
  problems: { ...problems, 409: 'A step is still to be done.' },
  handler: async (call) => {
    const report = await bodyOf(call.request, moveReport, { largestMiB });
    const caller = callerOf(call.request, call.app.config);
    const move = await call.app.moves(call.events).end(idOf(call), report, caller);
    return { status: 200, jsonBody: briefly(found(call, move)) };
  },
});

function targetOf({ app }: Call, { from, to }: { from: string; to: string }) {
  const target = app.findTarget(from, to);
  if (target && !target.drill) return target;
  throw new Problem(
    'forbidden',
    target ? `to: ${to} is a scratch vault for drills` : `to: ${from} may not be restored into ${to}`,
    target ? 'Move into another target of RESTORE_TARGETS.' : 'Add it to RESTORE_TARGETS under its source.',
  );
}

const idOf = ({ request }: Call) => (request.params['id'] ?? '').toLowerCase();

function found(call: Call, move: MoveView | null): MoveView {
  if (move) return move;
  throw new Problem('notFound', `there is no move "${idOf(call)}"`, 'GET /api/moves?from=…&to=… lists them.');
}
