/** What a target answers when it cannot do as it is asked: a code, what the service named, and never a second request. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Kind, kinds, type ObjectRef, pluralOf } from '../../shared/domain/objects.ts';
import { restoreActions } from '../local/grants.ts';
import { type EmulatedTarget, name, startEmulatedTarget, targetName } from './emulatedVault.ts';

let at: EmulatedTarget;
beforeAll(async () => {
  at = await startEmulatedTarget();
});
afterAll(() => at?.emulator.stop());
beforeEach(() => void at.asked());
afterEach(() => at.emulator.control.clearFaults());

const settle = () => at.pass(60_000);

async function put(vault: string, { kind, name: object }: ObjectRef): Promise<void> {
  const { seed } = at.emulator.control;
  if (kind === 'secret') seed.secret(vault, { name: object, value: 'x' });
  else if (kind === 'key') await seed.key(vault, { name: object, kty: 'EC' });
  else await seed.certificate(vault, { name: object });
}

/** An object of the source, and its blob. */
async function backedUp(ref: ObjectRef): Promise<Uint8Array> {
  await put(name, ref);
  return at.source.backup(ref);
}

describe.each(kinds)('restoring a %s', (kind: Kind) => {
  const operation = `${pluralOf[kind]}.restore`;

  test('conflicts while its name is live, deleting, deleted or just purged, and names the blob’s version', async () => {
    const ref = { kind, name: `${kind}-taken` };
    const blob = await backedUp(ref);
    const [inBlob] = await at.source.versions(ref);
    await put(targetName, ref);
    const conflicts = async () => {
      at.asked();
      await expect(at.restorer.restore(kind, blob)).rejects.toMatchObject({
        name: 'BackupError',
        code: 'conflict',
        conflictVersion: inBlob?.version,
      });
      expect(at.asked()).toEqual({ [operation]: 1 });
    };
    await conflicts();
    await at.replacer.remove(ref);
    await conflicts();
    settle();
    await conflicts();
    await at.replacer.purge(ref);
    await conflicts();
    settle();
    expect(await at.restorer.restore(kind, blob)).toMatchObject({ version: inBlob?.version });
  });

  test('a reply that is lost is unreachable, the next try a conflict, and the object is there', async () => {
    const ref = { kind, name: `${kind}-lost` };
    const blob = await backedUp(ref);
    at.emulator.control.addFault({ operation, when: 'after', count: 1, kind: { reset: true } });
    await expect(at.restorer.restore(kind, blob)).rejects.toMatchObject({ code: 'unreachable' });
    expect(at.asked()).toEqual({ [operation]: 1 });
    const [inBlob] = await at.source.versions(ref);
    await expect(at.restorer.restore(kind, blob)).rejects.toMatchObject({
      code: 'conflict',
      conflictVersion: inBlob?.version,
    });
    expect(await at.restorer.versions(ref)).toMatchObject([{ version: inBlob?.version }]);
  });

  test('is impossible in another geography', async () => {
    const blob = await backedUp({ kind, name: `${kind}-far` });
    await expect(at.faraway.restore(kind, blob)).rejects.toMatchObject({
      code: 'wrongGeography',
      conflictVersion: undefined,
    });
  });

  test('is impossible from bytes that are no backup', async () => {
    for (const bytes of [Buffer.from('non-existing'), Buffer.alloc(3_000)])
      await expect(at.restorer.restore(kind, bytes)).rejects.toMatchObject({ code: 'corruptBlob' });
    expect(at.asked()).toEqual({ [operation]: 2 });
  });
});

test('a conflict of the service that names no version has none', async () => {
  const blob = await backedUp({ kind: 'secret', name: 'parallel' });
  at.emulator.control.addFault({
    operation: 'secrets.restore',
    count: 1,
    kind: { status: 409, code: 'Conflict', message: 'Operations run in parallel; retry later.' },
  });
  const error: unknown = await at.restorer.restore('secret', blob).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'conflict', conflictVersion: undefined });
});

const ref = (kind: Kind) => ({ kind, name: `${kind}-denied` });
const anyBlob = Buffer.from('x');
const beyondRestore = kinds.flatMap((kind) => [
  [`${pluralOf[kind]}/backup/action`, () => at.restorer.backup(ref(kind))] as const,
  [`${pluralOf[kind]}/delete`, () => at.restorer.remove(ref(kind))] as const,
  [`${pluralOf[kind]}/recover/action`, () => at.restorer.recover(ref(kind))] as const,
  [`${pluralOf[kind]}/purge/action`, () => at.restorer.purge(ref(kind))] as const,
]);
const policy = { expiryTime: null, actions: [] };
const withinRestore = kinds.flatMap((kind) => {
  const read = kind === 'secret' ? 'secrets/readMetadata/action' : `${pluralOf[kind]}/read`;
  return [
    [read, () => at.restorer.listPage(kind, null)] as const,
    [read, () => at.restorer.listDeletedPage(kind, null)] as const,
    [read, () => at.restorer.versions(ref(kind))] as const,
    [read, () => at.restorer.deleted(ref(kind))] as const,
    [`${pluralOf[kind]}/restore/action`, () => at.restorer.restore(kind, anyBlob)] as const,
  ];
});
const rotationPolicies = [
  ['keyrotationpolicies/read', () => at.restorer.rotationPolicy('k')] as const,
  ['keyrotationpolicies/write', () => at.restorer.setRotationPolicy('k', policy)] as const,
];

