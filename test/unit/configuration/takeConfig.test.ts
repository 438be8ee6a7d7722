/** The job that records a vault's settings, in a world of memory: what it writes, and what becomes of what it may not see. */
import { beforeEach, describe, expect, test } from 'vitest';
import { handlePoisonedConfig } from '../../../shared/configuration/takeConfig.ts';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';
import { vaultConfig } from '../../../shared/domain/vaultConfig.ts';
import { configWorld, type Part, policy, runId } from '../../fakes/configWorld.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { night } from '../../fakes/versionsWorld.ts';
import { createWorld } from '../../fakes/world.ts';

let world: ReturnType<typeof configWorld>;
beforeEach(() => {
  world = configWorld();
});

const inBackups = `contoso/config/${runId}.json`;
const inState = `configurations/contoso/${runId}.json`;
async function recorded(name = inBackups) {
  const found = (await world.deps.backups.read(name)) ?? (await world.deps.state.read(name));
  return vaultConfig.parse(JSON.parse(Buffer.from(found?.bytes ?? []).toString('utf8')));
}

describe('a record', () => {
  test('of a source holds what the control plane and the vault say, and the policies that the newest run captured', async () => {
    const backup = seeded(createWorld());
    await night(backup);
    world = configWorld();
    const { truth, deps } = world;
    Object.assign(deps, { backups: backup.backups });
    expect(await world.take()).toBe('stored');
    const record = await recorded();
    expect(record).toMatchObject({
      format: 1,
      vault: 'contoso',
      resourceId: truth.resourceId,
      settings: truth.settings,
      roleAssignments: truth.roleAssignments,
      diagnosticSettings: truth.diagnosticSettings,
      issuers: truth.issuers,
      gaps: [],
      app: '1.0.0',
    });
    expect(record.rotationPolicies).toEqual([
      {
        key: 'signing',
        policy: {
          expiryTime: 'P90D',
          actions: [{ action: 'Rotate', timeAfterCreate: null, timeBeforeExpiry: 'P30D' }],
        },
        seenAt: expect.stringMatching(/^2026-/),
      },
    ]);
    expect(world.events).toEqual([
      { name: 'configuration.taken', fields: { vault: 'contoso', role: 'source', id: runId, gaps: null } },
    ]);
  });

  test('of a target lies in the state, with the policies that its keys have now', async () => {
    expect(await world.take({ role: 'target' })).toBe('stored');
    const { rotationPolicies, gaps } = await recorded(inState);
    expect(gaps).toEqual([]);
    expect(rotationPolicies).toEqual(['signing', 'wrapping'].map((key) => ({ key, policy, seenAt: null })));
    expect(await world.deps.backups.facts(inBackups)).toBeNull();
  });

  test('takes its calls out of what a run counts: two pages of issuers and of keys, and two policies', async () => {
    await world.take({ role: 'target' });
    expect(world.vault.meter.take()).toEqual({ vault: -6, throttled: 0 });
  });

  test('is written once', async () => {
    await world.take({ last: true });
    const before = await recorded();
    // Nobody is asked again.
    world.refused.set('settings', new BackupError('unreachable', 'no answer'));
    expect(await world.take()).toBe('alreadyStored');
    expect(await recorded()).toEqual(before);
  });
});

describe('what changed since the record before', () => {
  const changes = () => world.events.filter(({ name }) => name === 'configuration.changed');
  const next = '20261123T020000Z';

  test('is told by the names of the settings, without values', async () => {
    await world.take({ last: true });
    expect(changes()).toEqual([]);
    Object.assign(world.truth.settings ?? {}, { purgeProtection: false, tags: { team: 'a new one' } });
    await world.take({ id: next });
    expect(changes()).toMatchObject([
      {
        name: 'configuration.changed',
        fields: { vault: 'contoso', role: 'source', id: next, since: runId, changed: 3 },
      },
    ]);
    const [event] = changes();
    expect(event?.fields['settings']).toBe('tag team, tag empty, purge protection');
    expect(JSON.stringify(event)).not.toContain('a new one');
  });

  test('is nothing where nothing did, or is not known', async () => {
    await world.take();
    world.refused.set('settings', new BackupError('forbidden', 'refused'));
    await world.take({ id: next });
    expect(changes()).toEqual([]);
  });

  test('is told although a record between could not tell', async () => {
    await world.take();
    world.refused.set('settings', new BackupError('forbidden', 'refused'));
    await world.take({ id: '20261122T120000Z' });
    world.refused.clear();
    Object.assign(world.truth.settings ?? {}, { sku: 'standard' });
    await world.take({ id: next });
    expect(changes()).toMatchObject([{ fields: { since: runId, changed: 1, settings: 'sku' } }]);
  });

  test('is not told of the first record, nor by one that cannot be read', async () => {
    const bytes = Buffer.from('{}', 'utf8');
    await world.deps.backups.create('contoso/config/20261101T020000Z.json', { bytes, contentType: 'x' });
    expect(await world.take()).toBe('stored');
    expect(changes()).toEqual([]);
  });
});

