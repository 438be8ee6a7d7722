/** `kvb points`: what there is to restore from. Either app answers, for the night one is down. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { objectList, pointList } from '../../shared/domain/answers.ts';
import { portableLine, portablePoint } from '../../shared/domain/portablePoint.ts';
import { type IndexLine, recoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { pointOrLatest, vaultName } from '../arguments.ts';
import { routeOf } from '../call.ts';
import { exitCodes } from '../failure.ts';
import type { Kvb, Run } from '../kvb.ts';
import { pointText } from '../pointText.ts';
import { countsText, instant, table } from '../text.ts';

const help = `
Works for a vault that is gone, too. Asks the backup app, and the restore app if that one is down.

Examples:
  $ kvb points contoso-payments                              the recovery points, newest first
  $ kvb points contoso-payments latest                       what the newest accounts for
  $ kvb points contoso-payments 20261122T020000Z --objects   every object in it, and what became of it
  $ kvb points contoso-payments latest --portable            its portable copies, and what has none
  $ kvb points contoso-payments latest --objects --json | jq '.objects[] | select(.outcome == "failed")'`;

interface PointsOptions {
  readonly objects: boolean;
  readonly portable: boolean;
}

export function addPoints(program: Command, run: Run): void {
  program
    .command('points')
    .summary('what there is to restore from')
    .description('Lists the recovery points of a vault, or shows one of them.')
    .argument('<vault>', 'the vault', vaultName)
    .argument('[point]', 'a run id, or latest', pointOrLatest)
    .option('--objects', 'its objects, one per line (of the latest if no point is named)', false)
    .addOption(new Option('--portable', 'its portable copies instead').default(false).conflicts('objects'))
    .addHelpText('after', help)
    .action(
      run((kvb, vault: string, point: string | undefined, { objects, portable }: PointsOptions) => {
        if (portable) return showCopies(kvb, vault, point ?? 'latest');
        if (objects) return showObjects(kvb, vault, point ?? 'latest');
        return point === undefined ? list(kvb, vault) : show(kvb, vault, point);
      }),
    );
}

async function list(kvb: Kvb, vault: string): Promise<number> {
  const { value, raw } = await kvb.callEither({
    route: routeOf`vaults/${vault}/recovery-points`,
    answer: pointList,
  });
  kvb.answer(raw, () =>
    value.recoveryPoints.length === 0
      ? `${vault} has no recovery point yet: kvb backup ${vault}`
      : table([
          ['RECOVERY POINT', 'STATUS', 'SEALED'],
          ...value.recoveryPoints.map(({ runId, status, sealedAt }) => [runId, status, instant(sealedAt)]),
        ]),
  );
  return exitCodes.ok;
}

async function show(kvb: Kvb, vault: string, point: string): Promise<number> {
  const route = routeOf`vaults/${vault}/recovery-points/${point}`;
  const { value, raw } = await kvb.callEither({ route, answer: recoveryPoint });
  kvb.answer(raw, () => pointText(value));
  return exitCodes.ok;
}

async function showObjects(kvb: Kvb, vault: string, point: string): Promise<number> {
  const route = routeOf`vaults/${vault}/recovery-points/${point}/objects`;
  const { value, raw } = await kvb.callEither({ route, answer: objectList });
  kvb.answer(raw, () =>
    table([
      ['KIND', 'NAME', 'OUTCOME', 'CHANGED', 'CAPTURED', 'WHY'],
      ...value.objects.map((line) => [
        line.kind,
        line.name,
        line.outcome,
        changed(line),
        captured(line),
        line.reason,
      ]),
    ]),
  );
  return exitCodes.ok;
}

const copiesView = z.object({ copies: portablePoint, objects: z.array(portableLine) });

async function showCopies(kvb: Kvb, vault: string, point: string): Promise<number> {
  const route = routeOf`vaults/${vault}/portable-copies/${point}`;
  const { value, raw } = await kvb.callEither({ route, answer: copiesView });
  const { runId, status, reason, counts, recipients } = value.copies;
  kvb.answer(raw, () =>
    [
      `${vault}  ${runId}  ${status}${reason ? `: ${reason}` : ''}`,
      `  objects     ${countsText(counts)}`,
      ...recipients.map((recipient) => `  opens with  ${recipient}`),
      table([
        ['KIND', 'NAME', 'OUTCOME', 'COPY', 'WHY'],
        ...value.objects.map(({ kind, name, outcome, blob, reason: why }) => [
          kind,
          name,
          outcome,
          blob,
          why,
        ]),
      ]),
    ].join('\n'),
  );
  return exitCodes.ok;
}

const changed = ({ updated }: IndexLine) =>
  updated === null ? null : instant(new Date(updated * 1000).toISOString());
const captured = ({ capturedAt }: IndexLine) => {
  const at = capturedAt === null ? Number.NaN : Date.parse(capturedAt);
  return Number.isNaN(at) ? capturedAt : instant(new Date(at).toISOString());
};
