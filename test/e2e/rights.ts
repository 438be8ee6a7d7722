/**
 * The roles of infra/ against the vault calls that the two apps made, by the emulator's counters: whatever an app asks
 * of a vault, also what it would only try, must be in what its identity was assigned there, and what it was assigned
 * must be used. The emulator alone would not show a call that was refused and borne.
 */
import { allOperations } from '../emulator/operations/all.ts';
import type { AppName } from '../local/assignments.ts';
import { actions } from '../local/grants.ts';
import type { Stack } from '../local/stack.ts';

const actionOf = new Map(allOperations.map(({ name, action }) => [name, actions(action)[0] ?? '']));

interface Needed {
  readonly app: AppName;
  readonly vault: string;
  readonly action: string;
  readonly answered: boolean;
}

/** What the apps' calls demanded. A probe, which has no token yet, demands nothing. */
const neededOf = ({ emulator }: Stack): Needed[] =>
  emulator.control.counters().rows.flatMap(({ identity, vault, operation, status }) => {
    const action = actionOf.get(operation);
    if (action === undefined || (identity !== 'backup' && identity !== 'restore')) return [];
    return [{ app: identity, vault, action, answered: status >= 200 && status < 300 }];
  });

export function demandRights(stack: Stack): void {
  const beyond = neededOf(stack)
    .filter(({ app, vault, action }) => !stack.granted[app][vault]?.includes(action))
    .map(({ app, vault, action }) => `${app} on ${vault}: ${action}`);
  if (beyond.length > 0) throw new Error(`calls that no role of infra/ allows:\n${beyond.join('\n')}`);
}

/** The actions of a role that no call of the app needed so far. */
export function unusedActions(stack: Stack, app: AppName, role: readonly string[]): string[] {
  const used = new Set(
    neededOf(stack)
      .filter((needed) => needed.app === app && needed.answered)
      .map(({ action }) => action),
  );
  return role.filter((action) => !used.has(action));
}
