/**
 * Plans: who asked for what. A plan without a justification is refused, because the documentation says to back up
 * only with one; a vault belongs to exactly one plan. All problems are found at once, each with what to write instead.
 */
import { z } from 'zod';
import { type PortablePlan, portableSchema } from './portablePlan.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { problemOfPattern } from './selection.ts';
import { namesTheVault, otherVault, vaultResourceId } from './vaultResourceId.ts';
import { type Cloud, vaultUrl } from './vaultUrl.ts';

export interface PlanVault {
  readonly name: string;
  readonly url: string;
  /** Where it is in Azure, if its plan says so: its own settings are recorded. */
  readonly resourceId?: string;
}

export interface Plan {
  readonly name: string;
  readonly schedule: Schedule;
  readonly vaults: readonly PlanVault[];
  readonly justification: string;
  readonly requestsPer10Seconds: number;
  readonly keyRequestsPer10Seconds: number;
  readonly deadlineMinutes: number;
  /** A run that lists fewer objects than the one before by more than this is called out. */
  readonly maxDropPercent: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly drill: DrillPlan | null;
  /** Null: no value is ever read. */
  readonly portable: PortablePlan | null;
}

/** A restore drill: how often, into which scratch vault, and what of the newest point comes back. */
export interface DrillPlan {
  readonly schedule: Schedule;
  readonly target: string;
  /** Objects chosen at random, besides the canaries. */
  readonly sample: number;
  readonly canaries: readonly string[];
}

const vaultName = z
  .string()
  .regex(
    /^[A-Za-z][0-9A-Za-z-]{1,22}[0-9A-Za-z]$/,
    'write a vault name: 3 to 24 letters, digits and dashes, beginning with a letter',
  );
const pattern = z.string().superRefine((text, context) => {
  const problem = problemOfPattern(text);
  if (problem) context.addIssue({ code: 'custom', message: `"${text}" is no pattern: ${problem}` });
});

const drillSchema = z.strictObject({
  schedule: z.string('write six fields: second minute hour day month weekday, e.g. "0 0 4 * * 0"'),
  target: vaultName,
  sample: z.int().min(1).max(200).default(10),
  canaries: z.array(pattern).max(50, 'at most 50 canaries').default([]),
});

const writeName = 'write a short name of letters, digits and dashes';
const writeVaults = 'name at least one vault';
const writeWhy = 'write why these vaults need a backup of their own, in a sentence';

export const planSchema = z.strictObject({
  name: z
    .string(writeName)
    .regex(/^[A-Za-z][0-9A-Za-z-]{0,39}$/, writeName)
    .describe('Names the plan’s timer: letters, digits and dashes.'),
  schedule: z
    .string('write six fields: second minute hour day month weekday, e.g. "0 0 2 * * *"')
    .describe('NCRONTAB with seconds, in UTC, such as `0 0 2 * * *`.'),
  vaults: z
    .array(
      z.union(
        [
          vaultName,
          z
            .strictObject({
              name: vaultName,
              url: z.url({ protocol: /^https$/, error: 'write an https URL' }).optional(),
              resourceId: vaultResourceId,
            })
            .refine(namesTheVault, otherVault),
        ],
        'write a vault name, or {"name": "…", "url": "https://…", "resourceId": "/subscriptions/…"}',
      ),
      writeVaults,
    )
    .min(1, writeVaults)
    .describe(
      'Names, or `{"name", "url", "resourceId"}`: `url` where name and `AZURE_CLOUD` do not give it, `resourceId` for the infrastructure’s roles and the record of the vault’s own settings. A vault belongs to exactly one plan.',
    )
    .meta({ values: 'a list' }),
  justification: z
    .string(writeWhy)
    .trim()
    .min(10, writeWhy)
    .describe('Why these vaults need a backup of their own, in a sentence. A plan without one is refused.'),
  // 4,000 per 10 s is the documented limit for a vault's secret and certificate transactions; a tenth leaves it to production.
  requestsPer10Seconds: z
    .int()
    .min(1)
    .max(4000)
    .default(400)
    .describe('Budget per vault for secrets and certificates; the documented limit is 4,000.'),
  // A tenth of the lowest limit for key transactions (RSA 4096 HSM): a listing does not tell a key's type.
  keyRequestsPer10Seconds: z
    .int()
    .min(1)
    .max(4000)
    .default(25)
    .describe(
      'Budget per vault for keys: a tenth of the lowest key limit, because a listing does not tell a key’s type.',
    ),
  deadlineMinutes: z
    .number()
    .positive()
    .max(720)
    .default(240)
    .describe('A run that has not ended by then is sealed with what is missing named.'),
  maxDropPercent: z
    .number()
    .min(0)
    .max(100)
    .default(20)
    .describe(
      'A run that lists fewer objects than the one before by more than this is called out (`objects.dropped`).',
    ),
  include: z
    .array(pattern)
    .min(1)
    .default(['**'])
    .describe('Globs on `kind/name`, such as `secrets/db-*`.')
    .meta({ values: 'a list' }),
  exclude: z
    .array(pattern)
    .default([])
    .describe('Globs that win over `include`. What is left out stands in the point as `skipped`.')
    .meta({ values: 'a list' }),
  drill: drillSchema
    .optional()
    .describe(
      'A restore drill: `{"schedule", "target", "sample": 10, "canaries": ["secrets/canary"]}`. Restores a random sample and the canaries into a scratch vault that `RESTORE_TARGETS` marks with `"drill": true`, compares and removes them.',
    ),
  portable: portableSchema
    .optional()
    .describe(
      'Encrypted copies of what Key Vault lets out, beside its own blobs: `{"recipients": ["https://recovery.vault.azure.net/keys/portable", {"publicKey": "-----BEGIN PUBLIC KEY-----…"}], "versions": 0, "include": ["**"], "exclude": []}`; `versions` counts past ones. Made by the portable app, whose identity reads values; without this no value is ever read ([more](portable-copies.md)).',
    ),
});

