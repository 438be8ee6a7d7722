/** What the emulator's own tests share: a running emulator, SDK clients that trust it, and raw HTTPS calls. */
import { Agent, request } from 'node:https';
import { CertificateClient } from '@azure/keyvault-certificates';
import { KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import { type Emulator, type EmulatorOptions, startEmulator, type VaultSpec } from './emulator.ts';
import { makeTls } from './tls.ts';

let tls: ReturnType<typeof makeTls> | undefined;

export interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: Json;
}

/** Loose JSON, for assertions. */
export type Json = { [member: string]: Json } & Json[] & string;

export interface Running extends Emulator {
  ca: string;
  token(clientId?: string, resource?: string): Promise<string>;
  secrets(vault?: string): SecretClient;
  keys(vault?: string): KeyClient;
  certificates(vault?: string): CertificateClient;
  /** A raw call with a token of the first identity; `path` begins with '/'. */
  raw(method: string, path: string, body?: unknown, options?: RawOptions): Promise<Raw>;
}

export interface RawOptions {
  vault?: string;
  /** null: no Authorization header. */
  token?: string | null;
  headers?: Record<string, string>;
  version?: string | null;
}

type StartOptions = Partial<Omit<EmulatorOptions, 'vaults' | 'tls'>> & { vaults?: VaultSpec[] };

export async function start(options: StartOptions = {}): Promise<Running> {
  tls ??= makeTls();
  const { ca, ...shown } = await tls;
  const emulator = await startEmulator({
    identities: [{ name: 'admin', grants: { '*': ['*'] } }],
    ...options,
    vaults: options.vaults ?? [{ name: 'v1' }],
    tls: shown,
  });
  const agent = new Agent({ ca, keepAlive: true });
  const urlOf = (vault: string | undefined): string => {
    const found = emulator.vaults.find(({ name }) => vault === undefined || name === vault);
    if (found === undefined) throw new Error(`no vault ${vault}`);
    return found.url;
  };
  const token = async (clientId?: string, resource = 'https://vault.azure.net'): Promise<string> => {
    const query = new URLSearchParams({ 'api-version': '2019-08-01', resource });
    if (clientId !== undefined) query.set('client_id', clientId);
    const response = await fetch(`${emulator.identityEndpoint}?${query.toString()}`, {
      headers: { 'X-IDENTITY-HEADER': emulator.identityHeader },
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const credential = {
    getToken: async () => ({ token: await token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const clientOptions = {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
    tlsOptions: { ca },
  };
  return {
    ...emulator,
    ca,
    token,
    secrets: (vault) => new SecretClient(urlOf(vault), credential, clientOptions),
    keys: (vault) => new KeyClient(urlOf(vault), credential, clientOptions),
    certificates: (vault) => new CertificateClient(urlOf(vault), credential, clientOptions),
    raw: async (method, path, body, { vault, token: given, headers = {}, version = '7.5' } = {}) => {
      const bearer = given === undefined ? await token() : given;
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const versioned =
        version === null ? path : `${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
      return send(new URL(urlOf(vault) + versioned), agent, method, text, {
        ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
        ...headers,
      });
    },
    stop: async () => {
      agent.destroy();
      await emulator.stop();
    },
  };
}

function send(
  url: URL,
  agent: Agent,
  method: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = parse(text);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Answers of faults, HEAD and purges have no JSON. */
function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {} as Json;
  }
}
