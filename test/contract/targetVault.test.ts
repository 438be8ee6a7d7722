/**
 * The target adapter through the real SDK clients against the emulator: facts, and one request per method. The restore
 * identity may read no secret value, so every method that works here works without.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Kind, kinds, type ObjectRef, pluralOf } from '../../shared/domain/objects.ts';
import { type EmulatedTarget, name, startEmulatedTarget, targetName } from './emulatedVault.ts';

let at: EmulatedTarget;
beforeAll(async () => {
  at = await startEmulatedTarget();
});
afterAll(() => at?.emulator.stop());
beforeEach(() => void at.asked());

const settle = () => at.pass(60_000);

/** Beyond what fits 32 bits. */
const farFuture = 4_102_444_800;

async function seed(ref: ObjectRef, vault = name, versions = 3): Promise<void> {
  const { seed: put } = at.emulator.control;
  const spec = {
    name: ref.name,
    versions,
    enabled: false,
    tags: { owner: 'payments' },
    created: 1_700_000_000,
    updated: 1_700_000_100,
    notBefore: 1_700_000_000,
    expires: farFuture,
  };
  if (ref.kind === 'secret') put.secret(vault, { ...spec, value: 'x', contentType: 'text/plain' });
  else if (ref.kind === 'key') await put.key(vault, { ...spec, kty: 'EC' });
  else await put.certificate(vault, spec);
}

/** Content type, and the lengths of the public key's digest and of the thumbprint. */
const ownFacts = {
  secret: ['text/plain', undefined, undefined],
  key: [null, 64, undefined],
  certificate: [null, undefined, 27],
} as const;

/** All that a deleted secret shows of itself if it is disabled, as the seeded ones are. */
const disabledSecret = { version: '', enabled: false, created: null, expires: null };

/** Restored from the source under this name. */
async function restored(ref: ObjectRef, versions?: number) {
  await seed(ref, name, versions);
  const blob = await at.source.backup(ref);
  at.asked();
  return at.restorer.restore(ref.kind, blob);
}

describe.each(kinds)('a %s', (kind: Kind) => {
  const family = pluralOf[kind];

  test('is restored with all its versions, by one request that tells of the current one', async () => {
    const ref = { kind, name: `${kind}-restored` };
    const facts = await restored(ref);
    expect(at.asked()).toEqual({ [`${family}.restore`]: 1 });

    const there = await at.restorer.versions(ref);
    expect(at.asked()).toEqual({ [`${family}.versions`]: 1 });
    const from = await at.source.versions(ref);
    expect(there).toHaveLength(3);
    expect(there).toEqual(from);
    expect(there).toContainEqual({ ...facts, publicKeyDigest: null });
    expect(facts).toMatchObject({
      version: expect.stringMatching(/^[0-9a-f]{32}$/),
      created: 1_700_000_000,
      updated: 1_700_000_100,
      enabled: false,
      notBefore: 1_700_000_000,
      expires: farFuture,
      tagsDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      recoveryLevel: 'Recoverable+Purgeable',
    });
    const { contentType, publicKeyDigest, x5t } = facts;
    expect([contentType, publicKeyDigest?.length, x5t?.length]).toEqual(ownFacts[kind]);
  });

  test('is listed live, with its recovery level', async () => {
    const ref = { kind, name: `${kind}-listed` };
    await seed(ref, targetName);
    const { objects, next } = await at.restorer.listPage(kind, null);
    expect(at.asked()).toEqual({ [`${family}.list`]: 1 });
    expect(next).toBeNull();
    expect(objects).toContainEqual(
      expect.objectContaining({ ...ref, expires: farFuture, recoveryLevel: 'Recoverable+Purgeable' }),
    );
  });

  test('has no versions if it is not there', async () => {
    expect(await at.restorer.versions({ kind, name: 'never' })).toEqual([]);
    expect(at.asked()).toEqual({ [`${family}.versions`]: 1 });
  });

  test('is backed up by one request, and its blob restores', async () => {
    const ref = { kind, name: `${kind}-backup` };
    await seed(ref, targetName);
    const blob = await at.replacer.backup(ref);
    expect(at.asked()).toEqual({ [`${family}.backup`]: 1 });
    expect(await at.source.restore(kind, blob)).toMatchObject({ expires: farFuture });
  });

  test('is removed, found deleted once that has settled, recovered, removed again and purged', async () => {
    const ref = { kind, name: `${kind}-circle` };
    const facts = await restored(ref);
    at.asked();

    const removed = await at.replacer.remove(ref);
    expect(at.asked()).toEqual({ [`${family}.delete`]: 1 });
    expect(removed).toEqual(facts);
    expect(await at.restorer.deleted(ref)).toBeNull();
    expect(at.asked()).toEqual({ [`${family}.deleted.get`]: 1 });

    settle();
    const deleted = await at.restorer.deleted(ref);
    expect(at.asked()).toEqual({ [`${family}.deleted.get`]: 1 });
    expect(deleted).toMatchObject(kind === 'secret' ? disabledSecret : facts);
    const listed = await at.restorer.listDeletedPage(kind, null);
    expect(at.asked()).toEqual({ [`${family}.deleted.list`]: 1 });
    expect(listed.objects).toContainEqual(
      expect.objectContaining({ ...ref, expires: farFuture, recoveryLevel: 'Recoverable+Purgeable' }),
    );

    await at.replacer.recover(ref);
    expect(at.asked()).toEqual({ [`${family}.recover`]: 1 });
    expect(await at.restorer.versions(ref)).toEqual([]);
    settle();
    expect(await at.restorer.versions(ref)).toHaveLength(3);

    await at.replacer.remove(ref);
    settle();
    at.asked();
    await at.replacer.purge(ref);
    expect(at.asked()).toEqual({ [`${family}.purge`]: 1 });
    expect(await at.restorer.deleted(ref)).toBeNull();
  });

  test('of 60 versions is listed page by page, an empty page among them', async () => {
    const ref = { kind, name: `${kind}-many` };
    await restored(ref, 60);
    at.asked();
    const ids = (await at.restorer.versions(ref)).map(({ version }) => version);
    expect(new Set(ids).size).toBe(60);
    expect(at.asked()).toEqual({ [`${family}.versions`]: 4 });
  });
});

