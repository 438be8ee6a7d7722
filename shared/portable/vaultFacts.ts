/** Pace and meter of a vault; null if no plan wants its copies any more, which its jobs will say one by one. */
import type { GovernedReadable } from '../ports/readableVault.ts';
import type { PortableDeps } from './deps.ts';

function vaultOf(vault: string, deps: PortableDeps): GovernedReadable | null {
  try {
    return deps.vaultOf(vault);
  } catch {
    return null;
  }
}

export const paceOf = (vault: string, deps: PortableDeps) => vaultOf(vault, deps)?.pace ?? null;
export const meterOf = (vault: string, deps: PortableDeps) => vaultOf(vault, deps)?.meter ?? null;
