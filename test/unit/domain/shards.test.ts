/** Which shard a vault belongs to: stable for ever, roughly even, and readable from a queue's name. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backupQueueName, mostShards, shardOf, shardOfQueue } from '../../../shared/domain/shards.ts';
import { vaultName } from './arbitraries.ts';

describe('a vault’s shard', () => {
  // Written down, not computed: if it changed, messages of running apps would lie in queues that nobody expects.
  test.each([
    ['contoso-payments', 1, 1, 29],
    ['contoso-hr', 1, 1, 29],
    ['kv-prod-weu-01', 0, 2, 10],
    ['kv-prod-weu-02', 1, 3, 15],
    ['a', 0, 2, 18],
    ['vault-with-a-rather-long-name-1', 0, 0, 4],
    ['Fabrikam', 0, 2, 6],
    ['local', 0, 2, 26],
  ])('%s is in 0 of one, %i of two, %i of four, %i of thirty-two, as ever', (name, ofTwo, ofFour, ofMost) => {
    expect([1, 2, 4, mostShards].map((shards) => shardOf(name, shards))).toEqual([0, ofTwo, ofFour, ofMost]);
  });

  test('is one of the shards, and the same however the name is written', () => {
    fc.assert(
      fc.property(vaultName, fc.integer({ min: 1, max: mostShards }), (name, shards) => {
        const shard = shardOf(name, shards);
        expect(shard).toBeGreaterThanOrEqual(0);
        expect(shard).toBeLessThan(shards);
        expect(shardOf(name.toUpperCase(), shards)).toBe(shard);
        expect(shardOf(name.toLowerCase(), shards)).toBe(shard);
      }),
    );
  });

  test.each([2, 4, 8])('a thousand names spread over %i shards within a fifth of even', (shards) => {
    const vaults = Array.from({ length: shards }, () => 0);
    for (let i = 0; i < 1_000; i += 1) {
      const shard = shardOf(`kv-team-${i}-prod`, shards);
      vaults[shard] = (vaults[shard] ?? 0) + 1;
    }
    const even = 1_000 / shards;
    expect(Math.max(...vaults)).toBeLessThan(even * 1.2);
    expect(Math.min(...vaults)).toBeGreaterThan(even * 0.8);
  });
});

describe('a queue’s name', () => {
  test.each([0, 1, 9, 31, 999])('of shard %i is read back', (shard) => {
    expect(shardOfQueue(backupQueueName(shard))).toBe(shard);
  });

  test('is what the infrastructure makes', () => {
    expect([backupQueueName(0), backupQueueName(11)]).toEqual(['backup-jobs-0', 'backup-jobs-11']);
  });

  test.each([
    'backup-jobs-0-poison',
    'backup-jobs-',
    'backup-jobs',
    'backup-jobs-1a',
    'backup-jobs--1',
    'backup-jobs-1000',
    'my-backup-jobs-1',
    'restore-jobs',
    'restore-jobs-poison',
  ])('%s is no shard’s', (name) => {
    expect(shardOfQueue(name)).toBeNull();
  });
});
