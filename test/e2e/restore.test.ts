/** Restores as an operator asks for them: whole vault, selection, a moment among three, a dry run, twice with one key. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { E2e } from './harness.ts';
import { backUpNow, outcomesOf, source, startRestoreE2e } from './restoreHarness.ts';

let e2e: E2e;
const points: string[] = [];

beforeAll(async () => {
  e2e = await startRestoreE2e({ whole: {}, chosen: {}, moment: {}, dry: {}, twice: {}, night: {} });
  const { seed } = e2e.stack.emulator.control;
  seed.many(source, 28, (i) => `bulk-${i}`);
  seed.secret(source, { name: 'db-password', value: 'one', versions: 3, tags: { team: 'payments' } });
  seed.secret(source, { name: 'db-user', value: 'u', enabled: false, expires: 4_000_000_000 });
  const rotate = { trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' as const } };
  await seed.key(source, {
    name: 'signing',
    kty: 'RSA',
    versions: 2,
    rotationPolicy: { lifetimeActions: [rotate], expiryTime: 'P90D' },
  });
  await seed.key(source, { name: 'ec', kty: 'EC' });
  await seed.certificate(source, { name: 'www' });
  points.push(await backUpNow(e2e));
  await e2e.operator(source).secrets.setSecret('db-password', 'two');
  points.push(await backUpNow(e2e));
  await e2e.operator(source).secrets.setSecret('db-password', 'three');
  points.push(await backUpNow(e2e));
});
afterAll(() => e2e?.stop());

const inside = (vault: string) => e2e.stack.emulator.control.objects(vault);
const secretIn = (vault: string, name: string) =>
  inside(vault).secrets.find((secret) => secret.name === name);

describe('a restore', () => {
  test('of the whole vault brings every object with all versions, dates, tags and rotation policies', async () => {
    const detail = await e2e.restore({ vault: source, objects: ['**'], target: 'whole' });
    expect(detail).toMatchObject({
      status: 'complete',
      reason: null,
      counts: { restored: 33 },
      recoveryPoint: points[2],
    });
    const strip = (objects: readonly object[]) =>
      objects.map((object) => JSON.stringify(object).replaceAll(/"recoveryLevel":"[^"]*",?/g, ''));
    expect(strip(inside('whole').secrets)).toEqual(strip(inside(source).secrets));
    expect(inside('whole').certificates.map(({ versions }) => versions.map(({ id }) => id))).toEqual(
      inside(source).certificates.map(({ versions }) => versions.map(({ id }) => id)),
    );
    const policy = inside('whole').keys.find(({ name }) => name === 'signing')?.rotationPolicy;
    // The service adds a notification of its own beside what was set.
    expect(policy?.lifetimeActions).toContainEqual({
      trigger: expect.objectContaining({ timeAfterCreate: 'P60D' }),
      action: { type: 'Rotate' },
    });
    expect(JSON.stringify(policy)).toContain('"expiryTime":"P90D"');
  });

  test('of a selection brings just that, and a certificate brings its key and secret', async () => {
    const detail = await e2e.restore({
      vault: source,
      objects: ['secrets/db-*', 'certificates/www'],
      target: 'chosen',
    });
    expect(outcomesOf(detail)).toEqual({
      'secrets/db-password': ['restore', 'restored'],
      'secrets/db-user': ['restore', 'restored'],
      'certificates/www': ['restore', 'restored'],
    });
    expect(
      inside('chosen')
        .secrets.map(({ name }) => name)
        .sort(),
    ).toEqual(['db-password', 'db-user', 'www']);
    expect(inside('chosen').keys.map(({ name, managed }) => [name, managed])).toEqual([['www', true]]);
  });

  test('from a moment among three points brings what was true then', async () => {
    const second = (await e2e.call('GET', `vaults/${source}/recovery-points/${points[1]}`)).body;
    const detail = await e2e.restore({
      vault: source,
      at: second['sealedAt'],
      objects: ['db-password'],
      target: 'moment',
    });
    expect(detail.recoveryPoint).toBe(points[1]);
    expect(secretIn('moment', 'db-password')?.versions.at(-1)?.value).toBe('two');
  });

  test('as a dry run tells the plan and changes nothing', async () => {
    await e2e.operator('dry').secrets.setSecret('db-user', 'another');
    const writes = e2e.stack.emulator.control.writes('dry');
    const detail = await e2e.restore({
      vault: source,
      objects: ['secrets/db-*', 'keys/*'],
      target: 'dry',
      dryRun: true,
    });
    expect(detail.status).toBe('planned');
    expect(outcomesOf(detail)).toEqual({
      'secrets/db-password': ['restore', undefined],
      'secrets/db-user': ['conflict', undefined],
      'keys/ec': ['restore', undefined],
      'keys/signing': ['restore', undefined],
    });
    expect(detail.objects.every(({ why }) => why.length > 0)).toBe(true);
    expect(e2e.stack.emulator.control.writes('dry')).toBe(writes);
    expect(
      await Array.fromAsync(e2e.stack.container('audit').listBlobsFlat({ prefix: `restores/${detail.id}/` })),
    ).toEqual([]);
  });

  test('asked for twice with one Idempotency-Key is one restore; another body is refused', async () => {
    const request = { vault: source, objects: ['keys/ec'], target: 'twice', reason: 'asked twice' };
    const headers = { 'idempotency-key': 'a-key-of-this-test' };
    const [first, second] = await Promise.all(
      [1, 2].map(() => e2e.callRestore('POST', 'restores', request, headers)),
    );
    expect([first?.status, second?.status]).toEqual([202, 202]);
    expect(second?.body['id']).toBe(first?.body['id']);
    expect(first?.headers.get('location')).toBe(`/api/restores/${String(first?.body['id'])}`);
    const other = await e2e.callRestore('POST', 'restores', { ...request, objects: ['**'] }, headers);
    expect(other).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: expect.stringContaining(String(first?.body['id'])) },
    });
    expect((await e2e.restored(String(first?.body['id']))).status).toBe('complete');
    const list = (await e2e.callRestore('GET', 'restores')).body['restores'] as { target: string }[];
    expect(list.filter(({ target }) => target === 'twice')).toHaveLength(1);
  });

  test('is recorded before the first change and at its end: who, from where, what, why, result', async () => {
    const detail = await e2e.restore({
      vault: source,
      objects: ['secrets/bulk-0'],
      target: 'twice',
      reason: 'INC-4711 accidental purge',
    });
    const read = async (which: string) =>
      JSON.parse(
        (
          await e2e.stack
            .container('audit')
            .getBlobClient(`restores/${detail.id}/${which}.json`)
            .downloadToBuffer()
        ).toString(),
      ) as object;
    expect(await read('started')).toMatchObject({
      id: detail.id,
      caller: { name: 'function key' },
      request: { reason: 'INC-4711 accidental purge', target: 'twice' },
      point: { runId: points[2] },
      objects: [{ object: 'secrets/bulk-0', action: 'restore' }],
    });
    expect(await read('ended')).toMatchObject({
      status: 'complete',
      objects: [{ object: 'secrets/bulk-0', outcome: 'restored' }],
    });
  });
});

test('the worst night: source deleted, its plan gone, the state empty, the backup app down', async () => {
  const { secrets } = e2e.operator(source);
  for await (const { name, managed } of secrets.listPropertiesOfSecrets())
    if (!managed) await secrets.beginDeleteSecret(name);
  await e2e.stack.host.killHost();
  e2e.stack.emulator.control.setReachable(source, false);
  const state = e2e.stack.container('state');
  for await (const { name } of state.listBlobsFlat()) await state.getBlobClient(name).delete();

  const recoveryPoints = await e2e.callRestore('GET', `vaults/${source}/recovery-points`);
  expect(recoveryPoints.body['recoveryPoints']).toHaveLength(3);
  const detail = await e2e.restore({
    vault: source,
    objects: ['**'],
    target: 'night',
    reason: 'everything is gone',
  });
  expect(detail).toMatchObject({ status: 'complete', counts: { restored: 33 } });
  expect(secretIn('night', 'db-password')?.versions.at(-1)?.value).toBe('three');
});

test('the restore app and the backup app each have only their own functions', async () => {
  const names = (functions: readonly { name: string }[] = []) => functions.map(({ name }) => name).sort();
  expect(names(e2e.stack.restoreHost?.functions)).toEqual(
    [
      'getConfiguration',
      'getConfigurationDiff',
      'getDiff',
      'getDrills',
      'getPortableCopies',
      'getHealth',
      'getMove',
      'getMoves',
      'getOpenApi',
      'getPointDiff',
      'getRecoveryPoint',
      'getRecoveryPointObjects',
      'getRecoveryPoints',
      'getRestore',
      'getRestores',
      'postConfigurations',
      'postDiffs',
      'postDrills',
      'postMoveReport',
      'postMoves',
      'postMoveSteps',
      'postRestores',
      'restoreJobs',
      'restoreJobsPoison',
      'watchRestores',
    ].sort(),
  );
  expect(names(e2e.stack.host.functions).filter((name) => /restore/i.test(name))).toEqual([]);
});
