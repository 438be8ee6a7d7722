/** The run as a whole, in a world of memory: what ends up in the recovery point, whatever happens on the way. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

function seeded(world: World): World {
  for (const name of ['db-password', 'API-key', 'old']) world.vault.put('secret', name);
  world.vault.put('key', 'signing');
  world.vault.put('certificate', 'www');
  world.vault.put('secret', 'www', { managed: true });
  world.vault.put('key', 'www', { managed: true });
  return world;
}

const outcomes = (world: World) => Object.fromEntries(world.lines().map((line) => [objectKey(line), line.outcome]));

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
    expect(lists).toEqual(['list secret', 'list key', 'list certificate']);
    expect(world.vault.made.length - lists.length).toBe(3 + 1 + 3);
    expect(world.point()?.requests).toEqual({ vault: world.vault.made.length, throttled: 0 });
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
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({ outcome: 'skipped', reason: expect.stringContaining('excluded') });
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
    const { createHash } = await import('node:crypto');
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

describe('what the vault does meanwhile', () => {
  test('an object deleted between listing and backup is gone, and the run complete', async () => {
    const world = seeded(createWorld());
    world.vault.beforeCall = (operation) => {
      if (operation === 'list certificate') world.vault.remove('secret', 'old');
    };
    await world.fireTimer();
    await world.drain();
    expect(outcomes(world)['secrets/old']).toBe('gone');
    expect(world.point()?.status).toBe('complete');
  });

  test('a forbidden object fails with its hint, and the run is partial', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('secrets/old', () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }));
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({ outcome: 'failed', reason: 'forbidden: refused. Assign the role' });
    expect(world.point()).toMatchObject({ status: 'partial', reason: '1 of 7 objects failed' });
  });

  test('a kind that may not be listed makes the point partial and names the kind; the others are captured', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('list key', () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }));
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'partial', unlisted: [{ kind: 'key', reason: 'refused. Assign the role' }], counts: { stored: 4 } });
  });

  test('a vault that may not be listed at all is failed at once, with the reason', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('*', () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }));
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'failed', reason: 'the vault was not listed: refused. Assign the role', counts: { listed: 0 } });
    expect(Date.parse(world.point()?.sealedAt ?? '') - Date.parse(world.point()?.startedAt ?? '')).toBeLessThan(60_000);
  });

  test('an unreachable vault that comes back ends in a complete point', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('*', () => new BackupError('unreachable', 'no connection'));
    const backAt = world.clock.now().getTime() + 30 * 60_000;
    world.vault.beforeCall = () => {
      if (world.clock.now().getTime() > backAt) world.vault.errors.clear();
    };
    await world.fireTimer();
    await world.drain();
    expect(world.point()?.status).toBe('complete');
  });

  test('one that never comes back is sealed at the deadline, named', async () => {
    const world = seeded(createWorld({ plan: { deadlineMinutes: 7.5 } }));
    world.vault.errors.set('*', () => new BackupError('unreachable', 'no connection', { hint: 'Check the network' }));
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'failed', reason: 'the vault was not listed: no connection. Check the network' });
    expect(Date.parse(world.point()?.sealedAt ?? '') - Date.parse(world.point()?.startedAt ?? '')).toBe(7.5 * 60_000);
  });

  test('an outage after the listing uses up nobody’s deliveries', async () => {
    const world = seeded(createWorld());
    const downUntil = world.clock.now().getTime() + 60 * 60_000;
    world.vault.beforeCall = (operation) => {
      const down = !operation.startsWith('list') && world.clock.now().getTime() < downUntil;
      if (down) world.vault.errors.set('*', () => new BackupError('unreachable', 'no connection'));
      else world.vault.errors.clear();
    };
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'complete', counts: { stored: 5 } });
  });

  test('one object that always times out fails after five deliveries, while the others are stored', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('secrets/old', () => new BackupError('unreachable', 'no answer in time'));
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')?.reason).toContain('unreachable: no answer in time');
    expect(world.vault.made.filter((call) => call === 'backup secrets/old')).toHaveLength(5);
    expect(world.point()).toMatchObject({ status: 'partial', counts: { stored: 4, failed: 1 } });
  });

  test('a throttled object goes back without using up deliveries', async () => {
    const world = seeded(createWorld());
    let left = 12;
    world.vault.errors.set('secrets/old', () => {
      left -= 1;
      if (left === 0) world.vault.errors.clear();
      return new BackupError('throttled', 'too many requests');
    });
    await world.fireTimer();
    await world.drain();
    expect(world.point()?.status).toBe('complete');
  });
});

describe('messages', () => {
  test('every message lost after capture is enqueued again, and the run completes', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    for (const [id, { text }] of world.queue.messages) if (text.includes('backUpObject')) world.queue.messages.delete(id);
    await world.drain();
    expect(world.point()?.status).toBe('complete');
    expect(world.queue.sent.filter(({ job }) => job.type === 'backUpObject').length).toBeGreaterThan(5);
  });

  test('objects whose messages always vanish are named as not reached after five rounds', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    for (let more = true; more; more = await world.step()) {
      for (const [id, { text }] of world.queue.messages) if (text.includes('"old"')) world.queue.messages.delete(id);
    }
    expect(world.lines().find((line) => line.name === 'old')?.reason).toMatch(/^notReached/);
    expect(world.queue.sent.filter(({ job }) => job.type === 'backUpObject' && job.name === 'old')).toHaveLength(6);
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
    expect([...world.backups.blobs.keys()].filter((name) => name.includes('recovery-points'))).toEqual([`contoso/recovery-points/${runId}.json`]);
    expect(world.vault.made.filter((call) => call === 'backup secrets/old')).toHaveLength(1);
  });

  test('doubled chains die out: two starts do not double the steps', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    for (let i = 0; i < 5; i += 1) await world.fireTimer();
    await world.drain();
    expect(world.vault.made.filter((call) => call === 'list secret')).toHaveLength(1);
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
    expect(world.events.at(-1)).toMatchObject({ name: 'run.refused', fields: { reason: expect.stringContaining('cannot be read') } });
  });

  test('a clock that differs from storage’s by more than two minutes starts nothing', async () => {
    const world = seeded(createWorld());
    const deps = { ...world.deps, state: { ...world.deps.state, serverTime: async () => new Date(world.clock.now().getTime() + 121_000) } };
    const { startPlan } = await import('../../../shared/backup/startPlan.ts');
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
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({ outcome: 'failed', blob: null });
    expect(world.events.map(({ name }) => name)).toContain('blob.stranger');
  });

  test('a plan part that is lost makes the point partial, because the sums do not add up', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    for (const name of world.state.blobs.keys()) if (name.includes('/plan/') && name.includes('settled')) world.state.blobs.delete(name);
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'partial', reason: '7 objects were listed, but 5 have an outcome' });
  });
});
