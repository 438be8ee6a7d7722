/** What the HTTP interface shows: vaults, runs, recovery points. Reads storage only; never calls a vault. */
import { recoveryPointBlobName, runPrefix } from '../domain/blobNames.ts';
import { parseCapture } from '../domain/capture.ts';
import type { Plan } from '../domain/plans.ts';
import type { IndexLine, RecoveryPoint } from '../domain/recoveryPoint.ts';
import { instantOf } from '../domain/runId.ts';
import type { RunProgress } from '../domain/runProgress.ts';
import type { RunState } from '../domain/runState.ts';
import type { VaultOverview } from '../domain/vaultOverview.ts';
import { listPoints, type PointEntry, readIndex, readPoint } from '../engine/catalog.ts';
import { listDrills } from '../engine/drills.ts';
import { portableStanding } from '../engine/portableStanding.ts';
import { listVerifications, type VerificationEntry } from '../engine/verifications.ts';
import type { ImmutabilityState } from '../ports/containers.ts';
import type { BackupDeps } from './deps.ts';
import { readVaultState } from './runStore.ts';

export interface StatusDeps
  extends Pick<BackupDeps, 'backups' | 'state' | 'audit' | 'events' | 'clock' | 'settings'> {
  readonly plans: readonly Plan[];
}

export function statusQueries(deps: StatusDeps) {
  return {
    immutability: (): Promise<ImmutabilityState> => deps.backups.immutability(),
    /** Rejects if host storage cannot be reached. */
    storageTime: () => deps.state.serverTime(),
    vaults: () =>
      Promise.all(deps.plans.flatMap((plan) => plan.vaults.map((vault) => overview(plan, vault, deps)))),
    points: async (vault: string): Promise<PointEntry[]> => (await listPoints(vault, deps)).reverse(),
    point: (vault: string, id: string) => findPoint(vault, id, deps),
    objects: async (vault: string, id: string): Promise<IndexLine[] | null> => {
      const point = await findPoint(vault, id, deps);
      return point && readIndex(point, deps);
    },
    run: (vault: string, runId: string) => findRun(vault, runId, deps),
  };
}

async function overview(plan: Plan, vault: Plan['vaults'][number], deps: StatusDeps): Promise<VaultOverview> {
  const [held, points, verifications, drills, portable] = await Promise.all([
    readVaultState(deps.state, vault.name),
    listPoints(vault.name, deps),
    listVerifications(vault.name, deps),
    listDrills(vault.name, deps),
    portableStanding(plan, vault.name, { ...deps, retentionDays: deps.settings.retentionDays }),
  ]);
  const drill = drills.at(-1);
  const verified = verifications.filter(({ facts }) => facts.scope !== 'recoveryPoint').at(-1);
  const latest = points.at(-1);
  const now = deps.clock.now();
  return {
    vault: vault.name,
    url: vault.url,
    plan: plan.name,
    schedule: plan.schedule.text,
    requestsPer10Seconds: plan.requestsPer10Seconds,
    keyRequestsPer10Seconds: plan.keyRequestsPer10Seconds,
    nextRun: plan.schedule.next(now)?.toISOString() ?? null,
    activeRun: held.run && activeRunOf(held.run),
    latestPoint: latest
      ? {
          runId: latest.runId,
          status: latest.status,
          ageSeconds: secondsBetween(latest.facts.lastModified, now),
        }
      : null,
    latestVerification: verified ? latestOf(verified, now) : null,
    latestDrill: drill
      ? { id: drill.id, status: drill.status, ageSeconds: secondsSince(drill.endedAt, now) }
      : null,
    portableCopies: portable && {
      latest: portable.latest && {
        runId: portable.latest.runId,
        status: portable.latest.status,
        ageSeconds: secondsBetween(portable.latest.sealedAt, now),
      },
      overdue: portable.overdue,
    },
  };
}

const latestOf = ({ id, facts: { status, findings, checked, ended } }: VerificationEntry, now: Date) => ({
  id,
  status,
  findings,
  checked,
  ageSeconds: secondsSince(ended, now),
});

const secondsSince = (instant: string, now: Date) => secondsBetween(new Date(instant), now);
const secondsBetween = (then: Date, now: Date) => Math.round((now.getTime() - then.getTime()) / 1000);

const activeRunOf = ({ runId, step, startedAt, deadline, requests }: RunState) => ({
  runId,
  step,
  startedAt,
  deadline,
  requests,
});

async function findPoint(vault: string, id: string, deps: StatusDeps): Promise<RecoveryPoint | null> {
  if (id.toLowerCase() === 'latest') {
    const newest = (await listPoints(vault, deps)).at(-1);
    return newest ? ((await readPoint(newest.blob, deps))?.point ?? null) : null;
  }
  if (!instantOf(id)) return null;
  return (await readPoint(recoveryPointBlobName(vault, id), deps))?.point ?? null;
}

async function findRun(
  vault: string,
  runId: string,
  deps: StatusDeps,
): Promise<RecoveryPoint | RunProgress | null> {
  const sealed = await findPoint(vault, runId, deps);
  if (sealed) return sealed;
  const { run } = await readVaultState(deps.state, vault);
  if (run?.runId !== runId) return null;
  const stored = new Set<string>();
  for await (const facts of deps.backups.list(runPrefix(vault, runId))) {
    const capture = parseCapture(facts);
    if (capture) stored.add(`${capture.name.kind}/${capture.name.name}`);
  }
  const { step, startedAt, deadline, listed, requests } = run;
  const toCapture = listed === null ? null : run.plans.reduce((sum, plan) => sum + plan.jobs, 0);
  return {
    vault: run.vault,
    runId,
    status: 'running',
    step,
    startedAt,
    deadline,
    counts: { listed, toCapture, stored: stored.size },
    requests,
  };
}
