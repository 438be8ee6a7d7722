/**
 * Restores one stored file without the service: the plain REST call that `az keyvault secret restore --file` makes,
 * by an operator who may restore in the other vault. Then compares both vaults, version by version.
 */

import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { demand } from './demoHttp.ts';
import { operatorClientId, sourceVault, targetVault } from './demoStack.ts';
import type { Stack } from './stack.ts';

const apiVersion = '2025-07-01';

/** As every Azure SDK does it inside a function app. */
async function operatorToken({ emulator }: Stack): Promise<string> {
  const url = new URL(emulator.identityEndpoint);
  url.searchParams.set('api-version', '2019-08-01');
  url.searchParams.set('resource', 'https://vault.azure.net');
  url.searchParams.set('client_id', operatorClientId);
  const response = await fetch(url, { headers: { 'x-identity-header': emulator.identityHeader } });
  const text = await response.text();
  demand(response.ok, `the identity endpoint answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

interface Call {
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  readonly body: unknown;
}

function post({ url, token, ca, body }: Call): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const call = request(url, { method: 'POST', ca, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

const secretIn = ({ emulator }: Stack, vault: string, name: string) =>
  emulator.control.objects(vault).secrets.find((secret) => secret.name === name);

/** An attribute that is absent and one that is undefined are the same to the vault. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Returns what held, in words. */
export async function checkRestore(stack: Stack, name: string, blobName: string): Promise<string[]> {
  const target = stack.emulator.vaults.find((vault) => vault.name === targetVault);
  demand(target !== undefined, `the emulator has no vault ${targetVault}`);
  demand(secretIn(stack, targetVault, name) === undefined, `${targetVault} holds ${name} before the restore`);

  const file = await stack.container('backups').getBlobClient(blobName).downloadToBuffer();
  const { status, text } = await post({
    url: `${target.url}/secrets/restore?api-version=${apiVersion}`,
    token: await operatorToken(stack),
    ca: await readFile(`${stack.folder}/ca.pem`, 'utf8'),
    body: { value: file.toString('base64url') },
  });
  demand(status === 200, `POST /secrets/restore answered ${status}: ${text}`);

  const original = secretIn(stack, sourceVault, name);
  const restored = secretIn(stack, targetVault, name);
  demand(original !== undefined && restored !== undefined, `${name} is not in both vaults`);
  const { id } = JSON.parse(text) as { id: string };
  const current = original.versions.at(-1)?.id;
  demand(
    id === `${target.url}/secrets/${name}/${current}`,
    `the vault restored ${id}, not version ${current}`,
  );
  demand(
    isDeepStrictEqual(asJson(restored.versions), asJson(original.versions)),
    `${name} differs between ${sourceVault} and ${targetVault}`,
  );
  return [
    `POST ${target.url}/secrets/restore: ${status}, version ${current}`,
    `all ${original.versions.length} versions are the same in both vaults: ids, dates, tags, values`,
  ];
}
