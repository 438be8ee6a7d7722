/**
 * A recovery point as a table: what became of the objects, by kind, and what it took. And a restore's plan: what it
 * would do to the objects, by kind, and why.
 */
import type { IndexLine, RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { restoreActions } from '../../shared/domain/restorePlan.ts';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import type { VaultTraffic } from './demoTraffic.ts';

const number = (value: number): string => value.toLocaleString('en-US');

const columns = ['listed', 'stored', 'skipped', 'failed', 'bytes'] as const;
type Row = Record<(typeof columns)[number], number>;

function rowOf(lines: readonly IndexLine[]): Row {
  const having = (outcome: IndexLine['outcome']) => lines.filter((line) => line.outcome === outcome).length;
  return {
    listed: lines.length,
    stored: having('stored'),
    skipped: having('skipped'),
    failed: having('failed'),
    bytes: lines.reduce((sum, line) => sum + (line.size ?? 0), 0),
  };
}

const printedRow = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(14)}${cells.map((cell) => cell.padStart(10)).join('')}`;

const numbersOf = (row: Row) => columns.map((column) => number(row[column]));

export function objectTable(lines: readonly IndexLine[]): string[] {
  const kinds = ['secret', 'key', 'certificate'] as const;
  return [
    printedRow('', columns),
    ...kinds.map((kind) =>
      printedRow(`${kind}s`, numbersOf(rowOf(lines.filter((line) => line.kind === kind)))),
    ),
    printedRow('total', numbersOf(rowOf(lines))),
  ];
}

/** Why objects have no file of their own, most frequent first. */
function reasons(lines: readonly IndexLine[]): string[] {
  const byReason = new Map<string, number>();
  for (const { outcome, reason } of lines) {
    if (outcome === 'stored') continue;
    const text = `${outcome}, ${reason ?? 'no reason given'}`;
    byReason.set(text, (byReason.get(text) ?? 0) + 1);
  }
  return [...byReason].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${number(count)} ${reason}`);
}

export interface TableInput {
  readonly point: RecoveryPoint;
  readonly lines: readonly IndexLine[];
  readonly traffic: VaultTraffic;
  readonly seconds: number;
}

export function factLines({ point, lines, traffic, seconds }: TableInput): string[] {
  const root = `backups/${point.vault}`;
  const facts: [string, string][] = [
    ...reasons(lines).map((reason): [string, string] => ['not stored', reason]),
    ['requests', `${number(point.requests.vault)} to the vault in ${seconds.toFixed(0)} s`],
    ...traffic.budgets.map(({ name, peak, allowed }): [string, string] => [
      'budget used',
      `${allowed} per 10 s for ${name}; the busiest 10 s saw ${peak}`,
    ]),
    ['429s seen', number(point.requests.throttled)],
    ['files', `${root}/runs/${point.runId}/{secrets,keys,certificates}/`],
    ['index', `backups/${point.index.blob}`],
    ['seal', `${root}/recovery-points/${point.runId}.json`],
  ];
  let last = '';
  return facts.map(([name, value]) => {
    const shown = name === last ? '' : name;
    last = name;
    return `  ${shown.padEnd(14)}${value}`;
  });
}

/** Counts per kind and action, then each reason with the objects that it is given for. */
export function planTable({ objects }: Pick<RestoreDetail, 'objects'>): string[] {
  const cells = (prefix: string) =>
    restoreActions.map((action) =>
      number(objects.filter((one) => one.action === action && one.object.startsWith(prefix)).length),
    );
  const byReason = new Map<string, string[]>();
  for (const { object, action, why } of objects) {
    const text = `${action}: ${why}`;
    byReason.set(text, [...(byReason.get(text) ?? []), object]);
  }
  const lines = [...byReason].map(([text, named]) => {
    const more = named.length > 2 ? ` and ${number(named.length - 2)} more` : '';
    return [`  ${text}`, `      ${named.slice(0, 2).join(', ')}${more}`];
  });
  return [
    printedRow('', restoreActions),
    ...['secrets', 'keys', 'certificates'].map((plural) => printedRow(plural, cells(`${plural}/`))),
    printedRow('total', cells('')),
    '',
    ...lines.flat(),
  ];
}
