/** `kvb verify`: reads a vault's backups whole, now, and tells what is damaged or missing. */
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { verificationAccepted, verificationView } from '../../shared/domain/answers.ts';
import type { VerificationRecord } from '../../shared/domain/verification.ts';
import { pointOrLatest, vaultName, waitOptions } from '../arguments.ts';
import { routeOf } from '../call.ts';
import { exitCodes, Failure } from '../failure.ts';
import { follow, type WaitOptions } from '../follow.ts';
import type { Kvb, Run } from '../kvb.ts';
import { instant, number, plural, table } from '../text.ts';

const help = `
Every blob is read and compared with its recorded digest. Nothing of the vault is asked for. What is found bad
is captured anew by the next run. Exit code 1 if anything is damaged, missing or could not be checked.

Examples:
  $ kvb verify contoso-payments                     every recovery point that is offered
  $ kvb verify contoso-payments --point latest      before a risky change: only the newest
  $ kvb verify --follow 20261122T020000Z-0123456789ab    one that goes on already`;

interface VerifyOptions extends WaitOptions {
  readonly point?: string;
  readonly follow?: string;
}

export function addVerify(program: Command, run: Run): void {
  const command = program
    .command('verify')
    .summary('check that the backups are whole')
    .description('Verifies the backups of a vault, or of one recovery point.')
    .argument('[vault]', 'the vault; also one that no plan has any more', vaultName)
    .addOption(new Option('--point <point>', 'only this one: a run id, or latest').argParser(pointOrLatest))
    .addOption(new Option('--follow <id>', 'start nothing: follow this verification').conflicts('point'));
  for (const option of waitOptions()) command.addOption(option);
  command
    .addHelpText('after', help)
    .action(run((kvb, vault: string | undefined, options: VerifyOptions) => verify(kvb, vault, options)));
}

async function verify(kvb: Kvb, vault: string | undefined, options: VerifyOptions): Promise<number> {
  if (options.follow !== undefined) return followed(kvb, options.follow, options);
  if (vault === undefined) throw new Failure('usage', 'missing: <vault>', 'kvb help verify shows examples.');
  const { value, raw } = await kvb.call('backup', {
    method: 'POST',
    route: 'verifications',
    body: { vault, ...(options.point === undefined ? {} : { recoveryPoint: options.point }) },
    answer: verificationAccepted,
  });
  if (options.wait) return followed(kvb, value.id, options);
  kvb.answer(raw, () => `verification ${value.id} was started\n  kvb verify --follow ${value.id}`);
  return exitCodes.ok;
}

async function followed(kvb: Kvb, id: string, options: WaitOptions): Promise<number> {
  const { value, raw } = await follow<z.infer<typeof verificationView>>(kvb, options, {
    title: `verification ${id}`,
    look: () => kvb.call('backup', { route: routeOf`verifications/${id}`, answer: verificationView }),
    hasEnded: ({ status }) => status !== 'running',
    at: (seen) =>
      seen.status === 'running' && seen.parts
        ? { step: 'check', done: seen.parts.done, total: seen.parts.planned }
        : { step: 'plan', done: 0, total: null },
    again: `kvb verify --follow ${id}`,
  });
  if (value.status === 'running') return exitCodes.stillRunning;
  kvb.answer(raw, () => recordText(value));
  return value.status === 'sound' ? exitCodes.ok : exitCodes.notWell;
}

function recordText(record: VerificationRecord): string {
  const { vault, recoveryPoint, status, reason, checked, bytes, unchecked, findings, points } = record;
  const scope = recoveryPoint ?? (points ? plural(points.count, 'recovery point') : 'recovery points');
  return [
    `${vault}  ${scope}: ${status}${reason ? `: ${reason}` : ''}  (${instant(record.endedAt)})`,
    `  checked   ${plural(checked, 'blob')}, ${number(bytes)} bytes, ${unchecked === null ? 'an unknown number' : number(unchecked)} unchecked`,
    ...(findings.length > 0
      ? [
          table([
            ['FOUND', 'OBJECT', 'BLOB', 'WHY'],
            ...findings.map(({ what, object, blob, reason: why }) => [what, object, blob, why]),
          ]),
        ]
      : []),
  ].join('\n');
}
