/** The Key Vault emulator as a process of its own, with its admin endpoint as functions. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Counts, TimelineRow } from '../emulator/counters.ts';
import type { Fault } from '../emulator/faults.ts';
import type { EmulatorOptions } from '../emulator/options.ts';

interface Ready {
  readonly vaults: { readonly name: string; readonly url: string }[];
  readonly adminUrl: string;
  readonly identityEndpoint: string;
  readonly identityHeader: string;
  readonly ca: string;
}

export interface EmulatorProcess extends Ready {
  seed(vault: string, count: number, prefix?: string): Promise<void>;
  timeline(vault: string): Promise<TimelineRow[]>;
  counters(): Promise<Counts>;
  resetCounters(): Promise<void>;
  addFault(fault: Fault): Promise<string>;
  clearFaults(): Promise<void>;
  /** An access token for the identity with this client id. */
  token(clientId: string): Promise<string>;
  stop(): Promise<void>;
}

const script = path.resolve(import.meta.dirname, '../emulator/main.ts');

export async function startEmulatorProcess(
  options: Omit<EmulatorOptions, 'tls'>,
  folder: string,
): Promise<EmulatorProcess> {
  const config = path.join(folder, 'emulator.json');
  await writeFile(config, JSON.stringify(options));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, '--config', config],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const killed = () => void child.kill('SIGKILL');
  process.once('exit', killed);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the emulator ended before it was ready')));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as Ready));
  });

  async function admin<T>(method: string, route: string, body?: unknown): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${ready.adminUrl}/${route}`, { method, ...content });
    if (!answer.ok) throw new Error(`${method} ${route}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  return {
    ...ready,
    seed: async (vault, count, prefix = 'object-') => {
      await admin('POST', `seed/${vault}/many`, { count, prefix });
    },
    timeline: (vault) => admin('GET', `timeline/${vault}`),
    counters: () => admin('GET', 'counters'),
    resetCounters: async () => {
      await admin('POST', 'counters/reset');
    },
    addFault: async (fault) => (await admin<{ id: string }>('POST', 'faults', fault)).id,
    clearFaults: async () => {
      await admin('DELETE', 'faults');
    },
    token: async (clientId) => {
      const query = `api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&client_id=${clientId}`;
      const headers = { 'x-identity-header': ready.identityHeader };
      const answer = await fetch(`${ready.identityEndpoint}?${query}`, { headers });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    stop: async () => {
      process.off('exit', killed);
      child.kill('SIGKILL');
      await exited;
    },
  };
}
