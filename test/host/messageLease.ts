/**
 * Keeps a received message invisible while its function runs: renewed at half the lease (the extension renews its ten
 * minutes every five), each renewal giving a new pop receipt. A renewal that fails is logged; the run goes on.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';

export interface MessageLease {
  /** Stops renewing and gives the receipt that is valid now. */
  end(): Promise<string>;
}

export function holdLease(
  queue: QueueClient,
  message: DequeuedMessageItem,
  leaseSeconds: number,
  dead: AbortSignal,
  warn: (error: unknown) => void,
): MessageLease {
  let popReceipt = message.popReceipt;
  let ended = false;
  let timer: NodeJS.Timeout;
  let renewal = Promise.resolve();
  const renew = async () => {
    try {
      const updated = await queue.updateMessage(message.messageId, popReceipt, undefined, leaseSeconds, {
        abortSignal: dead,
      });
      popReceipt = updated.popReceipt ?? popReceipt;
    } catch (error) {
      if (!dead.aborted) warn(error);
    }
    if (!ended && !dead.aborted) arm();
  };
  const arm = () => {
    timer = setTimeout(() => {
      renewal = renew();
    }, leaseSeconds * 500);
  };
  arm();
  return {
    end: async () => {
      ended = true;
      clearTimeout(timer);
      await renewal;
      return popReceipt;
    },
  };
}
