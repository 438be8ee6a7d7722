/** The mover of stray messages against Azurite: what lies in the queues of shards that are gone finds its way, once. */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { storageQueue } from '../../shared/azure/storageQueue.ts';
import { strayQueues } from '../../shared/azure/strayQueues.ts';
import { decodeBackupMessage, type JobMessage, takeConfigMessage } from '../../shared/domain/jobs.ts';
import { backupQueueName, shardOf } from '../../shared/domain/shards.ts';
import type { JobQueue } from '../../shared/ports/jobQueue.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';

let azurite: Azurite;
let service: QueueServiceClient;

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(() => azurite?.stop());

const others = ['backup-jobs-3-poison', 'backup-jobs-old', 'restore-jobs'];
const names = [0, 1, 2, 3, 12].map(backupQueueName).concat(others);
beforeEach(async () => {
  for (const name of names) {
    const queue = service.getQueueClient(name);
    await queue.createIfNotExists();
    await queue.clearMessages();
  }
});

const advance = (vault: string): JobMessage => ({
  v: 1,
  job: { type: 'advanceRun', vault, runId: '20261122T020000Z' },
  notAfter: null,
  attempt: 3,
});
const put = (name: string, message: JobMessage) =>
  storageQueue(service.getQueueClient(name), 30_000).send(message);
const putRaw = (name: string, text: string) => service.getQueueClient(name).sendMessage(text);
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** With two shards; `send` may be made to fail. */
const mover = (send?: JobQueue['send']) =>
  strayQueues(service, 2, (vault) =>
    send ? { send } : storageQueue(service.getQueueClient(backupQueueName(shardOf(vault, 2))), 30_000),
  );

const countIn = async (name: string) =>
  (await service.getQueueClient(name).getProperties()).approximateMessagesCount;
async function messagesIn(name: string): Promise<unknown[]> {
  const { receivedMessageItems } = await service
    .getQueueClient(name)
    .receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) =>
    decodeBackupMessage(JSON.parse(Buffer.from(messageText, 'base64').toString('utf8'))),
  );
}

describe('with two shards left', () => {
  test('each message of the others goes to the queue that its vault has now, whole and once', async () => {
    const [inFirst, inSecond] = ['kv-prod-weu-01', 'contoso-hr'];
    expect([shardOf(inFirst, 2), shardOf(inSecond, 2)]).toEqual([0, 1]);
    await put('backup-jobs-2', advance(inFirst));
    await put('backup-jobs-3', advance(inSecond));
    await put('backup-jobs-12', advance(inSecond));
    expect(await mover().move()).toBe(3);
    expect(await messagesIn('backup-jobs-0')).toEqual([advance(inFirst)]);
    expect(await messagesIn('backup-jobs-1')).toEqual([advance(inSecond), advance(inSecond)]);
    for (const gone of ['backup-jobs-2', 'backup-jobs-3', 'backup-jobs-12'])
      expect(await countIn(gone)).toBe(0);
    expect(await mover().move()).toBe(0);
  });

  test('so is the message that asks for a vault’s settings', async () => {
    const asked = takeConfigMessage(
      { vault: 'contoso-hr', role: 'source', id: '20261122T020000Z' },
      new Date('2026-11-22T02:00:00Z'),
    );
    await put('backup-jobs-2', asked);
    const sent: JobMessage[] = [];
    expect(await mover(async (message) => void sent.push(message)).move()).toBe(1);
    expect(sent).toEqual([asked]);
  });

  test('what lies where it belongs, in a poison queue or in any other is left alone', async () => {
    const left = ['backup-jobs-0', 'backup-jobs-1', ...others];
    for (const name of left) await put(name, advance('contoso-hr'));
    expect(await mover().move()).toBe(0);
    for (const name of left) expect(await messagesIn(name)).toEqual([advance('contoso-hr')]);
  });

  test('what cannot be read stays, and holds up nothing behind it', async () => {
    const unreadable = ['not base64 §', base64('no JSON'), base64('{"v":2}'), base64('null')];
    for (const text of unreadable) await putRaw('backup-jobs-2', text);
    await put('backup-jobs-2', advance('contoso-hr'));
    expect(await mover().move()).toBe(1);
    expect(await countIn('backup-jobs-2')).toBe(unreadable.length);
    expect(await messagesIn('backup-jobs-1')).toHaveLength(1);
  });

  test('what is not yet visible stays until it is', async () => {
    await storageQueue(service.getQueueClient('backup-jobs-2'), 30_000).send(advance('contoso-hr'), {
      delaySeconds: 3_600,
    });
    expect(await mover().move()).toBe(0);
    expect(await countIn('backup-jobs-2')).toBe(1);
  });

  test('a message that cannot be sent on is not deleted, and the failure is told', async () => {
    await put('backup-jobs-2', advance('contoso-hr'));
    const full = mover(() => Promise.reject(new Error('the queue is full')));
    await expect(full.move()).rejects.toMatchObject({ name: 'BackupError' });
    expect(await countIn('backup-jobs-2')).toBe(1);
  });

  test('one call moves a bounded number, and the next call goes on', async () => {
    const more = 20 * 32 + 10;
    await Promise.all(Array.from({ length: more }, () => put('backup-jobs-2', advance('contoso-hr'))));
    const sent: JobMessage[] = [];
    const counting = mover(async (message) => void sent.push(message));
    expect(await counting.move()).toBe(20 * 32);
    expect(await counting.move()).toBe(10);
    expect(sent).toHaveLength(more);
    expect(await countIn('backup-jobs-2')).toBe(0);
  });
});
