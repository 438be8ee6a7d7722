/** `kvb config`: a vault's own settings as they were recorded, and what differs from another vault or moment. */
import { type Command, Option } from 'commander';
import { configAccepted, configDiff, configView } from '../../shared/domain/answers.ts';
import { pointOrInstant, vaultName } from '../arguments.ts';
import { type Answer, type Request, routeOf } from '../call.ts';
import { configCommands, configDiffText, configText } from '../configText.ts';
import { exitCodes, Failure } from '../failure.ts';
import { follow } from '../follow.ts';
import type { Kvb, Run } from '../kvb.ts';
import type { AppName } from '../settings.ts';

const help = `
What no backup of an object holds: SKU, network rules, access, soft delete, purge protection, tags, diagnostics,
issuers, rotation policies. Each run of a vault whose plan names its resourceId records them. Nothing is ever set:
--commands prints a script for you to read; what takes something away is a comment in it.

Examples:
  $ kvb config contoso-payments                                   the newest record
  $ kvb config contoso-payments --at 2026-11-01T00:00:00Z         as it was then
  $ kvb config contoso-payments --since 2026-11-01T00:00:00Z      what changed since then
  $ kvb config contoso-payments --against contoso-payments-dr --now --commands > settings.sh`;

interface ConfigOptions {
  readonly at: string;
  readonly since?: string;
  readonly against?: string;
  readonly commands: boolean;
  readonly now: boolean;
  readonly exitCode: boolean;
}

export function addConfig(program: Command, run: Run): void {
  const moment = (flags: string, about: string) => new Option(flags, about).argParser(pointOrInstant);
  program
    .command('config')
    .summary('the settings of a vault itself, and what differs')
    .description('Shows the recorded settings of a vault, or what differs from another vault or moment.')
    .argument('<vault>', 'the vault', vaultName)
    .addOption(moment('--at <moment>', 'the record of then: its id, an instant or latest').default('latest'))
    .addOption(moment('--since <moment>', 'what changed since then').conflicts('against'))
    .addOption(
      new Option('--against <vault>', 'what differs from this vault’s newest record').argParser(vaultName),
    )
    .option('--commands', 'the az commands that would make the second what the first is', false)
    .option('--now', 'record the settings of the vaults first', false)
    .option('--exit-code', 'exit code 1 if anything differs or is not known', false)
    .addHelpText('after', help)
    .action(run((kvb, vault: string, options: ConfigOptions) => config(kvb, vault, options)));
}

async function config(kvb: Kvb, vault: string, options: ConfigOptions): Promise<number> {
  const { at, since, against } = options;
  const compares = since !== undefined || against !== undefined;
  if ((options.commands || options.exitCode) && !compares)
    throw new Failure('usage', 'compare with what?', 'Give --against or --since.');
  if (options.now)
    for (const one of against === undefined ? [vault] : [vault, against]) await record(kvb, one);
  if (!compares) {
    const route = `${routeOf`vaults/${vault}/configuration`}?${new URLSearchParams({ at }).toString()}`;
    const { value, raw } = await ask(kvb, { route, answer: configView });
    kvb.answer(raw, () => configText(value));
    return exitCodes.ok;
  }
  const query = new URLSearchParams(
    against === undefined ? { from: since ?? '', to: at } : { from: at, against },
  );
  const { value, raw } = await ask(kvb, {
    route: `${routeOf`vaults/${vault}/configuration/diff`}?${query.toString()}`,
    answer: configDiff,
  });
  kvb.answer(raw, () => (options.commands ? configCommands(value) : configDiffText(value)));
  // Contacts are never known, and say nothing of whether the vaults are alike.
  const differs = value.rows.some(({ setting }) => setting !== 'certificate contacts');
  return options.exitCode && differs ? exitCodes.notWell : exitCodes.ok;
}

const isThere = (kvb: Kvb, name: AppName) => kvb.apps.some((app) => app.name === name);

/** Only the restore app has the records of its targets; it reads those of sources as well. */
const ask = <T>(kvb: Kvb, request: Request<T>): Promise<Answer<T>> =>
  isThere(kvb, 'restore') ? kvb.call('restore', request) : kvb.callEither(request);

/** Asks the app that calls the vault for a record, and waits until it is there. */
async function record(kvb: Kvb, vault: string): Promise<void> {
  const post = { method: 'POST' as const, route: 'configurations', body: { vault }, answer: configAccepted };
  const asks = async (name: AppName) => ({ name, ...(await kvb.call(name, post)).value });
  const { name, id } = await asks(isThere(kvb, 'backup') ? 'backup' : 'restore').catch((error: unknown) => {
    const isTarget = error instanceof Failure && error.ending === 'usage' && isThere(kvb, 'restore');
    if (isTarget) return asks('restore');
    throw error;
  });
  const route = `${routeOf`vaults/${vault}/configuration`}?${new URLSearchParams({ at: id }).toString()}`;
  await follow<boolean>(
    kvb,
    { wait: true, waitMinutes: 10 },
    {
      title: `settings of ${vault}`,
      look: async () => ({ value: await isRecorded(kvb, name, route), raw: null, retryAfterSeconds: 2 }),
      hasEnded: (recorded) => recorded,
      at: () => ({ step: 'reading', done: 0, total: null }),
      again: `kvb config ${vault}`,
    },
  );
}

async function isRecorded(kvb: Kvb, app: AppName, route: string): Promise<boolean> {
  try {
    await kvb.call(app, { route, answer: configView });
    return true;
  } catch (error) {
    if (error instanceof Failure && error.ending === 'usage') return false;
    throw error;
  }
}
