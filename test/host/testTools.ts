/** What the tests of this folder share: bounded waiting, fixtures, queues with base64 bodies, and readable log lines. */
import { fileURLToPath } from 'node:url';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { type HostOptions, type LocalHost, startHost } from './host.ts';

const POLL_MS = 20;
const LONGEST_WAIT_MS = 15_000;

/** Waits for a condition: any value but undefined or false. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const until = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > until) throw new Error(`Waited ${LONGEST_WAIT_MS / 1000} s in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

let hosts: LocalHost[] = [];

/** A host on a fixture that is stopped after the test, with `stopHosts`. */
export async function start(app: string, options: Partial<HostOptions> = {}): Promise<LocalHost> {
  const host = await startHost({ appDir: fixture(app), env: {}, ...options });
  hosts.push(host);
  return host;
}

export async function stopHosts(): Promise<void> {
  await Promise.all(hosts.map((host) => host.killHost()));
  hosts = [];
}

/** What the app logged with this first word, with the JSON after it parsed. */
export function logged<T>(host: LocalHost, word: string): T[] {
  return host.logs
    .filter((line) => line.message.startsWith(`${word} `))
    .map((line) => JSON.parse(line.message.slice(word.length + 1)) as T);
}

export function countLines(host: LocalHost, text: string): number {
  return host.logs.filter((line) => line.message.includes(text)).length;
}

export function queue(connectionString: string, name: string): QueueClient {
  return QueueServiceClient.fromConnectionString(connectionString).getQueueClient(name);
}

export async function send(client: QueueClient, body: unknown): Promise<void> {
  await client.createIfNotExists();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  await client.sendMessage(Buffer.from(text).toString('base64'));
}

/** Visible and invisible messages together; 0 for a queue that does not exist. */
export async function messageCount(client: QueueClient): Promise<number> {
  if (!(await client.exists())) return 0;
  return (await client.getProperties()).approximateMessagesCount ?? 0;
}

export async function peekBodies(client: QueueClient): Promise<string[]> {
  if (!(await client.exists())) return [];
  const { peekedMessageItems } = await client.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString('utf8'));
}
