/**
 * What an operation sees of a request, what it answers, and how it declares itself in the routing table.
 */
import type { Budget } from './throttle.ts';
import type { Vault } from './vault.ts';

export interface Call {
  vault: Vault;
  operation: string;
  identity: string;
  /** The names in the operation's path: {name}, {version}, … */
  params: Record<string, string>;
  query: URLSearchParams;
  apiVersion: string;
  body: string;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Operation {
  /** 'secrets.backup': the name that counters, faults and the timeline use. */
  name: string;
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** 'secrets/{name}/backup'; literal segments win over parameters. */
  path: string;
  /** RBAC data action after 'Microsoft.KeyVault/vaults/'. */
  action: string;
  /** Access-policy permission, for the text of that 403. */
  permission: string;
  budget: Budget;
  /** True for calls that change the vault; counted by writes(). */
  changes: boolean;
  handle(call: Call): Reply | Promise<Reply>;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function nameOf(call: Call): string {
  return call.params['name'] ?? '';
}
