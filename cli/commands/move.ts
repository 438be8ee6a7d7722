/** `kvb move`: the report, a yes, then step by step what shared/domain/move.ts lists, to the report in immutable storage. */
import { type Command, Option } from 'commander';
import { type MoveRequest, type MoveView, moveView, nextStep } from '../../shared/domain/move.ts';
import type { MoveReport } from '../../shared/domain/moveReport.ts';
import {
  type ConflictPolicy,
  conflictPolicies,
  type RestoreMode,
  restoreModes,
} from '../../shared/domain/restoreRequest.ts';
import { vaultName } from '../arguments.ts';
import { demandYes } from '../ask.ts';
import { exitCodes, Failure } from '../failure.ts';
import { patiently } from '../follow.ts';
import { plain } from '../io.ts';
import type { Kvb, Run } from '../kvb.ts';
import { movesOf } from '../move/facts.ts';
import { goOn } from '../move/goOn.ts';
import { reportBefore } from '../move/reports.ts';
import { reportText } from '../move/text.ts';
import { instant } from '../text.ts';

const help = `
The report comes first: how each object travels, what does not, what must be set again. After a yes: backup,
restore, comparison, then a final pass for what changed meanwhile, and the report goes into immutable storage.
The source is only read. Stop it at any point and run it again, here or elsewhere: it goes on. Exit code 1 if
not everything arrived.

Examples:
  $ kvb move --from contoso-payments --to contoso-payments-we --report-only
  $ kvb move --from contoso-payments --to contoso-payments-we --reason "CHG-12 to West Europe"
  $ kvb move --from contoso-payments --to contoso-payments-we --reason "CHG-12" --hold --yes
                                                    all but the final pass: run it again for that`;

interface MoveOptions {
  readonly from: string;
  readonly to: string;
  readonly mode?: RestoreMode;
  readonly onConflict?: ConflictPolicy;
  readonly reason?: string;
  readonly reportOnly: boolean;
  readonly hold: boolean;
  readonly again: boolean;
  readonly yes: boolean;
}

type Given = Omit<MoveOptions, 'from' | 'to'> & {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun: boolean;
};

export function addMove(program: Command, run: Run): void {
  program
    .command('move')
    .summary('move everything into another vault, region or geography')
    .description(
      'Moves the objects of a vault into another one: report, backup, restore, comparison, final pass.',
    )
    .addOption(new Option('--from <vault>', 'the vault to move; it is only read').argParser(vaultName))
    .addOption(new Option('--to <vault>', 'the target: RESTORE_TARGETS must list it').argParser(vaultName))
    .option('--reason <text>', 'why, for the audit record')
    .addOption(
      new Option('--mode <how>', 'native, portable, or auto: native inside the geography (auto)').choices(
        restoreModes,
      ),
    )
    .addOption(
      new Option('--on-conflict <what>', 'for names that are taken (fail)').choices(conflictPolicies),
    )
    .option('--report-only', 'only show the report; nothing is changed', false)
    .option('--dry-run', 'the same as --report-only', false)
    .option('--hold', 'stop before the final pass', false)
    .option('--again', 'begin another move, where one has ended', false)
    .option('-y, --yes', 'do not ask', false)
    .addHelpText('after', help)
    .action(
      run((kvb, { from, to, dryRun, ...options }: Given) => {
        const lacks = [...(from === undefined ? ['--from'] : []), ...(to === undefined ? ['--to'] : [])];
        if (from === undefined || to === undefined)
          throw new Failure('usage', `missing: ${lacks.join(', ')}`, 'kvb help move shows examples.');
        return move(kvb, { ...options, from, to, reportOnly: options.reportOnly || dryRun });
      }),
    );
}

async function move(kvb: Kvb, options: MoveOptions): Promise<number> {
  const { target, moves } = await movesOf(kvb, options);
  const [latest] = moves;
  const goesOn = latest !== undefined && (latest.status === 'running' || !options.again);
  if (goesOn && !options.reportOnly) {
    demandSame(options, latest);
    const at =
      latest.status === 'ended'
        ? 'has ended; --again begins another'
        : `goes on at ${nextStep(latest) ?? 'its report'}`;
    kvb.note(`move ${latest.id}, begun ${instant(latest.startedAt)}, ${at}`);
    return goOn(kvb, latest.id, options);
  }
  const request = requestOf(options);
  const report = await reportBefore(kvb, request, target, following);
  if (options.reportOnly) {
    kvb.answer({ move: null, report }, () => reportText(report));
    return exitCodes.ok;
  }
  await agreed(kvb, report, options);
  const call = { method: 'POST', route: 'moves', body: request, answer: moveView } as const;
  const { value: begun } = await patiently(kvb, () => kvb.call('restore', call));
  return goOn(kvb, begun.id, options);
}

const following = { wait: true };

function requestOf({
  from,
  to,
  mode = 'auto',
  onConflict = 'fail',
  reason,
  reportOnly,
}: MoveOptions): MoveRequest {
  if (reason === undefined && !reportOnly)
    throw new Failure('usage', 'missing: --reason', 'kvb help move shows examples.');
  return { from, to, mode, onConflict, reason: reason ?? 'the report of a move' };
}

/** What a move was begun with holds to its end. */
function demandSame({ mode, onConflict }: MoveOptions, { id, status, request }: MoveView): void {
  if (status === 'ended') return;
  if ((mode ?? request.mode) === request.mode && (onConflict ?? request.onConflict) === request.onConflict)
    return;
  throw new Failure(
    'usage',
    `move ${id} goes on with --mode ${request.mode} --on-conflict ${request.onConflict}`,
    'Leave them out, or let it end first.',
  );
}

async function agreed(kvb: Kvb, report: MoveReport, { yes }: MoveOptions): Promise<void> {
  if (!(yes && kvb.options.quiet)) kvb.io.stderr.write(`${plain(reportText(report))}\n`);
  const { native = 0, portable = 0, either = 0, there = 0 } = report.counts;
  const travelling = native + portable + either;
  if (travelling + there === 0)
    throw new Failure('notWell', 'nothing can be moved', 'The report above says why of each object.');
  await demandYes(
    kvb,
    `Move ${travelling} of ${report.objects.length} objects from ${report.from} to ${report.to}?`,
    {
      yes,
      nobody: 'a move asks before it begins, and nobody can be asked here',
      no: 'nothing was moved',
    },
  );
}
