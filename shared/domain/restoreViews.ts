/** What GET /api/restores shows of a restore: a line of the list, and one with every object's outcome. */
import { z } from 'zod';
import { restoreActions } from './restorePlan.ts';
import { outcomeRecord, restoreState } from './restoreState.ts';

const { id, status, reason, startedAt, endedAt, counts, lacks, bytes, requests, step, request, caller } =
  restoreState.shape;

export const restoreSummary = z
  .object({
    id,
    status,
    reason,
    startedAt,
    endedAt,
    counts,
    vault: z.string(),
    target: z.string(),
    recoveryPoint: z.string(),
    dryRun: z.boolean(),
  })
  .meta({ id: 'RestoreSummary' });
export type RestoreSummary = z.infer<typeof restoreSummary>;

export const restoreDetail = restoreSummary
  .extend({
    step,
    lacks,
    bytes,
    requests,
    requestedBy: caller,
    request,
    durationSeconds: z.int(),
    actions: z
      .partialRecord(z.enum(restoreActions), z.int())
      .nullable()
      .describe('What the plan will do, or has done: objects per action; null before there is a plan.'),
    audit: z.string().describe('Where the records of this restore lie.'),
    safety: z.string().describe('Where the copies that replacements make first lie.'),
    objects: z.array(
      z.object({
        object: z.string(),
        action: z.enum(restoreActions),
        why: z.string(),
        travels: z
          .enum(['native', 'portable', 'either'])
          .describe(
            'By which it is to come: Key Vault’s own blob, its portable copy, or the first unless the target cannot decrypt it.',
          ),
        // Absent until the object has an outcome.
        ...outcomeRecord.partial().shape,
      }),
    ),
  })
  .meta({ id: 'Restore' });
export type RestoreDetail = z.infer<typeof restoreDetail>;
