/** What GET /api/vaults shows of a vault. */
import { z } from 'zod';
import { drillStatuses } from './drill.ts';
import { requestRecord } from './recoveryPoint.ts';
import { runSteps } from './runState.ts';
import { verificationStatuses } from './verification.ts';

export const vaultOverview = z
  .object({
    vault: z.string(),
    url: z.url(),
    plan: z.string(),
    /** NCRONTAB in UTC. */
    schedule: z.string(),
    requestsPer10Seconds: z.int(),
    keyRequestsPer10Seconds: z.int(),
    nextRun: z.iso.datetime().nullable(),
    activeRun: z
      .object({
        runId: z.string(),
        step: z.enum(runSteps),
        startedAt: z.iso.datetime(),
        deadline: z.iso.datetime(),
        requests: requestRecord,
      })
      .nullable(),
    latestPoint: z
      .object({ runId: z.string(), status: z.string().nullable(), ageSeconds: z.int() })
      .nullable(),
    latestVerification: z
      .object({
        id: z.string(),
        status: z.enum(verificationStatuses),
        findings: z.int(),
        checked: z.int(),
        ageSeconds: z.int(),
      })
      .nullable()
      .describe('Of the whole vault. Damage that an offered point names keeps it `failed`.'),
    latestDrill: z
      .object({ id: z.string(), status: z.enum(drillStatuses), ageSeconds: z.int() })
      .nullable()
      .describe('GET /api/drills/{vault} of the restore app has its record.'),
    portableCopies: z
      .object({
        latest: z
          .object({ runId: z.string(), status: z.string().nullable(), ageSeconds: z.int() })
          .nullable(),
        overdue: z
          .object({ runId: z.string(), seconds: z.int() })
          .nullable()
          .describe(
            'The recovery point that waits for copies longer than it should: the portable app is silent.',
          ),
      })
      .nullable()
      .describe('Null where the plan asks for none.'),
  })
  .meta({ id: 'VaultOverview' });
export type VaultOverview = z.infer<typeof vaultOverview>;
