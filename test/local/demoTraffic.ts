/** What the vault saw of a run, by the emulator's own count: an independent look at what the service says of itself. */
import type { TimelineRow } from '../emulator/emulator.ts';
import { budgets, sourceVault } from './demoStack.ts';
import type { Stack } from './stack.ts';

export interface VaultTraffic {
  readonly calls: number;
  readonly throttled: number;
  readonly budgets: readonly { readonly name: string; readonly peak: number; readonly allowed: number }[];
}

const windowMs = 10_000;

/** The most calls in any window of 10 seconds. */
function peakOf(rows: readonly TimelineRow[]): number {
  const times = rows.map(({ at }) => at).sort((a, b) => a - b);
  let from = 0;
  let peak = 0;
  times.forEach((at, index) => {
    while ((times[from] ?? at) <= at - windowMs) from += 1;
    peak = Math.max(peak, index - from + 1);
  });
  return peak;
}

export function trafficOf({ emulator }: Stack): VaultTraffic {
  // A client without a token asks once, unauthenticated, and gets the challenge.
  const rows = emulator.control.timeline(sourceVault).filter(({ operation }) => operation !== 'probe');
  const keyRows = rows.filter(({ operation }) => operation.startsWith('keys.'));
  const otherRows = rows.filter(({ operation }) => !operation.startsWith('keys.'));
  return {
    calls: rows.length,
    throttled: rows.filter(({ status }) => status === 429).length,
    budgets: [
      { name: 'secrets and certificates', peak: peakOf(otherRows), allowed: budgets.objects },
      { name: 'keys', peak: peakOf(keyRows), allowed: budgets.keys },
    ],
  };
}
