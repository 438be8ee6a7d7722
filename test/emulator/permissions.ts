/**
 * Who may do what: RBAC data actions per identity and vault, the network switch, and the 403 texts of RBAC,
 * access policy, firewall and private link.
 */
import type { Identity } from './auth.ts';
import type { Operation } from './call.ts';
import { forbidden } from './errors.ts';
import type { Vault } from './vault.ts';

const prefix = 'Microsoft.KeyVault/vaults/';

export function requireNetwork(vault: Vault, identity: Identity): void {
  const where = `Vault: ${vault.spec.name};location=${vault.spec.region}`;
  const caller = `Caller: ${callerOf(identity)}`;
  if (vault.network === 'firewall') {
    throw forbidden(
      `Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\n${caller}\r\n${where}`,
      'ForbiddenByFirewall',
    );
  }
  if (vault.network === 'privateLink') {
    throw forbidden(
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\n${caller}\r\n${where}`,
      'ForbiddenByConnection',
    );
  }
}

export function requireGrant(
  vault: Vault,
  identity: Identity,
  operation: Operation,
  name: string | undefined,
): void {
  const action = prefix + operation.action;
  const granted = [...(identity.grants['*'] ?? []), ...(identity.grants[vault.spec.name] ?? [])];
  if (granted.some((pattern) => matches(pattern, action))) return;
  const location = `${vault.spec.name};location=${vault.spec.region}`;
  const family = operation.name.split('.')[0] ?? '';
  if (vault.spec.authorization === 'accessPolicy') {
    throw forbidden(
      `The user, group or application '${callerOf(identity)}' does not have ${family} ${operation.permission} permission on key vault '${location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
      'ForbiddenByPolicy',
    );
  }
  const vaultId = `/subscriptions/${vault.spec.subscription}/resourcegroups/emulator/providers/microsoft.keyvault/vaults/${vault.spec.name}`;
  const resource = (name === undefined ? vaultId : `${vaultId}/${family}/${name}`).toLowerCase();
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: ${callerOf(identity)}`,
    `Action: '${action}'`,
    `Resource: '${resource}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    'DecisionReason: null',
    `Vault: ${location}`,
    '',
  ];
  throw forbidden(lines.join('\r\n'), 'ForbiddenByRbac');
}

function callerOf(identity: Identity): string {
  return `appid=${identity.clientId};oid=${identity.objectId};iss=https://sts.windows.net/`;
}

/** Role definitions may use '*' for any run of characters; case does not count. */
function matches(pattern: string, action: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 'i').test(action);
}