describe('what cannot be read', () => {
  const forbidden = () => new BackupError('forbidden', 'refused', { hint: 'Assign a role.' });

  test.each([
    ['settings', 'settings', 6],
    ['roleAssignments', 'roleAssignments', 6],
    ['diagnosticSettings', 'diagnosticSettings', 6],
    ['issuersPage', 'issuers', 5],
    ['listPage', 'rotationPolicies', 3],
    ['rotationPolicy', 'rotationPolicies', 4],
  ] as [Part, string, number][])('is a gap: %s of %s, after %i requests', async (call, part, requests) => {
    world.refused.set(call, forbidden());
    expect(await world.take({ role: 'target' })).toBe('stored');
    expect(world.vault.meter.take().vault).toBe(-requests);
    const record = await recorded(inState);
    expect(record).toMatchObject({ [part]: null, gaps: [{ part, reason: 'refused. Assign a role.' }] });
    expect(world.events).toMatchObject([{ name: 'configuration.taken', fields: { gaps: part } }]);
  });

  test('now is tried again, and is a gap after the last delivery', async () => {
    world.refused.set('settings', new BackupError('unreachable', 'no answer'));
    await expect(world.take()).rejects.toThrow('no answer');
    expect(await world.deps.backups.facts(inBackups)).toBeNull();
    expect(await world.take({ last: true })).toBe('stored');
    expect((await recorded()).gaps[0]).toEqual({ part: 'settings', reason: 'no answer' });
  });

  test('because the plan names no resource id is a gap each', async () => {
    Object.assign(world.vault, { control: null, resourceId: null });
    await world.take({ role: 'target' });
    const { gaps, settings, issuers } = await recorded(inState);
    expect(gaps.map(({ part }) => part)).toEqual(['settings', 'roleAssignments', 'diagnosticSettings']);
    expect(gaps[0]?.reason).toContain('resourceId');
    expect([settings, issuers?.length]).toEqual([null, 1]);
  });

  test('of the keys that the newest run could not capture is told', async () => {
    const backup = seeded(createWorld());
    backup.vault.errors.set('keys/signing', () => new BackupError('forbidden', 'refused'));
    await night(backup);
    Object.assign(world.deps, { backups: backup.backups });
    await world.take();
    expect(await recorded()).toMatchObject({
      rotationPolicies: [],
      gaps: [{ part: 'rotationPolicies', reason: '1 of its keys failed in the newest run' }],
    });
  });

  test('of a target in four minutes is told', async () => {
    const { rotationPolicy } = world.vault.patientCalls;
    world.vault.patientCalls.rotationPolicy = (name) => {
      world.clock.advance(5 * 60_000);
      return rotationPolicy(name);
    };
    await world.take({ role: 'target' });
    expect(await recorded(inState)).toMatchObject({
      rotationPolicies: [{ key: 'signing' }],
      gaps: [{ part: 'rotationPolicies', reason: 'only those of the first 1 keys were read' }],
    });
  });

  test('at all, neither settings nor issuers, leaves no record of a source: the last good one stays the latest', async () => {
    for (const part of ['settings', 'issuersPage'] as const) world.refused.set(part, forbidden());
    expect(await world.take()).toBe('unseen');
    expect(await world.deps.backups.facts(inBackups)).toBeNull();
    expect(world.events).toMatchObject([
      {
        name: 'configuration.failed',
        fields: { id: runId, reason: expect.stringContaining('Assign a role.') },
      },
    ]);
    expect(await world.take({ role: 'target' })).toBe('stored');
  });

  test('before the first recovery point is the policies of keys', async () => {
    await world.take();
    expect((await recorded()).gaps).toEqual([
      { part: 'rotationPolicies', reason: 'there is no recovery point yet' },
    ]);
  });

  test('of a paused vault waits in the queue, twenty times at most', async () => {
    world.refused.set('issuersPage', new NotNow(8_000));
    expect(await world.take()).toBe('deferred');
    expect(world.vault.meter.take().vault).toBe(0);
    expect(world.queue.sent).toMatchObject([{ job: { type: 'takeConfig', id: runId }, attempt: 1 }]);
    await expect(world.take({ attempt: 20 })).rejects.toThrow(NotNow);
  });
});

describe('a message', () => {
  test('that comes too late, or to the other app, is dropped', async () => {
    expect(await world.take({ notAfter: '2026-11-21T00:00:00.000Z' })).toBe('dropped');
    const { job, deps } = world;
    const { takeConfig } = await import('../../../shared/configuration/takeConfig.ts');
    const message = { v: 1 as const, job: job(), notAfter: null, attempt: 0 };
    expect(await takeConfig({ message, job: job(), last: false }, 'target', deps)).toBe('dropped');
  });

  test('that the queue gave up on is told', () => {
    handlePoisonedConfig(world.job(), world.deps);
    expect(world.events).toMatchObject([
      { name: 'configuration.failed', fields: { vault: 'contoso', role: 'source', id: runId } },
    ]);
  });
});
