/** The process of a verification dies between any two writes, its messages cross or fail: it still ends as it should. */
import { describe, expect, test } from 'vitest';
import { advanceVerification } from '../../../shared/verify/advanceVerification.ts';
import { type VerifyWorld, verifying } from '../../fakes/verifyWorld.ts';
import { createWorld } from '../../fakes/world.ts';

const secrets = 450; // three parts

async function backedUp(): Promise<VerifyWorld> {
  const world = createWorld();
  for (let i = 0; i < secrets; i += 1) world.vault.put('secret', `s${i}`);
  const verify = verifying(world);
  await verify.backUp('2026-11-22T02:00:00Z');
  verify.flip(world.lines()[7]?.blob ?? '');
  world.clock.set(new Date('2026-11-22T05:30:00Z'));
  return verify;
}

function expectWhole(verify: VerifyWorld): void {
  expect(verify.records()).toEqual([
    expect.objectContaining({
      status: 'failed',
      checked: secrets,
      unchecked: 0,
      findings: [expect.objectContaining({ what: 'corrupt' })],
    }),
  ]);
  expect(verify.events('verification.failed').length).toBeGreaterThan(0);
}

const total = await (async () => {
  const verify = await backedUp();
  await verify.daily();
  return verify.writes();
})();
const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((n) => [
  { n, when: 'before' as const },
  { n, when: 'after' as const },
]);

describe('a crash at any write', () => {
  test('there are writes to crash at, and three jobs', async () => {
    expect(total).toBeGreaterThan(15);
    const verify = await backedUp();
    await verify.daily();
    expect(verify.queue.sent.filter(({ job }) => job.type === 'verifyBlobs')).toHaveLength(3);
    expectWhole(verify);
  });

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const verify = await backedUp();
    verify.crashAtWrite(n, when);
    await verify.fireDaily();
    // Fired again, as the timer's retry does: harmless, and needed if the start itself died.
    await verify.daily();
    expectWhole(verify);
  });
});

describe('messages', () => {
  test('each twice, in reverse order', async () => {
    const verify = await backedUp();
    const { send } = verify.queue;
    verify.queue.send = async (message, options = {}) => {
      await send(message, { ...options, delaySeconds: (options.delaySeconds ?? 0) + 7 });
      await send(message, options);
    };
    await verify.daily();
    expectWhole(verify);
  });

  test('two at once: one wins, one record', async () => {
    const verify = await backedUp();
    await verify.fireDaily();
    const job = { type: 'advanceVerification' as const, id: 'contoso-20261122T053000Z' };
    await Promise.all([advanceVerification(job, verify.deps), advanceVerification(job, verify.deps)]);
    await verify.daily();
    expectWhole(verify);
  });

  test('a job that is delivered twice reads its blobs once', async () => {
    const verify = await backedUp();
    let reads = 0;
    const { read } = verify.deps.backups;
    verify.deps.backups = {
      ...verify.deps.backups,
      read: (name) => {
        reads += name.endsWith('backup') ? 1 : 0;
        return read(name);
      },
    };
    await verify.daily();
    for (const message of verify.queue.sent.filter(({ job }) => job.type === 'verifyBlobs'))
      await verify.queue.send(message);
    await verify.daily();
    expect(reads).toBe(secrets + 1); // One is bad, and is looked at twice.
  });

  test('of jobs that are lost are sent again, a lease after the last progress', async () => {
    const verify = await backedUp();
    await verify.fireDaily();
    const isLost = () => verify.queue.sent.some(({ job }) => job.type === 'verifyBlobs' && job.part === 2);
    await verify.pump.stepUntil(async () => isLost());
    for (const [id, { text }] of verify.queue.messages)
      if (text.includes('verifyBlobs')) verify.queue.messages.delete(id);
    const before = verify.world.clock.now().getTime();
    await verify.daily();
    expectWhole(verify);
    expect(verify.world.clock.now().getTime() - before).toBeLessThan(30 * 60_000);
  });

  test('a job that fails on every delivery leaves its part unchecked, named and loud', async () => {
    const verify = await backedUp();
    const hopeless = verify.world.lines()[300]?.blob;
    const { read } = verify.deps.backups;
    verify.deps.backups = {
      ...verify.deps.backups,
      read: (name) => (name === hopeless ? Promise.reject(new Error('a worker that dies')) : read(name)),
    };
    const record = await verify.daily();
    expect(record).toMatchObject({ checked: 250, unchecked: 200 });
    expect(record.reason).toMatch(/200 blobs were not checked: a job failed on every delivery/);
    expect(verify.events('verification.failed')).toMatchObject([{ unchecked: 200 }]);
    // The next one does not go on from it: it has everything to read.
    verify.deps.backups = { ...verify.deps.backups, read };
    verify.world.clock.set(new Date('2026-11-23T05:30:00Z'));
    expect(await verify.daily()).toMatchObject({ since: null, checked: secrets, unchecked: 0 });
  });

  test('that are all lost: the one at the deadline ends it, and it says that it is not whole', async () => {
    const verify = await backedUp();
    await verify.fireDaily();
    const [atDeadline] = [...verify.queue.messages.values()];
    verify.queue.messages.clear();
    if (atDeadline) verify.queue.messages.set(atDeadline.id, atDeadline);
    await verify.pump.drain();
    expect(verify.records()).toEqual([
      expect.objectContaining({ status: 'incomplete', checked: 0, unchecked: null }),
    ]);
    expect(verify.events('verification.failed')).toMatchObject([{ status: 'incomplete' }]);
  });

  test('whose record cannot be written: said at the deadline, and then given up', async () => {
    const verify = await backedUp();
    verify.deps.audit = { ...verify.deps.audit, create: () => Promise.reject(new Error('forbidden')) };
    await verify.fireDaily();
    await verify.pump.drain();
    expect(verify.records()).toEqual([]);
    expect(verify.events('verification.failed').at(-1)).toMatchObject({
      status: 'incomplete',
      reason: expect.stringMatching(/could not end/),
    });
  });
});