test('a deleted secret that was enabled shows its facts, and one that was disabled only that it is there', async () => {
  const ref = { kind: 'secret', name: 'enabled' } as const;
  at.emulator.control.seed.secret(targetName, { name: ref.name, value: 'x', expires: farFuture });
  const removed = await at.replacer.remove(ref);
  settle();
  expect(await at.restorer.deleted(ref)).toEqual(removed);

  const hidden = { kind: 'secret', name: 'hidden' } as const;
  at.emulator.control.seed.secret(targetName, { name: hidden.name, value: 'x', enabled: false });
  await at.replacer.remove(hidden);
  expect(await at.restorer.deleted(hidden)).toBeNull();
  settle();
  expect(await at.restorer.deleted(hidden)).toMatchObject(disabledSecret);
});

test('a certificate that is still being issued is listed, since its name is taken', async () => {
  await at.beginCertificate('pending');
  const { objects } = await at.restorer.listPage('certificate', null);
  expect(objects).toContainEqual(expect.objectContaining({ name: 'pending', x5t: null }));
});

test('a key’s digest is that of the key it was in the source', async () => {
  const ref = { kind: 'key', name: 'digest' } as const;
  const facts = await restored(ref);
  const removed = await at.source.remove(ref);
  expect(removed.publicKeyDigest).toBe(facts.publicKeyDigest);
});

test('a rotation policy is set and read, one request each', async () => {
  await restored({ kind: 'key', name: 'rotated' });
  at.asked();
  const policy = {
    expiryTime: 'P90D',
    actions: [
      { action: 'Rotate', timeAfterCreate: 'P60D', timeBeforeExpiry: null },
      { action: 'Notify', timeAfterCreate: null, timeBeforeExpiry: 'P7D' },
    ],
  };
  await at.restorer.setRotationPolicy('rotated', policy);
  expect(at.asked()).toEqual({ 'keys.rotationPolicy.set': 1 });
  expect(await at.restorer.rotationPolicy('rotated')).toEqual(policy);
  expect(at.asked()).toEqual({ 'keys.rotationPolicy.get': 1 });
});

test('the policy of a key that never had one can be set as it was read', async () => {
  await restored({ kind: 'key', name: 'default-policy' });
  const policy = await at.restorer.rotationPolicy('default-policy');
  expect(policy.expiryTime).toBeNull();
  await at.restorer.setRotationPolicy('default-policy', policy);
  expect(await at.restorer.rotationPolicy('default-policy')).toEqual(policy);
});

test('the region is the target’s', () => {
  expect(at.restorer.region()).toBe('swedencentral');
});
