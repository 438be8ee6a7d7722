/**
 * Restores one stored file without the service: the plain REST call that `az keyvault secret restore --file` makes,
 * by an operator who may restore in the other vault. Then compares both vaults, version by version.
 */

import { isDeepStrictEqual } from 'node:util';
import { demand } from './demoHttp.ts';
import { operatorOf } from './demoOperator.ts';
import { sourceVault, targetVault } from './demoStack.ts';
import type { Stack } from './stack.ts';

const secretIn = ({ emulator }: Stack, vault: string, name: string) =>
  emulator.control.objects(vault).secrets.find((secret) => secret.name === name);

/** An attribute that is absent and one that is undefined are the same to the vault. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Returns what held, in words. */
export async function checkRestore(stack: Stack, name: string, blobName: string): Promise<string[]> {
  const operator = await operatorOf(stack, targetVault);
  demand(secretIn(stack, targetVault, name) === undefined, `${targetVault} holds ${name} before the restore`);

  const file = await stack.container('backups').getBlobClient(blobName).downloadToBuffer();
  const { status, text } = await operator.call('POST', 'secrets/restore', {
    value: file.toString('base64url'),
  });
  demand(status === 200, `POST /secrets/restore answered ${status}: ${text}`);

  const original = secretIn(stack, sourceVault, name);
  const restored = secretIn(stack, targetVault, name);
  demand(original !== undefined && restored !== undefined, `${name} is not in both vaults`);
  const { id } = JSON.parse(text) as { id: string };
  const current = original.versions.at(-1)?.id;
  demand(
    id === `${operator.url}/secrets/${name}/${current}`,
    `the vault restored ${id}, not version ${current}`,
  );
  demand(
    isDeepStrictEqual(asJson(restored.versions), asJson(original.versions)),
    `${name} differs between ${sourceVault} and ${targetVault}`,
  );
  return [
    `POST ${operator.url}/secrets/restore: ${status}, version ${current}`,
    `all ${original.versions.length} versions are the same in both vaults: ids, dates, tags, values`,
  ];
}
