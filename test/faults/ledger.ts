/**
 * What an honest bystander notes: which bytes each blob was created with and that nothing ever changed it, and which
 * blobs each vault really handed out. An oracle of its own: it believes nothing that the app says.
 */
import { sha256 } from '../e2e/harness.ts';
import type { Stack } from '../local/stack.ts';

export interface Ledger {
  /** Blobs of immutable containers that were written twice or deleted, in words. */
  readonly violations: readonly string[];
  /** Digests of the backups that a vault returned of an object, as it sent them. */
  served(vault: string, operation: string, name: string): ReadonlySet<string>;
}

const immutable = new Set(['backups', 'audit', 'safety']);

export function keepLedger({ blobs, emulator }: Stack): Ledger {
  const violations: string[] = [];
  const created = new Map<string, string>();
  const served = new Map<string, Set<string>>();
  blobs.after(({ container, operation, name, status = 0, write, body }) => {
    if (!immutable.has(container) || !write || status >= 300 || name === '') return undefined;
    const where = `${container}/${name}`;
    if (operation !== 'PutBlob') violations.push(`${operation} changed ${where}`);
    else if (created.has(where)) violations.push(`${where} was written twice`);
    created.set(where, sha256(body));
    return undefined;
  });
  const keyOf = (vault: string, operation: string, name: string) =>
    `${vault} ${operation} ${name.toLowerCase()}`;
  emulator.control.onReply(({ vault, operation, name }, { status, body }) => {
    const value = (body as { value?: unknown } | undefined)?.value;
    if (!operation.endsWith('.backup') || status !== 200 || typeof value !== 'string') return;
    const key = keyOf(vault, operation, name ?? '');
    served.set(key, (served.get(key) ?? new Set()).add(sha256(Buffer.from(value, 'base64url'))));
  });
  return {
    violations,
    served: (vault, operation, name) => served.get(keyOf(vault, operation, name)) ?? new Set(),
  };
}
