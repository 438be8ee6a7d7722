/**
 * The roles of infra/ against the calls that the apps made, by the counters of the emulator and of the storage
 * proxy: whatever an app asks of a vault or a container, also what it would only try, must be in what its identity was
 * assigned there, and what it was assigned must be used. Neither would show a call that was refused and borne.
 */
import { allOperations } from '../emulator/operations/all.ts';
import { type AppName, storageGranted, storageIdentities } from '../local/assignments.ts';
import { actions } from '../local/grants.ts';
import type { Stack } from '../local/stack.ts';
import { actionsEnoughFor, rightTo } from '../local/storageRights.ts';

const actionOf = new Map(allOperations.map(({ name, action }) => [name, actions(action)[0] ?? '']));

interface Needed {
  readonly app: AppName;
  readonly vault: string;
  readonly action: string;
  readonly answered: boolean;
}

const isApp = (identity: string): identity is AppName => ['backup', 'restore', 'portable'].includes(identity);

/** What the apps' calls demanded. A probe, which has no token yet, demands nothing. */
const neededOf = ({ emulator }: Stack): Needed[] =>
  emulator.control.counters().rows.flatMap(({ identity, vault, operation, status }) => {
    const action = actionOf.get(operation);
    if (action === undefined || !isApp(identity)) return [];
    return [{ app: identity, vault, action, answered: status >= 200 && status < 300 }];
  });

export function demandRights(stack: Stack): void {
  const onVaults = neededOf(stack)
    .filter(({ app, vault, action }) => !stack.granted[app][vault]?.includes(action))
    .map(({ app, vault, action }) => `${app} on ${vault}: ${action}`);
  const onContainers = storageCallsOf(stack)
    .filter(({ identity, operation, container }) => rightTo(operation, container, identity) === 'none')
    .map(({ app, operation, container }) => `${app} on ${container}: ${operation}`);
  const beyond = [...onVaults, ...onContainers];
  if (beyond.length > 0) throw new Error(`calls that no role of infra/ allows:\n${beyond.join('\n')}`);
}

const storageCallsOf = ({ blobs }: Stack) =>
  blobs.counters().flatMap(({ identity, operation, container, status }) => {
    const grants = identity === undefined ? undefined : storageIdentities[identity];
    return grants === undefined ? [] : [{ app: identity, identity: grants, operation, container, status }];
  });

/** What is asked of ARM, not of the storage. */
const ofArm = 'immutabilityPolicies/read';

/** The actions that a storage role gives an app on a container and that no call of it needed so far. */
export function unusedOnContainer(stack: Stack, app: AppName, container: string): string[] {
  const used = storageCallsOf(stack)
    .filter((call) => call.app === app && call.container === container && call.status < 300)
    .flatMap(({ operation }) => actionsEnoughFor(operation));
  return (storageGranted[app][container] ?? []).filter(
    (action) => action !== ofArm && !used.includes(action),
  );
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
