/** `kvb backup`: starts runs and follows them to their recovery points. */
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { backupsStarted, type runView, started } from '../../shared/domain/answers.ts';
import type { RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { vaultName, waitOptions } from '../arguments.ts';
import type { Answer } from '../call.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type WaitOptions, worst } from '../follow.ts';
import type { Kvb, Run } from '../kvb.ts';
import { pointText } from '../pointText.ts';
import { followRun } from '../runs.ts';

const help = `
Runs by hand come beside the scheduled ones. Exit code 1 if a recovery point is not complete, or a run
could not be started.

Examples:
  $ kvb backup contoso-payments                     before a risky change
  $ kvb backup contoso-payments --full              carry nothing over: capture every object anew
  $ kvb backup --plan payments --no-wait            every vault of a plan, without waiting
  $ kvb backup contoso-payments --follow 20261122T020000Z    a run that goes on already`;

interface BackupOptions extends WaitOptions {
  readonly plan?: string;
  readonly full: boolean;
  readonly follow?: string;
}

export function addBackup(program: Command, run: Run): void {
  const command = program
    .command('backup')
    .summary('back up a vault now, or every vault of a plan')
    .description('Starts a backup run and follows it to its recovery point.')
    .argument('[vault]', 'the vault', vaultName)
    .option('--plan <plan>', 'every vault of this plan instead')
    .option('--full', 'capture every object anew, also unchanged ones', false)
    .addOption(new Option('--follow <run>', 'start nothing: follow this run').conflicts(['plan', 'full']));
  for (const option of waitOptions()) command.addOption(option);
  command
    .addHelpText('after', help)
    .action(run((kvb, vault: string | undefined, options: BackupOptions) => backup(kvb, vault, options)));
}

async function backup(kvb: Kvb, vault: string | undefined, options: BackupOptions): Promise<number> {
  const { plan, full, wait } = options;
  if ((vault === undefined) === (plan === undefined))
    throw new Failure(
      'usage',
      'name either a vault or a plan',
      'kvb backup <vault>, or kvb backup --plan <plan>',
    );
  if (vault !== undefined && options.follow !== undefined)
    return ended(kvb, [await followRun(kvb, options, { vault, run: options.follow })], []);
  const { value, raw } = await kvb.call('backup', {
    method: 'POST',
    route: 'backups',
    body: { ...(plan === undefined ? { vault } : { plan }), full },
    answer: backupsStarted,
  });
  const runs = value.vaults.flatMap((entry) => ('run' in entry ? [started.parse(entry)] : []));
  const refused = value.vaults.flatMap((entry) => ('notStarted' in entry ? [entry] : []));
  for (const { vault: name, notStarted, hint } of refused) kvb.note(`! ${name}: ${notStarted}. ${hint}`);
  if (wait) {
    const points: Answer<z.infer<typeof runView>>[] = [];
    for (const one of runs) points.push(await followRun(kvb, options, one));
    return ended(kvb, points, refused);
  }
  kvb.answer(raw, () =>
    runs
      .map(
        ({ vault: name, run: id }) => `${name}: run ${id} was started\n  kvb backup ${name} --follow ${id}`,
      )
      .join('\n'),
  );
  return refused.length > 0 ? exitCodes.notWell : exitCodes.ok;
}

function ended(
  kvb: Kvb,
  answers: readonly Answer<z.infer<typeof runView>>[],
  refused: readonly object[],
): number {
  const points = answers.flatMap(({ value }) => (value.status === 'running' ? [] : [value]));
  kvb.answer({ recoveryPoints: answers.map(({ raw }) => raw), notStarted: refused }, () =>
    points.map(pointText).join('\n\n'),
  );
  return worst([...points.map(codeOf), refused.length > 0 ? exitCodes.notWell : exitCodes.ok]);
}

const codeOf = ({ status }: RecoveryPoint): number =>
  status === 'complete' ? exitCodes.ok : exitCodes.notWell;
