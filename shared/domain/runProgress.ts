/** What GET /api/backups/{vault}/{runId} shows while the run goes on; after that it is the recovery point. */
import { z } from 'zod';
import { requestRecord } from './recoveryPoint.ts';
import { runSteps } from './runState.ts';

export const runProgress = z
  .object({
    vault: z.string(),
    runId: z.string(),
    status: z.literal('running'),
    step: z.enum(runSteps),
    startedAt: z.iso.datetime(),
    deadline: z.iso.datetime(),
    counts: z.object({
      listed: z.int().nullable(),
      toCapture: z
        .int()
        .nullable()
        .describe('What needs a job; the rest of the listed is carried or left out.'),
      stored: z.int(),
    }),
    requests: requestRecord,
  })
  .meta({ id: 'RunProgress' });
export type RunProgress = z.infer<typeof runProgress>;