/** How a call was refused, and which data action the hint says to grant. */
async function denial(call: () => Promise<unknown>) {
  const error: unknown = await call().then(
    () => 'granted',
    (reason: unknown) => reason,
  );
  const { code, hint } = error as { code?: string; hint?: string };
  const action = /Microsoft\.KeyVault\/vaults\/(\S+) /.exec(hint ?? '')?.[1];
  return { code, action, requests: Object.values(at.asked()).reduce((sum, count) => sum + count, 0) };
}

describe('a missing role', () => {
  test.each(beyondRestore)('of replacing is named: %s', async (action, call) => {
    expect(await denial(call)).toMatchObject({ code: 'forbidden', action, requests: 1 });
  });

  describe('of restoring', () => {
    beforeAll(() => at.emulator.control.setGrants('restore', {}));
    afterAll(() => at.emulator.control.setGrants('restore', { '*': restoreActions }));
    test.each([...withinRestore, ...rotationPolicies])('is named: %s', async (action, call) => {
      expect(await denial(call)).toMatchObject({ code: 'forbidden', action, requests: 1 });
    });
  });
});

describe.each(kinds)('a %s that is not there', (kind: Kind) => {
  const missing = { kind, name: 'never' };
  test.each([
    ['remove', () => at.replacer.remove(missing)],
    ['recover', () => at.replacer.recover(missing)],
    ['purge', () => at.replacer.purge(missing)],
    ['backup', () => at.replacer.backup(missing)],
  ] as const)('cannot be a subject of %s', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'notFound' });
    expect(Object.values(at.asked())).toEqual([1]);
  });
});

test('what is still being deleted can be neither recovered nor purged', async () => {
  const early = { kind: 'key', name: 'early' } as const;
  await put(targetName, early);
  await at.replacer.remove(early);
  await expect(at.replacer.recover(early)).rejects.toMatchObject({ code: 'conflict' });
  await expect(at.replacer.purge(early)).rejects.toMatchObject({ code: 'conflict' });
});

test.each(['remove', 'recover'] as const)(
  'a lost reply of %s is unreachable, and asked once',
  async (verb) => {
    const lost = { kind: 'secret', name: `lost-${verb}` } as const;
    await put(targetName, lost);
    if (verb === 'recover') {
      await at.replacer.remove(lost);
      settle();
    }
    const operation = verb === 'remove' ? 'secrets.delete' : 'secrets.recover';
    at.emulator.control.addFault({ operation, when: 'after', kind: { reset: true } });
    at.asked();
    await expect(at.replacer[verb](lost)).rejects.toMatchObject({ code: 'unreachable' });
    expect(at.asked()).toEqual({ [operation]: 1 });
  },
);

test('a 404 that is not the vault’s own is no proof of absence', async () => {
  at.emulator.control.addFault({ operation: 'keys.deleted.get', kind: { status: 404, body: 'html' } });
  at.emulator.control.addFault({ operation: 'keys.versions', kind: { status: 404, body: 'html' } });
  await expect(at.restorer.deleted({ kind: 'key', name: 'k' })).rejects.toMatchObject({ code: 'notFound' });
  await expect(at.restorer.versions({ kind: 'key', name: 'k' })).rejects.toMatchObject({ code: 'notFound' });
});

test('a listing of versions that goes in a circle ends', async () => {
  at.emulator.control.seed.secret(targetName, { name: 'circle', value: 'x', versions: 30 });
  at.emulator.control.addFault({ operation: 'secrets.versions', kind: { repeatPage: true } });
  await expect(at.restorer.versions({ kind: 'secret', name: 'circle' })).rejects.toMatchObject({
    code: 'internal',
  });
});

test('a throttled restore says for how long', async () => {
  at.emulator.control.addFault({ operation: 'keys.restore', kind: { status: 429, retryAfterSeconds: 7 } });
  await expect(at.restorer.restore('key', anyBlob)).rejects.toMatchObject({
    code: 'throttled',
    retryAfterSeconds: 7,
  });
  expect(at.asked()).toEqual({ 'keys.restore': 1 });
});
