/**
 * What infra/modules/backupStorage.bicep gives each app on each container against the calls of the container adapter,
 * through the real client and a proxy that refuses what an identity may not: with all of it every call works, and with
 * any one action taken away one does not. That no call needs more, and no action is to spare, the e2e tests find.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobContainer } from '../../shared/azure/blobContainer.ts';
import { BackupError } from '../../shared/domain/errors.ts';
import { type AppName, storageGranted } from '../local/assignments.ts';
import { blobService, type ProxiedStorage, startProxiedStorage } from '../local/proxiedStorage.ts';

/** Asked of ARM, not of the storage: test/contract/retention.test.ts. */
const ofArm = 'immutabilityPolicies/read';
const apps: AppName[] = ['backup', 'restore'];
const cases = apps.flatMap((app) =>
  Object.entries(storageGranted[app]).map(([container, granted]) => ({
    app,
    container,
    granted,
    actions: granted.filter((action) => action !== ofArm),
  })),
);
const blob = (text: string) => ({ bytes: Buffer.from(text), contentType: 'text/plain' });

let storage: ProxiedStorage;
let made = 0;
beforeAll(async () => {
  const identities = cases.flatMap(({ app, container, granted, actions }) =>
    actions.map((action) => [
      `${app} without ${action} on ${container}`,
      { [container]: granted.filter((one) => one !== action) },
    ]),
  );
  const containers = [...new Set(cases.map(({ container }) => container))];
  storage = await startProxiedStorage({
    worm: containers,
    identities: { ...storageGranted, ...Object.fromEntries(identities) },
  });
  for (const name of containers) {
    const container = storage.blobs.getContainerClient(name);
    await container.create();
    await container.getBlockBlobClient('there').upload('bytes', 5);
  }
});
afterAll(() => storage?.stop());

const clientFor = (identity: string, container: string) =>
  blobService(storage.proxy.urlFor(identity), storage.azurite).getContainerClient(container);

/** Each call that its actions are for; the first refusal in words, or null. */
async function refusal(identity: string, name: string, actions: readonly string[]): Promise<string | null> {
  const container = blobContainer(clientFor(identity, name), 10_000);
  try {
    made += 1;
    if (actions.includes('blobs/add/action')) await container.create(`made-${made}`, blob('bytes'));
    if (actions.includes('blobs/read')) {
      await container.facts('there');
      await container.read('there');
      await Array.fromAsync(container.list(''));
    }
    return actions.includes('read') && (await container.immutability()) !== 'policy' ? 'unknown' : null;
  } catch (error) {
    if (error instanceof BackupError && error.code === 'forbidden') return error.message;
    throw error;
  }
}

describe.each(cases)('the $app app on $container', ({ app, container, actions }) => {
  test('lets every call pass', async () => {
    expect(await refusal(app, container, actions)).toBeNull();
  });

  test.each(actions)('without %s a call is refused', async (action) => {
    expect(await refusal(`${app} without ${action} on ${container}`, container, actions)).not.toBeNull();
  });

  test('neither overwrites, alters nor deletes', async () => {
    const client = clientFor(app, container);
    const there = client.getBlockBlobClient('there');
    for (const attempt of [
      () => there.upload('others', 6),
      () => there.setMetadata({ a: 'b' }),
      () => there.delete(),
      () => client.delete(),
    ])
      await expect(attempt()).rejects.toMatchObject({ statusCode: 403 });
    expect((await there.downloadToBuffer()).toString()).toBe('bytes');
  });
});

test('the restore app adds no backup, and the backup app does not see safety copies', async () => {
  await expect(
    blobContainer(clientFor('restore', 'backups'), 10_000).create('new', blob('x')),
  ).rejects.toMatchObject({
    code: 'forbidden',
    hint: expect.stringMatching(/./),
  });
  await expect(clientFor('backup', 'safety').getBlobClient('there').download()).rejects.toMatchObject({
    statusCode: 403,
    code: 'AuthorizationPermissionMismatch',
  });
});