export function parsePlans(
  text: string,
  setting: string,
  cloud: Cloud,
): { plans: Plan[]; problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      plans: [],
      problems: [`${setting}: is not valid JSON (${error instanceof Error ? error.message : String(error)})`],
    };
  }
  const parsed = z.array(planSchema).min(1, 'write at least one plan').safeParse(value);
  const problems = (parsed.error?.issues ?? []).flatMap((issue) => describeIssue(setting, issue));
  const raw = Array.isArray(value) ? value : [];
  const plans: Plan[] = [];
  raw.forEach((entry: unknown, index) => {
    const text = (entry as { schedule?: unknown } | null)?.schedule;
    const schedule = typeof text === 'string' ? parseSchedule(text) : null;
    if (schedule && 'problem' in schedule)
      problems.push(`${setting}[${index}].schedule: "${String(text)}" ${schedule.problem}`);
    const plan = parsed.data?.[index];
    const drill = plan?.drill ? drillOf(plan.drill, `${setting}[${index}].drill`, problems) : null;
    if (plan && schedule && !('problem' in schedule)) {
      plans.push({
        ...plan,
        schedule,
        drill,
        portable: plan.portable ?? null,
        vaults: plan.vaults.map((vault) =>
          addressed(typeof vault === 'string' ? { name: vault } : vault, cloud),
        ),
      });
    }
  });
  problems.push(...repeated(setting, raw));
  return { plans, problems };
}

function drillOf(drill: z.output<typeof drillSchema>, at: string, problems: string[]): DrillPlan | null {
  const schedule = parseSchedule(drill.schedule);
  if ('problem' in schedule) {
    problems.push(`${at}.schedule: "${drill.schedule}" ${schedule.problem}`);
    return null;
  }
  return { ...drill, schedule };
}

const addressed = (
  vault: { name: string; url?: string | undefined; resourceId?: string | undefined },
  cloud: Cloud,
): PlanVault => ({
  name: vault.name,
  url: vaultUrl(vault, cloud),
  ...(vault.resourceId === undefined ? {} : { resourceId: vault.resourceId }),
});

function describeIssue(setting: string, issue: z.core.$ZodIssue): string[] {
  const at = `${setting}${issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${at}.${key}: is not known; a plan has ${Object.keys(planSchema.shape).join(', ')}`,
    );
  }
  return [`${at}: ${issue.message}`];
}

/** The same plan name or vault twice; a vault in two plans would have two limiters and two truths. */
function repeated(setting: string, plans: readonly unknown[]): string[] {
  const problems: string[] = [];
  const planNames = new Set<string>();
  const homes = new Map<string, string>();
  for (const entry of plans as { name?: unknown; vaults?: unknown }[]) {
    const plan = String(entry?.name).toLowerCase();
    if (typeof entry?.name === 'string' && planNames.has(plan))
      problems.push(`${setting}: two plans are named "${plan}"; give each its own name`);
    planNames.add(plan);
    for (const vault of Array.isArray(entry?.vaults) ? (entry.vaults as unknown[]) : []) {
      const { name, url } = (typeof vault === 'string' ? { name: vault } : (vault ?? {})) as Partial<
        Record<'name' | 'url', unknown>
      >;
      for (const one of [name, url].filter((part) => typeof part === 'string')) {
        const home = homes.get(one.toLowerCase());
        if (home !== undefined) {
          problems.push(
            `${setting}: vault "${one.toLowerCase()}" is in plan "${home}" and again in "${plan}"; keep it in one`,
          );
        }
        homes.set(one.toLowerCase(), plan);
      }
    }
  }
  return problems;
}
