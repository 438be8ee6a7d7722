/** A recovery point for people. */
import type { RecoveryPoint } from '../shared/domain/recoveryPoint.ts';
import { countsText, instant, number } from './text.ts';

export function pointText(point: RecoveryPoint): string {
  const { listed, ...outcomes } = point.counts;
  const { changedDuringRun } = point.consistency;
  return [
    `${point.vault}  ${point.runId}  ${point.status}${point.reason ? `: ${point.reason}` : ''}`,
    `  objects     ${number(listed)} listed: ${countsText(outcomes)}`,
    `  taken       ${instant(point.startedAt)} to ${instant(point.sealedAt)}, ${point.trigger === 'timer' ? 'by schedule' : 'by hand'}`,
    `  kept until  ${instant(point.expiresAt)}, immutability: ${point.immutability}`,
    `  bytes       ${number(point.bytes)}`,
    `  requests    ${number(point.requests.vault)} to the vault, ${number(point.requests.throttled)} throttled`,
    ...point.unlisted.map(({ kind, reason }) => `  !  no ${kind} could be listed: ${reason}`),
    ...changedDuringRun.map((object) => `  !  ${object} changed while the run went on`),
  ].join('\n');
}
