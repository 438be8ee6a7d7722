/** A restore's plan and its outcome, for people. */
import type { RestoreDetail } from '../shared/domain/restoreViews.ts';
import { countsText, instant, number, plural, table } from './text.ts';

const mostRows = 60;

export function planText(plan: RestoreDetail): string {
  const rows = plan.objects.map(({ object, action, why }) => [object, action, why]);
  return [
    head(plan, plan.status === 'planned' ? 'plan' : `plan ${plan.status}`),
    ...(plan.reason ? [`  ${plan.reason}`] : []),
    ...(rows.length > 0 ? [rowsText(['OBJECT', 'ACTION', 'WHY'], rows)] : []),
    ...(plan.actions ? [`${countsText(plan.actions)}`] : []),
  ].join('\n');
}

export function outcomeText(restore: RestoreDetail): string {
  const lacking = restore.objects.filter(({ outcome }) => outcome === undefined || !well.has(outcome));
  const rows = lacking.map(({ object, outcome, reason, hint }) => [
    object,
    outcome ?? 'unknown',
    [reason, hint].filter(Boolean).join(' '),
  ]);
  return [
    head(restore, restore.status),
    ...(restore.reason ? [`  ${restore.reason}`] : []),
    `  objects   ${countsText(restore.counts ?? {})}`,
    `  took      ${restore.durationSeconds} s, ${plural(restore.requests.vault, 'request')}, ${number(restore.requests.throttled)} throttled`,
    `  audit     ${restore.audit}`,
    ...(rows.length > 0 ? [rowsText(['OBJECT', 'OUTCOME', 'WHY'], rows)] : []),
  ].join('\n');
}

const well: ReadonlySet<string> = new Set(['restored', 'recovered', 'replaced', 'skipped']);

const head = ({ vault, target, recoveryPoint, startedAt }: RestoreDetail, status: string) =>
  `${vault} as of ${recoveryPoint} into ${target}: ${status}  (${instant(startedAt)})`;

function rowsText(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = table([names, ...rows.slice(0, mostRows)]);
  const more = rows.length - mostRows;
  return more > 0 ? `${shown}\nand ${number(more)} more: --json shows all` : shown;
}

/** What a yes would let happen. */
export function workOf({ actions, objects }: RestoreDetail): { total: number; text: string } {
  const count = (action: 'restore' | 'recover' | 'replace') =>
    actions?.[action] ?? objects.filter((object) => object.action === action).length;
  const [restore, recover, replace] = [count('restore'), count('recover'), count('replace')];
  const parts = [
    ...(restore > 0 ? [`restore ${plural(restore, 'object')}`] : []),
    ...(recover > 0 ? [`recover ${number(recover)}`] : []),
    ...(replace > 0 ? [`REPLACE ${number(replace)} (copies are kept first)`] : []),
  ].join(', ');
  return {
    total: restore + recover + replace,
    text: `${parts.charAt(0).toUpperCase()}${parts.slice(1)} in`,
  };
}
