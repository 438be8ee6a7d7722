/**
 * A move of a vault's objects into another vault: what is asked, and what is done so far. Each step writes its record
 * once, into `audit`; they are all that a move remembers, so whoever runs it again, anywhere, goes on behind the last one.
 *
 *   started ▸ backup ▸ restore ▸ compare ▸ finalStart ▸ finalBackup ▸ finalRestore ▸ finalCompare ▸ the report
 *
 * `finalStart` says from when on nothing writes to the source any more: what the final backup holds is then the end of it.
 */
import { z } from 'zod';
import { restoreIdShape } from './blobNames.ts';
import { moveComparison, moveReport } from './moveReport.ts';
import { pointStatuses } from './recoveryPoint.ts';
import { conflictPolicies, restoreModes } from './restoreRequest.ts';
import { caller } from './restoreState.ts';
import { restoreDetail } from './restoreViews.ts';

const name = z.string().regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault');

export const moveRequest = z
  .strictObject({
    from: name,
    to: name,
    mode: z.enum(restoreModes, `write one of ${restoreModes.join(', ')}`).default('auto'),
    onConflict: z.enum(conflictPolicies, `write one of ${conflictPolicies.join(', ')}`).default('fail'),
    reason: z.string('say why, for the audit record').trim().min(5, 'say why, for the audit record').max(500),
  })
  .refine(({ from, to }) => from.toLowerCase() !== to.toLowerCase(), {
    message: 'that is the vault itself',
    path: ['to'],
  });
export type MoveRequest = z.infer<typeof moveRequest>;

const runId = z.string().regex(/^\d{8}T\d{6}Z$/);
const taken = {
  recoveryPoint: runId,
  status: z.enum(pointStatuses),
};
const restored = {
  restores: z.array(z.string().regex(restoreIdShape)).max(200),
  objects: z
    .array(restoreDetail.shape.objects.element)
    .describe(
      'What the restores did: their state goes after some weeks. Only one move, asked for by its id, shows it.',
    ),
};
const compared = { comparison: z.string().max(64), found: moveComparison };
const finalStart = {
  after: runId
    .nullable()
    .describe('The newest run of the source until then: what comes later is the final backup.'),
};

/** What each step leaves behind, in the order of the steps. */
const facts = {
  backup: taken,
  restore: restored,
  compare: compared,
  finalStart,
  finalBackup: taken,
  finalRestore: restored,
  finalCompare: compared,
} as const;
export const moveSteps = [
  'backup',
  'restore',
  'compare',
  'finalStart',
  'finalBackup',
  'finalRestore',
  'finalCompare',
] as const satisfies readonly (keyof typeof facts)[];
export type MoveStep = (typeof moveSteps)[number];

const step = <S extends MoveStep, F extends z.ZodRawShape>(named: S, shape: F) =>
  z.strictObject({ step: z.literal(named), ...shape });
export const moveStepDone = z.discriminatedUnion('step', [
  step('backup', facts.backup),
  step('restore', facts.restore),
  step('compare', facts.compare),
  step('finalStart', facts.finalStart),
  step('finalBackup', facts.finalBackup),
  step('finalRestore', facts.finalRestore),
  step('finalCompare', facts.finalCompare),
]);
export type MoveStepDone = z.infer<typeof moveStepDone>;

const written = { format: z.literal(1), id: z.string(), at: z.iso.datetime(), app: z.string(), caller };
export const moveStarted = z.object({ ...written, request: moveRequest });
export const moveStepRecord = z.object({ ...written, done: moveStepDone });
export const moveReportRecord = z.object({ ...written, report: moveReport });

export const moveView = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'ended']),
    request: moveRequest,
    startedAt: z.iso.datetime(),
    startedBy: caller,
    done: z
      .array(z.object({ at: z.iso.datetime(), done: moveStepDone }))
      .describe('In the order of the steps.'),
    audit: z.string().describe('Where its records lie.'),
  })
  .meta({ id: 'Move' });
export type MoveView = z.infer<typeof moveView>;

export const moveDetail = moveView.extend({
  report: moveReport.nullable().describe('As it was stored; null until the move has ended.'),
});
export type MoveDetail = z.infer<typeof moveDetail>;

/** Without what each restore did to each object. */
export const briefly = (move: MoveView): MoveView => ({
  ...move,
  done: move.done.map(({ at, done }) => ({ at, done: 'objects' in done ? { ...done, objects: [] } : done })),
});

/** What the target lets a move do, and the moves into it so far. */
export const movesBetween = z.object({
  target: z.object({
    allowReplace: z.boolean(),
    portable: z.boolean(),
    creatingRequestsPer10Seconds: z.int(),
    settings: z
      .boolean()
      .describe('Whether its own settings can be recorded: RESTORE_TARGETS has its resourceId.'),
  }),
  moves: z.array(moveView).describe('Newest first.'),
});
export type MovesBetween = z.infer<typeof movesBetween>;

/** Null: all steps are done, the report is left. */
export const nextStep = ({ done }: Pick<MoveView, 'done'>): MoveStep | null =>
  moveSteps.find((wanted) => !done.some((one) => one.done.step === wanted)) ?? null;

export function doneOf<S extends MoveStep>(
  { done }: Pick<MoveView, 'done'>,
  wanted: S,
): (Extract<MoveStepDone, { step: S }> & { at: string }) | null {
  const found = done.find((one) => one.done.step === wanted);
  return found
    ? ({ ...found.done, at: found.at } as Extract<MoveStepDone, { step: S }> & { at: string })
    : null;
}
