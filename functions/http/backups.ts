/** POST /api/backups starts runs by hand; GET /api/backups/{vault}/{runId} shows one while it goes on and after. */
import { z } from 'zod';
import type { VaultStart, VaultStarted } from '../../shared/backup/startPlan.ts';
import { backupsStarted, type notStarted, runView, type started } from '../../shared/domain/answers.ts';
import { Problem } from './problem.ts';
import { bodyOf, type Call, registerRoute, vaultParam } from './route.ts';

const pollEverySeconds = '5';
const body = z
  .strictObject({
    plan: z.string().optional(),
    vault: z.string().optional(),
    full: z.boolean().default(false),
  })
  .refine(
    ({ plan, vault }) => (plan === undefined) !== (vault === undefined),
    'name either a plan or a vault',
  );

const retryAfter = { 'retry-after': 'Seconds until it is worth asking again.' };

registerRoute('postBackups', {
  method: 'POST',
  route: 'backups',
  summary: 'Starts a run of a vault, or of every vault of a plan.',
  roles: ['Backup.Run'],
  body,
  answers: {
    202: {
      description: 'At least one run was started.',
      schema: backupsStarted,
      headers: { location: 'Where to look at the first run.', ...retryAfter },
    },
  },
  problems: { 404: 'No plan has that name or vault.', 409: 'A run of that vault is still going on.' },
  handler: async (call) => {
    const results = await call.app.startVaults(wanted(call, await bodyOf(call.request, body)), call.events);
    const only = results.length === 1 ? results[0] : undefined;
    if (only?.result.outcome === 'busy') {
      throw new Problem(
        'busy',
        `run ${only.result.runId} of ${only.vault} is still going on`,
        'Wait for it, or look at it under Location.',
        { run: only.result.runId },
      );
    }
    const entries = results.map(entryOf);
    const first = entries.find((entry) => 'run' in entry);
    if (!first)
      throw new Problem('unreachable', 'no run could be started', 'See the entries for the reasons.', {
        vaults: entries.filter((entry) => 'notStarted' in entry),
      });
    return {
      status: 202,
      headers: { location: `/api/backups/${first.vault}/${first.run}`, 'retry-after': pollEverySeconds },
      jsonBody: { vaults: entries },
    };
  },
});

function wanted({ app }: Call, request: z.infer<typeof body>): VaultStart[] {
  if (request.vault !== undefined) {
    const found = app.findVault(request.vault);
    if (!found)
      throw new Problem(
        'notFound',
        `vault: no plan has a vault "${request.vault}"`,
        'GET /api/vaults lists the vaults of this app.',
      );
    return [{ ...found, full: request.full }];
  }
  const plan = app.findPlan(request.plan ?? '');
  if (!plan)
    throw new Problem(
      'notFound',
      `plan: there is no plan "${request.plan}"`,
      `The plans are: ${app.config.plans.map(({ name }) => name).join(', ')}.`,
    );
  return plan.vaults.map((vault) => ({ plan, vault, full: request.full }));
}

function entryOf({ vault, result }: VaultStarted): z.infer<typeof started> | z.infer<typeof notStarted> {
  if (result.outcome === 'error')
    return { vault, notStarted: 'storage could not be reached', hint: 'Read the logs, then try again.' };
  if (result.outcome === 'refused') return { vault, notStarted: result.reason, hint: result.hint };
  if (result.outcome === 'busy')
    return {
      vault,
      notStarted: `run ${result.runId} is still going on`,
      hint: `See /api/backups/${vault}/${result.runId}.`,
    };
  return { vault, run: result.runId };
}

registerRoute('getBackup', {
  method: 'GET',
  route: 'backups/{vault}/{runId}',
  summary: 'One run, while it goes on and after.',
  roles: ['Backup.Read'],
  answers: {
    200: {
      description: 'Its progress, then its recovery point.',
      schema: runView,
      headers: retryAfter,
    },
  },
  problems: { 404: 'There is no such vault or run.' },
  handler: async (call) => {
    const vault = vaultParam(call);
    const runId = call.request.params['runId'] ?? '';
    const run = await call.app.status(call.events).run(vault, runId);
    if (!run)
      throw new Problem(
        'notFound',
        `${vault} has no run "${runId}"`,
        `GET /api/vaults/${vault}/recovery-points lists the sealed ones.`,
      );
    return run.status === 'running'
      ? { status: 200, headers: { 'retry-after': pollEverySeconds }, jsonBody: run }
      : { status: 200, jsonBody: run };
  },
});
