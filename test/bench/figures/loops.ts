/**
 * What a run is compared with: the loop that scripts use, and the floors. A floor makes the vault, queue and blob calls
 * of a run at a given concurrency, with no limiter and no records: what this machine could do at best.
 */
import { randomUUID } from 'node:crypto';
import { atOnce, secretsOf } from '../clients.ts';
import type { Bench } from '../stack.ts';

const timed = async (work: () => Promise<void>): Promise<number> => {
  const from = Date.now();
  await work();
  return (Date.now() - from) / 1000;
};

const clientOf = (bench: Bench, vault: string) => secretsOf(bench.emulator, bench.urlOf(vault), 'operator');

/**
 * One object after the other: list, back up, put. Only every fourth is copied and counts for four: the loop has no
 * start-up and nothing in it changes with their number.
 */
export async function scriptLoop(bench: Bench, vault: string): Promise<number> {
  const secrets = clientOf(bench, vault);
  const folder = randomUUID();
  let names: string[] = [];
  const listing = await timed(async () => {
    names = await list(secrets);
  });
  const some = names.filter((_, index) => index % 4 === 0);
  const copying = await timed(async () => {
    for (const name of some) await copy(bench, secrets, name, folder);
  });
  return listing + (copying * names.length) / some.length;
}

export function floorWithoutQueue(bench: Bench, vault: string, concurrency: number): Promise<number> {
  const secrets = clientOf(bench, vault);
  const folder = randomUUID();
  return timed(async () => {
    await atOnce(concurrency, await list(secrets), (name) => copy(bench, secrets, name, folder));
    await list(secrets);
  });
}

/** Sends 16 at a time as the app does, while it receives 32 at a time as the host does. */
export function floorWithQueue(bench: Bench, vault: string, concurrency: number): Promise<number> {
  const secrets = clientOf(bench, vault);
  const queue = bench.queue('floor');
  const folder = randomUUID();
  return timed(async () => {
    const names = await list(secrets);
    let left = names.length;
    const running = new Set<Promise<void>>();
    const handle = async (message: { messageId: string; popReceipt: string; messageText: string }) => {
      await copy(bench, secrets, message.messageText, folder);
      await queue.deleteMessage(message.messageId, message.popReceipt);
      left -= 1;
    };
    const receive = async () => {
      while (left > 0) {
        const { receivedMessageItems } = await queue.receiveMessages({
          numberOfMessages: 32,
          visibilityTimeout: 600,
        });
        for (const message of receivedMessageItems) {
          const work = handle(message).finally(() => running.delete(work));
          running.add(work);
        }
        if (receivedMessageItems.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        while (running.size > concurrency - 32) await Promise.race(running);
      }
    };
    await Promise.all([atOnce(16, names, (name) => queue.sendMessage(name)), receive()]);
    await list(secrets);
  });
}

type Secrets = ReturnType<typeof clientOf>;

async function copy(bench: Bench, secrets: Secrets, name: string, folder: string): Promise<void> {
  const bytes = await secrets.backupSecret(name);
  if (!bytes) throw new Error(`no backup of ${name}`);
  const blob = bench.container('floor').getBlockBlobClient(`${folder}/${name}`);
  await blob.upload(bytes, bytes.length, { conditions: { ifNoneMatch: '*' } });
}

async function list(secrets: Secrets): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of secrets.listPropertiesOfSecrets()) names.push(name);
  return names;
}
