/**
 * The restore as an operator asks for it: first a dry run, which changes nothing, then the vault's state of a moment,
 * over HTTP into the secondary vault; and the audit record that it leaves behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import { DemoFailure, demand, requestRestore, restoreOf } from './demoHttp.ts';
import { sourceVault, targetVault } from './demoStack.ts';
import { createProgress } from './progress.ts';
import type { Stack } from './stack.ts';

const lookEveryMs = 200;
const endsWithinMs = 60_000;
const reason = 'INC-4711 somebody purged production';

export const restoreApi = ({ restoreHost }: Stack): string => {
  demand(restoreHost !== null, 'the restore app does not run');
  return `${restoreHost.url}/api`;
};

/** The body of POST /api/restores: all that `at` still had. */
const requestFor = (at: Date, dryRun: boolean) => ({
  vault: sourceVault,
  at: at.toISOString(),
  objects: ['**'],
  target: targetVault,
  reason,
  dryRun,
});

/** Asks, and looks until it has ended. */
async function ask(
  stack: Stack,
  request: ReturnType<typeof requestFor>,
  show: (restore: RestoreDetail) => void,
): Promise<RestoreDetail> {
  const api = restoreApi(stack);
  const id = await requestRestore(api, request);
  for (const until = Date.now() + endsWithinMs; Date.now() < until; await sleep(lookEveryMs)) {
    const restore = await restoreOf(api, id);
    if (restore.status !== 'running') return restore;
    show(restore);
  }
  throw new DemoFailure(`restore ${id} did not end within ${endsWithinMs / 1000} s`);
}

export async function dryRun(stack: Stack, at: Date): Promise<RestoreDetail> {
  const { control } = stack.emulator;
  const writes = control.writes(targetVault);
  const plan = await ask(stack, requestFor(at, true), () => {});
  demand(plan.status === 'planned', `the dry run ended as ${plan.status}: ${plan.reason ?? 'no reason'}`);
  demand(control.writes(targetVault) === writes, 'the dry run changed the target');
  return plan;
}

/** `label`: what stands before the bar. */
export async function restoreAll(stack: Stack, at: Date, label: string): Promise<RestoreDetail> {
  const progress = createProgress(label);
  const stateOf = ({ objects }: RestoreDetail) => ({
    done: objects.filter(({ action, outcome }) => action === 'skip' || outcome !== undefined).length,
    total: objects.length === 0 ? null : objects.length,
  });
  try {
    const ended = await ask(stack, requestFor(at, false), (restore) =>
      progress.show({ ...stateOf(restore), note: `done, ${doing[restore.step]}` }),
    );
    progress.done({ ...stateOf(ended), note: 'done, verified' });
    demand(
      ended.status === 'complete',
      `the restore ended as ${ended.status}: ${ended.reason ?? 'no reason'}; ${problemsOf(ended)}`,
    );
    return ended;
  } finally {
    progress.stop();
  }
}

const doing: Readonly<Record<RestoreDetail['step'], string>> = {
  plan: 'planning',
  apply: 'enqueueing',
  settle: 'restoring',
  seal: 'sealing',
  ended: 'ended',
};

const problemsOf = ({ objects }: RestoreDetail): string =>
  objects
    .filter(({ outcome }) => outcome !== 'restored' && outcome !== 'skipped')
    .slice(0, 5)
    .map(({ object, outcome, reason: why }) => `${object} ${outcome}: ${why ?? ''}`)
    .join('; ');

/** Returns what the two audit records say, in words. */
export async function checkAudit(stack: Stack, { id, objects }: RestoreDetail): Promise<string> {
  const read = async (which: string) => {
    const file = await stack
      .container('audit')
      .getBlobClient(`restores/${id}/${which}.json`)
      .downloadToBuffer();
    return JSON.parse(file.toString()) as {
      request: { reason: string };
      status?: string;
      objects: unknown[];
    };
  };
  const [started, ended] = [await read('started'), await read('ended')];
  demand(
    started.request.reason === reason && ended.status === 'complete',
    'the audit records do not tell of this restore',
  );
  demand(
    started.objects.length === objects.length && ended.objects.length === objects.length,
    `the audit records name ${started.objects.length} and ${ended.objects.length} objects, not ${objects.length}`,
  );
  return `audited before the first change and at the end: who, why, and what became of ${objects.length} objects`;
}
