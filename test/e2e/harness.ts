/**
 * What the end-to-end tests share: a stack whose vaults each have a plan of their own, ways to fire and wait, clients
 * that act as an operator on a vault, and calls of the app's HTTP interface. Waiting is always for a condition.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CertificateClient } from '@azure/keyvault-certificates';
import { KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import type { HostOptions } from '../host/host.ts';
import { type Stack, type StackOptions, startStack } from '../local/stack.ts';
import { trust } from '../local/trust.ts';
import { type Answer, callApp } from './callApp.ts';
import { interfaceCheck } from './interface.ts';
import { demandRights } from './rights.ts';
import { activeRunOf } from './runState.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Point {
  readonly status: string;
  readonly runId: string;
  readonly reason: string | null;
  readonly unlisted: readonly { kind: string; reason: string }[];
  readonly trigger: string;
  readonly counts: Record<'listed' | 'stored' | 'carried' | 'gone' | 'skipped' | 'failed', number>;
  readonly requests: { vault: number; throttled: number };
  readonly inventory: { seen: number; requests: number };
  readonly index: { blob: string; sha256: string; lines: number };
  readonly previous: { runId: string; sha256: string } | null;
  readonly startedAt: string;
  readonly sealedAt: string;
  readonly immutability: string;
}
export interface Line {
  readonly kind: 'secret' | 'key' | 'certificate';
  readonly name: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly blob: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
}

export interface RestoreDetail {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly counts: Record<string, number> | null;
  readonly recoveryPoint: string;
  readonly lacks: string[];
  readonly objects: {
    object: string;
    action: string;
    why: string;
    outcome?: string;
    reason?: string;
    hint?: string;
    version?: string;
  }[];
}

export interface E2e {
  readonly stack: Stack;
  /** Fires the vault's timer and waits for the function to return. */
  fire(vault: string): Promise<void>;
  /** The newest point of a vault that holds; fails with the app's log when it does not come in time. */
  waitForPoint(vault: string, holds?: (point: Point) => boolean): Promise<Point>;
  points(vault: string): Promise<string[]>;
  lines(point: Point): Promise<Line[]>;
  call(method: string, route: string, body?: unknown): Promise<Answer>;
  /** The same on the restore app. */
  callRestore(
    method: string,
    route: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Asks for a restore and waits for its end. */
  restore(request: Record<string, unknown>): Promise<RestoreDetail>;
  restored(id: string): Promise<RestoreDetail>;
  /** Clients with every right on a vault. */
  operator(vault: string): { secrets: SecretClient; keys: KeyClient; certificates: CertificateClient };
  events(name: string): Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface E2eOptions {
  /** Each vault gets the plan `<name>`, with these fields over the defaults. */
  readonly vaults: Record<string, { plan?: Record<string, unknown>; spec?: object }>;
  readonly env?: Record<string, string>;
  readonly host?: Partial<HostOptions>;
  readonly stack?: Partial<StackOptions>;
}

const everyAction = 'Microsoft.KeyVault/vaults/*';
const patienceMs = 60_000;

export async function startE2e(options: E2eOptions): Promise<E2e> {
  const log: string[] = [];
  const answers = interfaceCheck();
  const stack = await startStack({
    vaults: Object.entries(options.vaults).map(([name, { spec }]) => ({ name, ...spec })),
    identities: [{ name: 'operator', clientId: 'operator', grants: { '*': [everyAction] } }],
    plans: (vaults) =>
      vaults.map((vault) => ({
        name: vault.name,
        schedule: '0 0 2 * * *',
        vaults: [vault],
        justification: 'an end-to-end test of the service',
        requestsPer10Seconds: 4000,
        keyRequestsPer10Seconds: 1000,
        ...options.vaults[vault.name]?.plan,
      })),
    ...options.stack,
    env: {
      VAULT_TIMEOUT_SECONDS: '5',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      ...options.env,
    },
    host: {
      timers: false,
      maxPollingIntervalMs: 200,
      queueLeaseSeconds: 5,
      log: (line) => void log.push(`${line.level} ${line.functionName ?? ''} ${line.message}`),
      onHttpAnswer: answers.saw,
      ...options.host,
    },
  });
  trust(await readFile(path.join(stack.folder, 'ca.pem'), 'utf8'));
  const key = options.host?.keys?.master;
  const document = await fetch(`${stack.api}/openapi.json`, {
    headers: key ? { 'x-functions-key': key } : {},
  });
  answers.use((await document.json()) as Record<string, unknown>);
  const demandDocumented = () => {
    if (answers.problems.length > 0)
      throw new Error(`not as GET /api/openapi.json says:\n${answers.problems.join('\n')}`);
  };
  const backups = stack.container('backups');

  async function points(vault: string): Promise<string[]> {
    const blobs = await Array.fromAsync(backups.listBlobsFlat({ prefix: `${vault}/recovery-points/` }));
    return blobs.map(({ name }) => name);
  }
  const readJson = async <T>(name: string): Promise<T> =>
    JSON.parse((await backups.getBlobClient(name).downloadToBuffer()).toString('utf8')) as T;

  const token = async () => {
    const url = `${stack.emulator.identityEndpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&client_id=operator`;
    const answer = await fetch(url, { headers: { 'x-identity-header': stack.emulator.identityHeader } });
    const { access_token, expires_on } = (await answer.json()) as {
      access_token: string;
      expires_on: string;
    };
    return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1000 };
  };

  const callRestore: E2e['callRestore'] = (method, route, body, headers) =>
    callApp(stack.restoreHost?.url ?? '', method, route, body, headers);
  const restored = (id: string) =>
    waitFor(async () => {
      const detail = (await callRestore('GET', `restores/${id}`)).body as unknown as RestoreDetail;
      return detail.status !== undefined && detail.status !== 'running' && detail;
    }).catch((error: unknown) => {
      throw new Error(`restore ${id} did not end\n${log.slice(-40).join('\n')}`, { cause: error });
    });

  return {
    stack,
    points,
    fire: (vault) => stack.host.invoke(`runPlan-${vault}`),
    async waitForPoint(vault, holds = () => true) {
      let last: Point | null = null;
      try {
        return await waitFor(async () => {
          const newest = (await points(vault)).at(-1);
          last = newest ? await readJson<Point>(newest) : null;
          if (!last || !holds(last)) return null;
          // The run is closed after its point is there; till then the vault is busy, and would start no other run.
          return (await activeRunOf(stack, vault))?.runId === last.runId ? null : last;
        });
      } catch (error) {
        throw new Error(
          `no such recovery point of ${vault}; last: ${JSON.stringify(last)}\n${log.slice(-40).join('\n')}`,
          { cause: error },
        );
      }
    },
    async lines(point) {
      const text = (await backups.getBlobClient(point.index.blob).downloadToBuffer()).toString('utf8');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line);
    },
    call: (method, route, body) => callApp(stack.host.url, method, route, body),
    callRestore,
    restored,
    async restore(request) {
      const answer = await callRestore('POST', 'restores', { reason: 'an end-to-end test', ...request });
      if (answer.status !== 202) throw new Error(`the restore was refused: ${JSON.stringify(answer.body)}`);
      return restored(String(answer.body['id']));
    },
    operator(vault) {
      const url = stack.emulator.vaults.find(({ name }) => name === vault)?.url ?? '';
      const settings = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };
      const credential = { getToken: token };
      return {
        secrets: new SecretClient(url, credential, settings),
        keys: new KeyClient(url, credential, settings),
        certificates: new CertificateClient(url, credential, settings),
      };
    },
    events: (name) =>
      log.flatMap((line) => {
        const at = line.indexOf('{"event":');
        const event = at < 0 ? null : (JSON.parse(line.slice(at)) as Record<string, unknown>);
        return event?.['event'] === name ? [event] : [];
      }),
    async stop() {
      await stack.stop();
      demandDocumented();
      demandRights(stack);
    },
  };
}

/** Polls until the probe gives something, and fails after a minute. */
export async function waitFor<T>(probe: () => Promise<T | null | undefined | false>): Promise<T> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > until) throw new Error(`nothing in ${patienceMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
