/** The run as a whole, in a world of memory: what ends up in the recovery point, whatever happens on the way. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startPlan } from '../../../shared/backup/startPlan.ts';
import { outcomes, seeded } from '../../fakes/seededWorld.ts';
import { createWorld, runId } from '../../fakes/world.ts';

describe('an undisturbed run', () => {
  test('accounts for every listed object and seals a complete point', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'complete',
      runId,
      trigger: 'timer',
      region: 'westeurope',
      counts: { listed: 7, stored: 5, carried: 0, gone: 0, skipped: 2, failed: 0 },
      previous: null,
      immutability: 'policy',
    });
    expect(outcomes(world)).toEqual({
      'secrets/db-password': 'stored',
      'secrets/api-key': 'stored',
      'secrets/old': 'stored',
      'secrets/www': 'skipped',
      'keys/signing': 'stored',
      'keys/www': 'skipped',
      'certificates/www': 'stored',
    });
    expect(world.run()).toBeNull();
  });

  test('keeps the spelling of names in lines, and lower-cases blob names', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    const line = world.lines().find((candidate) => candidate.name === 'API-key');
    expect(line?.blob).toMatch(/\/secrets\/api-key\.\d+-1\.secretbackup$/);
  });

  test('makes one call per secret and certificate, three per key, one per list page', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    const lists = world.vault.made.filter((call) => call.startsWith('list'));
    // Once to plan, once more for the consistency pass.
    const once = ['list secret', 'list key', 'list certificate'];
    expect(lists).toEqual([...once, ...once]);
    const inventory = world.vault.made.filter((call) => call.startsWith('versions '));
    expect(world.vault.made.length - lists.length - inventory.length).toBe(3 + 1 + 3);
    expect(world.point()?.requests).toMatchObject({ vault: world.vault.made.length, throttled: 0 });
  });

  test('records what a key’s own calls tell', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.kind === 'key' && line.name === 'signing')).toMatchObject({
      keyType: 'RSA',
      currentVersion: 'a'.repeat(32),
      rotationPolicy: { expiryTime: 'P90D' },
    });
  });

  test('leaves out what the plan excludes, and says so', async () => {
    const world = seeded(createWorld({ plan: { exclude: ['secrets/old'] } }));
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({
      outcome: 'skipped',
      reason: expect.stringContaining('excluded'),
    });
  });

  test('chains each point to the one before by digest', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    world.clock.set(new Date('2026-11-23T02:00:00Z'));
    await world.fireTimer();
    await world.drain();
    const second = world.point('20261123T020000Z');
    expect(second?.previous?.runId).toBe(runId);
    const bytes = world.backups.blobs.get(`contoso/recovery-points/${runId}.json`)?.bytes ?? new Uint8Array();
    expect(second?.previous?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('captures the longest uncaptured objects first', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    world.vault.put('secret', 'zz-new');
    world.clock.set(new Date('2026-11-23T02:00:00Z'));
    world.vault.made.length = 0;
    await world.fireTimer();
    await world.drain();
    expect(world.vault.made.find((call) => call.startsWith('backup secrets/'))).toBe('backup secrets/zz-new');
  });
});

describe('messages', () => {
  test('every message lost after capture is enqueued again, and the run completes', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    for (const [id, { text }] of world.queue.messages)
      if (text.includes('backUpObject')) world.queue.messages.delete(id);
    await world.drain();
    expect(world.point()?.status).toBe('complete');
    expect(world.queue.sent.filter(({ job }) => job.type === 'backUpObject').length).toBeGreaterThan(5);
  });

  test('objects whose messages always vanish are named as not reached after five rounds', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    for (let more = true; more; more = await world.step()) {
      for (const [id, { text }] of world.queue.messages)
        if (text.includes('"old"')) world.queue.messages.delete(id);
    }
    expect(world.lines().find((line) => line.name === 'old')?.reason).toMatch(/^notReached/);
    expect(
      world.queue.sent.filter(({ job }) => job.type === 'backUpObject' && job.name === 'old'),
    ).toHaveLength(6);
  });

  test('the same instant fired again, early and late is one run', async () => {
    const world = seeded(createWorld());
    world.clock.set(new Date('2026-11-22T01:59:59.995Z'));
    await world.fireTimer();
    await world.fireTimer();
    world.clock.advance(30_000);
    await world.fireTimer();
    await world.drain();
    world.clock.set(new Date('2026-11-22T02:00:30Z'));
    await world.fireTimer();
    await world.drain();
    expect([...world.backups.blobs.keys()].filter((name) => name.includes('recovery-points'))).toEqual([
      `contoso/recovery-points/${runId}.json`,
    ]);
    expect(world.vault.made.filter((call) => call === 'backup secrets/old')).toHaveLength(1);
  });

  test('doubled chains die out: two starts do not double the steps', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    for (let i = 0; i < 5; i += 1) await world.fireTimer();
    await world.drain();
    expect(world.vault.made.filter((call) => call === 'list secret')).toHaveLength(2);
  });
});

describe('refusals and doubts', () => {
  test('mutable storage is loud, recorded, and no reason to stop', async () => {
    const world = seeded(createWorld());
    world.backups.policy = 'none';
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'complete', immutability: 'none' });
    expect(world.events.map(({ name }) => name)).toContain('storage.mutable');
  });

  test('unless immutability is required', async () => {
    const world = seeded(createWorld({ requireImmutableStorage: true }));
    world.backups.policy = 'unknown';
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toBeNull();
    expect(world.events.at(-1)).toMatchObject({
      name: 'run.refused',
      fields: { reason: expect.stringContaining('cannot be read') },
    });
  });

  test('a clock that differs from storage’s by more than two minutes starts nothing', async () => {
    const world = seeded(createWorld());
    const deps = {
      ...world.deps,
      state: { ...world.deps.state, serverTime: async () => new Date(world.clock.now().getTime() + 121_000) },
    };
    const [started] = await startPlan(world.plan, deps);
    expect(started?.result).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('clock') });
    expect(world.queue.sent).toHaveLength(0);
  });

  test('a blob that lay under the run’s name before it began is not used', async () => {
    const world = seeded(createWorld());
    world.clock.advance(-3600_000);
    const updated = world.vault.objects.get('secrets/old')?.updated;
    await world.backups.create(`contoso/runs/${runId}/secrets/old.${updated}-1.secretbackup`, {
      bytes: Buffer.from('planted'),
      contentType: 'application/octet-stream',
      metadata: { sha256: 'c'.repeat(64), captured: '2026-11-22T01:00:00.000Z' },
    });
    world.clock.advance(3600_000);
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({
      outcome: 'failed',
      blob: null,
    });
    expect(world.events.map(({ name }) => name)).toContain('blob.stranger');
  });

  test('a plan part that is lost makes the point partial, because the sums do not add up', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    for (const name of world.state.blobs.keys())
      if (name.includes('/plan/') && name.includes('settled')) world.state.blobs.delete(name);
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/objects were listed, but \d have an outcome/),
    });
  });
});
