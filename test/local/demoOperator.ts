/** An operator's plain REST calls to a vault, as `az keyvault` makes them, with the operator's own rights. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { demand } from './demoHttp.ts';
import { operatorClientId } from './demoStack.ts';
import type { Stack } from './stack.ts';

const apiVersion = '2025-07-01';

export interface Operator {
  /** The vault's address. */
  readonly url: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
}

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

export async function operatorOf(stack: Stack, vaultName: string): Promise<Operator> {
  const vault = stack.emulator.vaults.find(({ name }) => name === vaultName);
  demand(vault !== undefined, `the emulator has no vault ${vaultName}`);
  const [token, ca] = await Promise.all([operatorToken(stack), readFile(`${stack.folder}/ca.pem`, 'utf8')]);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    url: vault.url,
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const url = `${vault.url}/${path}?api-version=${apiVersion}`;
        const call = request(url, { method, ca, headers, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        });
        call.on('error', reject);
        call.end(body === undefined ? undefined : JSON.stringify(body));
      }),
  };
}
