/** `kvb config`: a vault's own settings as they were recorded, and what differs from another vault or moment. */
import { type Command, Option } from 'commander';
import { configDiff, configView } from '../../shared/domain/answers.ts';
import { pointOrInstant, vaultName } from '../arguments.ts';
import { routeOf } from '../call.ts';
import { askConfig, recordConfig } from '../configRecords.ts';
import { configCommands, configDiffText, configText } from '../configText.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { Kvb, Run } from '../kvb.ts';

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
    .option('--now', 'record the settings first; with --against those of that vault', false)
    .option('--exit-code', 'exit code 1 if anything differs or is not known', false)
    .addHelpText('after', help)
    .action(run((kvb, vault: string, options: ConfigOptions) => config(kvb, vault, options)));
}

async function config(kvb: Kvb, vault: string, options: ConfigOptions): Promise<number> {
  const { at, since, against } = options;
  const compares = since !== undefined || against !== undefined;
  if ((options.commands || options.exitCode) && !compares)
    throw new Failure('usage', 'compare with what?', 'Give --against or --since.');
  // The first may be gone, and its last record is then what counts.
  if (options.now) await recordConfig(kvb, against ?? vault);
  if (!compares) {
    const route = `${routeOf`vaults/${vault}/configuration`}?${new URLSearchParams({ at }).toString()}`;
    const { value, raw } = await askConfig(kvb, { route, answer: configView });
    kvb.answer(raw, () => configText(value));
    return exitCodes.ok;
  }
  const query = new URLSearchParams(
    against === undefined ? { from: since ?? '', to: at } : { from: at, against },
  );
  const { value, raw } = await askConfig(kvb, {
    route: `${routeOf`vaults/${vault}/configuration/diff`}?${query.toString()}`,
    answer: configDiff,
  });
  kvb.answer(raw, () => (options.commands ? configCommands(value) : configDiffText(value)));
  // Contacts are never known, and say nothing of whether the vaults are alike.
  const differs = value.rows.some(({ setting }) => setting !== 'certificate contacts');
  return options.exitCode && differs ? exitCodes.notWell : exitCodes.ok;
}
