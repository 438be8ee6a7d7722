/**
 * Which shard a vault belongs to: always the same one for a number of shards, so that each vault has one limiter.
 * On Flex Consumption every queue function has its own instances; with one instance each, shards scale out.
 */
import { createHash } from 'node:crypto';

export const mostShards = 32;

export function shardOf(vault: string, shards: number): number {
  const digest = createHash('sha256').update(vault.toLowerCase()).digest();
  return digest.readUInt32BE(0) % shards;
}

export const backupQueueName = (shard: number) => `backup-jobs-${shard}`;

/** The shard of a queue's name; null for every other queue, poison queues too. */
export function shardOfQueue(name: string): number | null {
  const match = /^backup-jobs-(\d{1,3})$/.exec(name);
  return match ? Number(match[1]) : null;
}
