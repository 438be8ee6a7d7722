/** `kvb restore`: first the plan, then a yes, then the restore of just that recovery point, followed to its end. */
import { type Command, Option } from 'commander';
import { conflictPolicies, restoreModes } from '../../shared/domain/restoreRequest.ts';
import { instantArgument, pointId, vaultName, waitOptions } from '../arguments.ts';
import { demandYes } from '../ask.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { WaitOptions } from '../follow.ts';
import { plain } from '../io.ts';
import type { Kvb, Run } from '../kvb.ts';
import { askForRestore, followRestore } from '../restores.ts';
import { outcomeText, planText, workOf } from '../restoreText.ts';

const help = `
Objects are named as secrets/db-password, by globs (secrets/db-*), by a name alone (in every kind), or ** for
all. A certificate brings its key and secret. The plan is shown first; then it asks, and --yes answers. Exit
code 1 if not every object came back.

Examples:
  $ kvb restore contoso-payments 'secrets/db-*' keys/signing --target contoso-payments-dr --reason "INC-4711"
  $ kvb restore contoso-payments '**' --target contoso-payments-dr --reason "drill" --dry-run
  $ kvb restore contoso-payments db-password --at 2026-11-22T02:30:00Z --target contoso-payments-dr \\
      --reason "INC-4711 wrong value since noon" --on-conflict replace --yes
  $ kvb restore --follow 01J…                       one that goes on already`;

interface RestoreOptions extends WaitOptions {
  readonly target?: string;
  readonly at?: string;
  readonly point?: string;
  readonly reason?: string;
  readonly onConflict: string;
  readonly mode: string;
  readonly allowPartial: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly follow?: string;
}

export function addRestore(program: Command, run: Run): void {
  const command = program
    .command('restore')
    .summary('bring objects back, into an allow-listed vault')
    .description(
      'Restores objects of a recovery point: shows the plan, asks, restores, and shows what became of each.',
    )
    .argument('[vault]', 'the vault that was backed up', vaultName)
    .argument('[objects...]', 'what to restore; quote globs')
    .addOption(new Option('--target <vault>', 'the vault to restore into').argParser(vaultName))
    .option('--reason <text>', 'why, for the audit record')
    .addOption(
      new Option('--at <instant>', 'as it was then, e.g. 2026-11-22T02:30:00Z').argParser(instantArgument),
    )
    .addOption(new Option('--point <run>', 'from this recovery point').argParser(pointId).conflicts('at'))
    .addOption(
      new Option('--on-conflict <what>', 'for names that are taken')
        .choices(conflictPolicies)
        .default('fail'),
    )
    .addOption(
      new Option(
        '--mode <how>',
        'Key Vault’s own blobs, portable copies, or the first where the target can decrypt them',
      )
        .choices(restoreModes)
        .default('native'),
    )
    .option('--allow-partial', 'also from a point that lacks objects', false)
    .option('--dry-run', 'only show the plan', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--follow <id>', 'start nothing: follow this restore');
  for (const option of waitOptions()) command.addOption(option);
  command
    .addHelpText('after', help)
    .action(
      run((kvb, vault: string | undefined, objects: string[], options: RestoreOptions) =>
        options.follow === undefined
          ? restore(kvb, demanded(vault, objects, options), options)
          : followed(kvb, options.follow, options),
      ),
    );
}

function demanded(vault: string | undefined, objects: readonly string[], options: RestoreOptions) {
  const { target, reason, at, point, onConflict, mode, allowPartial } = options;
  const lacks = [
    ...(vault === undefined ? ['<vault>'] : []),
    ...(objects.length === 0 ? ['<objects...> (** for all)'] : []),
    ...(target === undefined ? ['--target'] : []),
    ...(reason === undefined ? ['--reason'] : []),
  ];
  if (lacks.length > 0)
    throw new Failure('usage', `missing: ${lacks.join(', ')}`, 'kvb help restore shows examples.');
  const moment = {
    ...(at === undefined ? {} : { at }),
    ...(point === undefined ? {} : { recoveryPoint: point }),
  };
  return { vault, objects, target, reason, onConflict, mode, allowPartial, ...moment };
}

async function restore(
  kvb: Kvb,
  asked: ReturnType<typeof demanded>,
  options: RestoreOptions,
): Promise<number> {
  const { recoveryPoint, id: planId, lacks } = await askForRestore(kvb, { ...asked, dryRun: true });
  const plan = await followRestore(kvb, planId, options, 'plan');
  if (options.dryRun || plan.value.status === 'failed') {
    kvb.answer(plan.raw, () => planText(plan.value));
    return plan.value.status === 'planned' ? exitCodes.ok : exitCodes.notWell;
  }
  kvb.io.stderr.write(`${plain(planText(plan.value))}\n`);
  for (const lack of lacks) kvb.note(`! the recovery point lacks ${lack}`);
  const work = workOf(plan.value);
  if (work.total === 0) {
    kvb.note('There is nothing to restore.');
    kvb.answer(plan.raw, () => planText(plan.value));
    return plan.value.objects.every(({ action }) => action === 'skip') ? exitCodes.ok : exitCodes.notWell;
  }
  await demandYes(kvb, `${work.text} ${plan.value.target}?`, {
    yes: options.yes,
    nobody: 'a restore asks before it writes, and nobody can be asked here',
    no: 'nothing was restored',
  });
  // The point of the plan, whatever has been sealed meanwhile.
  const { at: _, ...rest } = { at: undefined, ...asked };
  const accepted = await askForRestore(kvb, { ...rest, recoveryPoint, dryRun: false });
  if (options.wait) return followed(kvb, accepted.id, options);
  kvb.answer(accepted, () => `restore ${accepted.id} was started\n  kvb restore --follow ${accepted.id}`);
  return exitCodes.ok;
}

async function followed(kvb: Kvb, id: string, options: WaitOptions): Promise<number> {
  const { value, raw } = await followRestore(kvb, id, options, 'restore');
  kvb.answer(raw, () => (value.status === 'planned' ? planText(value) : outcomeText(value)));
  return value.status === 'complete' || value.status === 'planned' ? exitCodes.ok : exitCodes.notWell;
}
