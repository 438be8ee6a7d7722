/**
 * A source vault with recovery points, and one target vault per test, so that tests do not meet. The emulator settles
 * deletions and recoveries and keeps purged names in limbo, as the service does.
 */
import { type E2e, type E2eOptions, startE2e } from './harness.ts';

export const source = 'source';

export interface TargetOptions {
  readonly allowReplace?: boolean;
  readonly spec?: object;
}

export function startRestoreE2e(
  targets: Record<string, TargetOptions>,
  options: Partial<E2eOptions> = {},
): Promise<E2e> {
  const vaults = Object.fromEntries(
    Object.entries(targets).map(([name, { spec }]) => [name, spec ? { spec } : {}]),
  );
  return startE2e({
    ...options,
    vaults: { [source]: {}, ...vaults, ...options.vaults },
    stack: {
      plans: (addresses) => [
        {
          name: source,
          schedule: '0 0 2 * * *',
          vaults: addresses.filter(({ name }) => name === source),
          justification: 'an end-to-end test of restores',
          requestsPer10Seconds: 4000,
          keyRequestsPer10Seconds: 1000,
        },
      ],
      restoreTargets: (addresses) => ({
        [source]: addresses
          .filter(({ name }) => name in targets)
          .map(({ name, url }) => ({
            name,
            url,
            allowReplace: targets[name]?.allowReplace === true,
            requestsPer10Seconds: 4000,
            keyRequestsPer10Seconds: 1000,
          })),
      }),
      emulator: { settleMs: 300, purgeLimboMs: 1_500 },
      ...options.stack,
    },
  });
}

/** One run by hand, to its end. In a full one nothing is carried, however long ago it was made. */
export async function backUpNow(e2e: E2e, { full = false } = {}): Promise<string> {
  const before = await e2e.points(source);
  const answer = await e2e.call('POST', 'backups', { vault: source, full });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  const { runId } = await e2e.waitForPoint(
    source,
    (point) => !before.some((name) => name.includes(point.runId)),
  );
  return runId;
}

/** objectKey → [action, outcome]. */
export const outcomesOf = (detail: {
  objects: readonly { object: string; action: string; outcome?: string }[];
}) => Object.fromEntries(detail.objects.map(({ object, action, outcome }) => [object, [action, outcome]]));
