/**
 * The stack that many cells share: each has a vault of its own, and what a fault of one vault, blob or message does to
 * the others is nothing. Leases and waits are short. The watch is called as its timer would call it, only sooner.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type E2e, startE2e } from '../e2e/harness.ts';
import type { EmulatorControl } from '../emulator/emulator.ts';
import type { LocalHost } from '../host/host.ts';
import { keepLedger, type Ledger } from './ledger.ts';
import { type StepWatch, watchSteps } from './stepWatch.ts';

export type AppName = 'backup' | 'restore';

export interface FaultStack {
  readonly e2e: E2e;
  readonly control: EmulatorControl;
  /** The hosts as they are now. */
  readonly hosts: Record<AppName, LocalHost>;
  readonly steps: StepWatch;
  readonly ledger: Ledger;
  /** Calls the watch, should this vault's run stand still. */
  nudge(vault: string): Promise<false>;
  setResolvable(vault: string, resolvable: boolean): void;
  /** Kills a host, and starts another one at its address. */
  replaceHost(app: AppName): { dead: Promise<void>; alive: Promise<void> };
  stop(): Promise<void>;
}

export interface FaultStackOptions {
  readonly sources: readonly string[];
  /** Target → the source that is restored into it. */
  readonly targets: ReadonlyMap<string, string>;
  /** Targets with so small a budget that a restore of five objects waits between its steps. */
  readonly slowTargets?: ReadonlySet<string>;
  /** Scratch vault → the source that is drilled in it; of no other plan, so it is none of `sources`. */
  readonly drills: ReadonlyMap<string, string>;
}

/** Who stands still this long is looked after, at most so often: in the field it is every five minutes. */
const standsStillMs = 4_000;
const watchEveryMs = 2_000;
/** Scratch for judging: copies are restored there. */
export const judgeVault = 'judge';

export async function startFaultStack({
  sources,
  targets,
  slowTargets = new Set(),
  drills,
}: FaultStackOptions): Promise<FaultStack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keyvault-faults-'));
  const unresolvable = path.join(folder, 'unresolvable');
  const settings = { requestsPer10Seconds: 4000, keyRequestsPer10Seconds: 1000 };
  const restoreTargets = (addresses: { name: string; url: string }[]) => {
    const allowed: Record<string, object[]> = {};
    const allow = (target: string, source: string, what: object) => {
      const url = addresses.find(({ name }) => name === target)?.url;
      (allowed[source] ??= []).push({ name: target, url, ...what, ...settings });
    };
    for (const [target, source] of targets) {
      const pace = slowTargets.has(target) ? { creatingRequestsPer10Seconds: 10 } : {};
      allow(target, source, { allowReplace: true, ...pace });
    }
    for (const [scratch, source] of drills) allow(scratch, source, { drill: true });
    return allowed;
  };
  const planOf = (name: string, vaults: readonly object[]) => ({
    name,
    schedule: '0 0 2 * * *',
    vaults,
    justification: 'the fault suite of the service',
    deadlineMinutes: 0.75,
    ...settings,
  });
  const e2e = await startE2e({
    vaults: Object.fromEntries(
      [...sources, ...targets.keys(), ...drills.keys(), ...drills.values(), judgeVault].map((name) => [
        name,
        {},
      ]),
    ),
    env: {
      MESSAGE_LEASE_SECONDS: '2',
      STORAGE_TIMEOUT_SECONDS: '8',
      FAULTS_UNRESOLVABLE: unresolvable,
      NODE_OPTIONS: `--require=${path.join(import.meta.dirname, 'resolver.cjs')}`,
    },
    host: { queueLeaseSeconds: 3, maxPollingIntervalMs: 200 },
    stack: {
      plans: (addresses) => [
        planOf(
          'all',
          addresses.filter(({ name }) => sources.includes(name)),
        ),
        ...[...drills].map(([target, source]) => ({
          ...planOf(
            target,
            addresses.filter(({ name }) => name === source),
          ),
          drill: { schedule: '0 0 4 * * *', target, sample: 10 },
        })),
      ],
      restorePlans: true,
      restoreTargets,
      // Tokens that are asked for anew when one is refused: for the last five minutes of their life they are not kept.
      emulator: { settleMs: 200, purgeLimboMs: 400, pageSize: 2, tokenLifetimeSeconds: 290 },
    },
  });
  const { stack } = e2e;
  if (!stack.restoreHost) throw new Error('the restore app does not run');
  const hosts = { backup: stack.host, restore: stack.restoreHost };
  const lost = new Set<string>();
  const portOf = (vault: string) =>
    new URL(stack.emulator.vaults.find(({ name }) => name === vault)?.url ?? '').port;
  const environments: Record<AppName, Record<string, string>> = {
    backup: {},
    restore: stack.restoreEnv,
  };
  let writing: Promise<unknown> = writeFile(unresolvable, '');
  const steps = watchSteps(stack.blobs);
  let watchedAt = 0;
  return {
    e2e,
    control: stack.emulator.control,
    hosts,
    steps,
    async nudge(vault) {
      const now = performance.now();
      if (now - steps.since(vault) < standsStillMs || now - watchedAt < watchEveryMs) return false;
      watchedAt = now;
      await hosts.backup.invoke('watchRuns').catch(() => undefined);
      if (drills.size > 0) await hosts.restore.invoke('watchDrills').catch(() => undefined);
      return false;
    },
    ledger: keepLedger(stack),
    setResolvable(vault, resolvable) {
      if (resolvable) lost.delete(portOf(vault));
      else lost.add(portOf(vault));
      const text = [...lost].join('\n');
      writing = writing.then(() => writeFile(unresolvable, text));
    },
    replaceHost(app) {
      const port = Number(new URL(hosts[app].url).port);
      const dead = hosts[app].killHost();
      const alive = dead.then(async () => {
        hosts[app] = await stack.startHost({ port, env: environments[app] });
      });
      return { dead, alive };
    },
    async stop() {
      await writing;
      await e2e.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
