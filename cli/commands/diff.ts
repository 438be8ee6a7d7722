/** `kvb diff`: what came, changed and went between two recovery points, or between one and a live vault. */
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { diffAccepted, type pointDiff } from '../../shared/domain/answers.ts';
import type { DiffDetail } from '../../shared/domain/liveDiff.ts';
import { pointOrInstant, vaultName, waitOptions } from '../arguments.ts';
import { liveDiffered, pointsDiffered } from '../diffs.ts';
import { differencesText } from '../diffText.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { WaitOptions } from '../follow.ts';
import type { Kvb, Run } from '../kvb.ts';

const help = `
A point is a run id, an instant (the newest point sealed by then) or latest. Shows names and attributes, never
values. With --target it also shows versions that the secondary lacks.

Examples:
  $ kvb diff contoso-payments 2026-11-20T00:00:00Z            from then to the latest point
  $ kvb diff contoso-payments 20261121T020000Z 20261122T020000Z
  $ kvb diff contoso-payments --live                          what changed in the vault since the latest point
  $ kvb diff contoso-payments --target contoso-payments-dr    is the secondary what the backup says?
  $ kvb diff contoso-payments --live --exit-code --quiet || kvb backup contoso-payments`;

interface DiffOptions extends WaitOptions {
  readonly live: boolean;
  readonly target?: string;
  readonly exitCode: boolean;
  readonly follow?: string;
}

export function addDiff(program: Command, run: Run): void {
  const command = program
    .command('diff')
    .summary('what differs between points, or from a live vault')
    .description('Compares two recovery points, or one with the vault itself or with a restore target.')
    .argument('<vault>', 'the vault that was backed up', vaultName)
    .argument('[from]', 'the point to start from (latest with --live and --target)', pointOrInstant)
    .argument('[to]', 'the point to compare with (latest)', pointOrInstant)
    .option('--live', 'compare with the vault itself', false)
    .addOption(
      new Option('--target <vault>', 'compare with this restore target')
        .argParser(vaultName)
        .conflicts('live'),
    )
    .option('--exit-code', 'exit code 1 if anything differs or is not known', false)
    .option('--follow <id>', 'start nothing: follow this comparison with a live vault');
  for (const option of waitOptions()) command.addOption(option);
  command
    .addHelpText('after', help)
    .action(
      run((kvb, vault: string, from: string | undefined, to: string | undefined, options: DiffOptions) =>
        diff(kvb, { vault, from, to }, options),
      ),
    );
}

interface Asked {
  readonly vault: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function diff(kvb: Kvb, asked: Asked, options: DiffOptions): Promise<number> {
  const live = options.live || options.target !== undefined;
  if (options.follow !== undefined && !live)
    throw new Failure(
      'usage',
      'which app has it?',
      'Give --live or --target with --follow, as at the start.',
    );
  if (live && asked.to !== undefined)
    throw new Failure('usage', 'a live vault is compared with one point', 'Leave out the second point.');
  if (!live && asked.from === undefined)
    throw new Failure(
      'usage',
      'compare with what?',
      'Name the point to start from, or give --live or --target. kvb help diff shows examples.',
    );
  return live ? diffLive(kvb, asked, options) : diffPoints(kvb, asked, options);
}

async function diffPoints(
  kvb: Kvb,
  { vault, from = '', to = 'latest' }: Asked,
  options: DiffOptions,
): Promise<number> {
  const whole = await pointsDiffered(kvb, vault, { from, to });
  return told(kvb, whole, options, `${vault}  ${whole.value.from.runId} → ${whole.value.to.runId}`);
}

async function diffLive(kvb: Kvb, { vault, from = 'latest' }: Asked, options: DiffOptions): Promise<number> {
  const { target } = options;
  const app = target === undefined ? 'backup' : 'restore';
  const body = { vault, recoveryPoint: from, ...(target === undefined ? {} : { target }) };
  const again = (one: string) =>
    `kvb diff ${vault} ${target === undefined ? '--live' : `--target ${target}`} --follow ${one}`;
  let id = options.follow;
  if (id === undefined) {
    const { value, raw } = await kvb.call(app, {
      method: 'POST',
      route: 'diffs',
      body,
      answer: diffAccepted,
    });
    id = value.id;
    if (!options.wait) {
      kvb.answer(raw, () => `comparison ${value.id} was started\n  ${again(value.id)}`);
      return exitCodes.ok;
    }
  }
  const whole = await liveDiffered(kvb, options, { app, id, vault, again: again(id) });
  const { live, recoveryPoint } = whole.value;
  return told(kvb, whole, options, `${vault}  ${recoveryPoint} → ${live.name} as it is now`);
}

function told(
  kvb: Kvb,
  { value, raw }: { value: z.infer<typeof pointDiff> | DiffDetail; raw: unknown },
  { exitCode }: DiffOptions,
  title: string,
): number {
  kvb.answer(raw, () => `${title}\n${differencesText(value)}`);
  // What is not known is never the same.
  const differs = value.objects.length > 0 || value.unknown.length > 0;
  return exitCode && differs ? exitCodes.notWell : exitCodes.ok;
}
