/**
 * Shards, with each queue function in a process of its own as on Flex Consumption: a vault is always in the same one,
 * and their number may be changed at any time without losing a message.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalHost } from '../host/host.ts';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';

let e2e: E2e;
const vaults = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot'];

beforeAll(async () => {
  e2e = await startE2e({
    vaults: Object.fromEntries(vaults.map((name) => [name, {}])),
    env: { BACKUP_SHARDS: '3', MESSAGE_LEASE_SECONDS: '3' },
    host: { processes: 'perFunction' },
  });
  for (const vault of vaults) e2e.stack.emulator.control.seed.many(vault, 12, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

const queueOf = new Map<string, Set<string>>();

test('every vault’s messages go to one queue, and the queues share the vaults', async () => {
  const stop = e2e.stack.queues.before(({ operation, container, body }) => {
    const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString('utf8'))?.[1];
    if (operation !== 'PutMessage' || !text) return;
    const { job } = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as { job: { vault: string } };
    queueOf.set(job.vault, (queueOf.get(job.vault) ?? new Set()).add(container));
  });
  await Promise.all(vaults.map((vault) => e2e.fire(vault)));
  for (const vault of vaults)
    expect(await e2e.waitForPoint(vault)).toMatchObject({ status: 'complete', counts: { stored: 12 } });
  stop();
  expect([...queueOf.values()].every((queues) => queues.size === 1)).toBe(true);
  expect(new Set([...queueOf.values()].flatMap((queues) => [...queues])).size).toBeGreaterThan(1);
});

test('after the number is made smaller, what lies in the queues that are gone is found and moved', async () => {
  const [lost] = vaults.filter((vault) => !queueOf.get(vault)?.has('backup-jobs-0'));
  if (!lost) throw new Error('all vaults hash to shard 0: choose other names');
  // The run is started, and its shard dies before it takes the first message.
  await e2e.stack.host.killWorker('SIGKILL', { restart: false });
  await e2e.stack.host.killHost();
  const starter = await e2e.stack.startHost({
    env: { BACKUP_SHARDS: '3', APP_ROLE: 'backup' },
    processes: 'perFunction',
    maxPollingIntervalMs: 3_600_000,
  });
  await fetch(`${starter.url}/api/backups`, {
    method: 'POST',
    body: JSON.stringify({ vault: lost, full: true }),
  });
  await starter.killHost();
  const before = (await e2e.points(lost)).length;

  const smaller: LocalHost = await e2e.stack.startHost({
    env: { BACKUP_SHARDS: '1' },
    processes: 'perFunction',
  });
  await waitFor(async () => {
    await smaller.invoke(`runPlan-${vaults[0]}`);
    return (await e2e.points(lost)).length > before;
  });
  expect(await e2e.waitForPoint(lost)).toMatchObject({ status: 'complete' });
  expect(await problemsOf(e2e.stack.container('backups'), lost)).toEqual([]);
});
