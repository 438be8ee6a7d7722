/**
 * What can become of a message after it was sent, made straight at the queue with the receipt that the sender got: the
 * queue is not received from in between, so that nobody is faster.
 */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { StorageRequest } from '../local/storageProxy.ts';
import type { Armed } from './arm.ts';
import type { Making } from './faults.ts';
import { meet, type Scene } from './meet.ts';
import { jobOf, textIn } from './stepWatch.ts';

type Trouble = Extract<Making, { at: 'queue' }>['trouble'];

/** Longer than a message lease of the app, so that it is sent again meanwhile. */
const delaySeconds = 6;
const mostTries = 50;

export function armQueue(trouble: Trouble, scene: Scene): Armed {
  const { queues, azurite } = scene.stack.e2e.stack;
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  if (trouble === 'lostLease') return armLostLease(service, scene);

  let made = 0;
  // Several may be on their way to the queue at once: who receives waits until the last of them is through.
  let sending = 0;
  let hold: Promise<void> = Promise.resolve();
  let release = () => {};
  const gate = queues.before(async ({ operation }) => {
    if (operation === 'GetMessages') await hold;
    return undefined;
  });
  const met = meet(scene, mostTries, {
    before() {
      sending += 1;
      if (sending === 1 && made === 0)
        hold = new Promise((resolve) => {
          release = resolve;
        });
      return undefined;
    },
    async after(request) {
      sending -= 1;
      try {
        if (made > 0) return undefined;
        await spoil(trouble, service.getQueueClient(request.container), request);
        made += 1;
      } catch (error) {
        // Received a moment before: the next one will do.
        if ((error as { statusCode?: number }).statusCode === undefined) throw error;
      } finally {
        if (sending <= 0) release();
      }
      return undefined;
    },
  });
  return {
    made: () => made,
    async lift() {
      met.stop();
      release();
      gate();
    },
  };
}

async function spoil(
  trouble: Exclude<Trouble, 'lostLease'>,
  queue: QueueClient,
  { body, answer }: StorageRequest,
): Promise<void> {
  const text = textIn(body.toString('utf8'));
  if (trouble === 'duplicated') return void (await queue.sendMessage(text));
  const [message] = messagesIn(answer);
  if (!message) throw new Error('the queue took no message');
  const { id, receipt } = message;
  if (trouble === 'corrupt') {
    const half = Buffer.from(text, 'base64').subarray(0, -20).toString('base64');
    return void (await queue.updateMessage(id, receipt, half, 0));
  }
  await queue.updateMessage(id, receipt, text, trouble === 'delayed' ? delaySeconds : 1);
}

/** Whoever received the message has it no longer, and does not know: it can be received again at once. */
function armLostLease(service: QueueServiceClient, scene: Scene): Armed {
  const { moment, subject, stack } = scene;
  let made = 0;
  // Which message it is, is known when it is sent.
  const wanted = new Set<string>();
  const met = meet(scene, 1, {
    after({ answer }) {
      for (const { id } of messagesIn(answer)) wanted.add(id);
      return undefined;
    },
  });
  const stop = stack.e2e.stack.queues.after(async ({ operation, container, answer }) => {
    if (operation !== 'GetMessages') return undefined;
    for (const { id, receipt, text } of messagesIn(answer)) {
      if (!wanted.delete(id) || jobOf(text)?.type !== moment.message) continue;
      made += 1;
      await service.getQueueClient(container).updateMessage(id, receipt, text, 0);
    }
    return undefined;
  });
  return {
    made: () => made,
    async lift() {
      met.stop();
      stop();
      if (made > 0 || wanted.size === 0) return;
      throw new Error(`the message of ${subject.vault} was never received`);
    },
  };
}

function messagesIn(answer: Buffer | undefined): { id: string; receipt: string; text: string }[] {
  const xml = answer?.toString('utf8') ?? '';
  return [...xml.matchAll(/<QueueMessage>(.*?)<\/QueueMessage>/gs)].map(([, one = '']) => ({
    id: /<MessageId>([^<]*)</.exec(one)?.[1] ?? '',
    receipt: /<PopReceipt>([^<]*)</.exec(one)?.[1] ?? '',
    text: textIn(one),
  }));
}
