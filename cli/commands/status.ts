/** `kvb status`: how every vault stands, and what needs somebody. */
import type { Command } from 'commander';
import { health, vaultList } from '../../shared/domain/answers.ts';
import type { VaultOverview } from '../../shared/domain/vaultOverview.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { Kvb, Run } from '../kvb.ts';
import type { AppSettings } from '../settings.ts';
import { example } from '../settings.ts';
import { ago, instant, table } from '../text.ts';

const help = `
Exit code 1 if anything needs somebody: an app that is not healthy, a vault without a complete latest
recovery point, a verification or drill that failed, portable copies that are missing.

Examples:
  $ kvb status
  $ kvb status contoso-payments
  $ kvb status --json | jq '.vaults[] | select(.latestPoint.ageSeconds > 90000) | .vault'`;

export function addStatus(program: Command, run: Run): void {
  program
    .command('status')
    .summary('how every vault stands, and what needs somebody')
    .description(
      'Shows both apps and every vault: its latest recovery point, verification, drill and portable copies.',
    )
    .argument('[vault]', 'only this one')
    .addHelpText('after', help)
    .action(run((kvb, vault: string | undefined) => status(kvb, vault)));
}

async function status(kvb: Kvb, vault: string | undefined): Promise<number> {
  if (kvb.apps.length === 0) throw new Failure('usage', 'nothing says where the apps are', example('backup'));
  const apps = await Promise.all(kvb.apps.map((app) => healthOf(kvb, app)));
  const vaults = kvb.apps.some(({ name }) => name === 'backup') ? await vaultsOf(kvb, vault) : [];
  const needed = [...apps.flatMap(needsOfApp), ...vaults.flatMap(needsOf)];
  kvb.answer({ apps, vaults, attention: needed }, () =>
    [
      table([['APP', 'HEALTH', 'AT'], ...apps.map(({ app, status: is, url }) => [app, is, url])]),
      ...(vaults.length > 0 ? ['', vaultTable(vaults)] : []),
      ...vaults.flatMap(runningLine),
      '',
      ...(needed.length > 0 ? needed.map((need) => `!  ${need}`) : ['All is well.']),
    ].join('\n'),
  );
  return needed.length > 0 ? exitCodes.notWell : exitCodes.ok;
}

type AppHealth = Awaited<ReturnType<typeof healthOf>>;

async function healthOf(kvb: Kvb, { name, url }: AppSettings) {
  const { value } = await kvb.call(name, { route: 'health', answer: health, also: 503 });
  return { app: name, url, ...value };
}

async function vaultsOf(kvb: Kvb, only: string | undefined): Promise<VaultOverview[]> {
  const { value } = await kvb.call('backup', { route: 'vaults', answer: vaultList });
  if (only === undefined) return value.vaults;
  const found = value.vaults.filter(({ vault }) => vault.toLowerCase() === only.toLowerCase());
  if (found.length > 0) return found;
  const known = value.vaults.map(({ vault }) => vault).join(', ');
  throw new Failure('usage', `no plan has a vault "${only}"`, `The vaults are: ${known}.`);
}

const needsOfApp = ({ app, status: is, hostStorage, immutability }: AppHealth): string[] =>
  is === 'healthy'
    ? []
    : [
        `the ${app} app is ${is}: its storage is ${hostStorage}, immutability of the backups: ${immutability}`,
      ];

function needsOf({
  vault,
  latestPoint,
  latestVerification,
  latestDrill,
  portableCopies,
}: VaultOverview): string[] {
  const needs: string[] = [];
  if (!latestPoint) needs.push(`${vault} has no recovery point: kvb backup ${vault}`);
  else if (latestPoint.status !== 'complete')
    needs.push(`${vault}: its latest recovery point is ${latestPoint.status}: kvb points ${vault} latest`);
  if (latestVerification && latestVerification.status !== 'sound')
    needs.push(`${vault}: its latest verification is ${latestVerification.status}: kvb verify ${vault}`);
  if (latestDrill && latestDrill.status !== 'complete')
    needs.push(`${vault}: its latest restore drill ${latestDrill.status}`);
  const { latest = null, overdue = null } = portableCopies ?? {};
  if (latest && latest.status !== 'complete')
    needs.push(
      `${vault}: its latest portable copies are ${latest.status}: kvb points ${vault} ${latest.runId} --portable`,
    );
  if (overdue)
    needs.push(
      `${vault}: recovery point ${overdue.runId} has waited ${ago(overdue.seconds)} for portable copies: look after the portable app`,
    );
  return needs;
}

function vaultTable(vaults: readonly VaultOverview[]): string {
  const copied = vaults.some(({ portableCopies }) => portableCopies !== null);
  const last = (one: { status: string | null; ageSeconds: number } | null | undefined) =>
    one && `${one.status}, ${ago(one.ageSeconds)} ago`;
  return table([
    [
      'VAULT',
      'PLAN',
      'LATEST POINT',
      'STATUS',
      'AGE',
      'NEXT RUN',
      'VERIFIED',
      'DRILL',
      ...(copied ? ['PORTABLE'] : []),
    ],
    ...vaults.map(
      ({ vault, plan, latestPoint, nextRun, latestVerification, latestDrill, portableCopies }) => [
        vault,
        plan,
        latestPoint?.runId,
        latestPoint?.status,
        latestPoint ? ago(latestPoint.ageSeconds) : null,
        nextRun ? instant(nextRun) : null,
        last(latestVerification),
        last(latestDrill),
        ...(copied ? [last(portableCopies?.latest)] : []),
      ],
    ),
  ]);
}

const runningLine = ({ vault, activeRun }: VaultOverview): string[] =>
  activeRun
    ? [`${vault}: run ${activeRun.runId} goes on since ${instant(activeRun.startedAt)}, at ${activeRun.step}`]
    : [];
