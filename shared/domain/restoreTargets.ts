/**
 * RESTORE_TARGETS: which vault may be restored into which. A JSON object of source names, each with its allowed
 * targets; a source is no target of itself unless it is listed so on purpose.
 */
import { z } from 'zod';
import { vaultResourceId } from './vaultResourceId.ts';
import { type Cloud, vaultUrl } from './vaultUrl.ts';

export interface RestoreTarget {
  readonly name: string;
  readonly url: string;
  readonly resourceId?: string | undefined;
  /** Live objects may give way: the target's identity has the replace role. */
  readonly allowReplace: boolean;
  /** Objects may come by portable copies, which are made anew: the target's identity has the copies role. */
  readonly portable: boolean;
  /** A scratch vault: drills restore into it, and delete and purge what they restored. */
  readonly drill: boolean;
  readonly requestsPer10Seconds: number;
  readonly keyRequestsPer10Seconds: number;
  readonly creatingRequestsPer10Seconds: number;
}

export type RestoreTargets = ReadonlyMap<string, readonly RestoreTarget[]>;

const name = z.string().regex(/^[A-Za-z][0-9A-Za-z-]{1,22}[0-9A-Za-z]$/, 'write a vault name');
export const targetSchema = z.strictObject({
  name: name.describe('The target vault. A source is a target of itself only if it is listed so.'),
  url: z
    .url({ protocol: /^https$/, error: 'write an https URL' })
    .optional()
    .describe('Where its name and `AZURE_CLOUD` do not give it.'),
  resourceId: vaultResourceId,
  allowReplace: z
    .boolean()
    .default(false)
    .describe(
      'Lets a restore recover soft-deleted objects, and lets live ones give way to `onConflict: "replace"`. Needs the replace role.',
    ),
  portable: z
    .boolean()
    .default(false)
    .describe(
      'Lets a restore make objects anew from portable copies (`mode` portable or auto). Needs the copies role.',
    ),
  drill: z
    .boolean()
    .default(false)
    .describe(
      'A scratch vault for restore drills, which delete and purge there what they restored. No plan may back it up. Needs the drill role.',
    ),
  requestsPer10Seconds: z.int().min(1).max(4000).default(400).describe('Budget, as for a plan.'),
  keyRequestsPer10Seconds: z.int().min(1).max(4000).default(25).describe('Budget for keys, as for a plan.'),
  // 300 creating calls per 10 s is the documented limit of the bucket; whether a restore counts there is not.
  creatingRequestsPer10Seconds: z
    .int()
    .min(1)
    .max(300)
    .default(250)
    .describe('Budget for restoring calls; the documented limit of creating calls is 300.'),
});
const shape = z.record(
  name,
  z
    .array(z.union([name, targetSchema], 'write a vault name, or {"name": "…", "allowReplace": false}'))
    .min(1, 'name at least one target'),
);

export function parseRestoreTargets(
  text: string,
  cloud: Cloud,
): { targets: RestoreTargets; problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      targets: new Map(),
      problems: [
        `RESTORE_TARGETS: is not valid JSON (${error instanceof Error ? error.message : String(error)}); write {"source": ["target"]}`,
      ],
    };
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `RESTORE_TARGETS${issue.path.map((part) => `.${String(part)}`).join('')}: ${issue.message}`,
    );
    return { targets: new Map(), problems };
  }
  const targets = new Map<string, RestoreTarget[]>();
  for (const [source, listed] of Object.entries(parsed.data)) {
    const full = listed.map((entry) =>
      targetSchema.parse(typeof entry === 'string' ? { name: entry } : entry),
    );
    targets.set(
      source.toLowerCase(),
      full.map((entry) => ({ ...entry, url: vaultUrl(entry, cloud) })),
    );
  }
  return { targets, problems: [] };
}

/** Null if the target is not allowed for that source. */
export const findTarget = (targets: RestoreTargets, source: string, wanted: string): RestoreTarget | null =>
  targets.get(source.toLowerCase())?.find((entry) => entry.name.toLowerCase() === wanted.toLowerCase()) ??
  null;
