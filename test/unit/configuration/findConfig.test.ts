/** Which record a caller means, and what differs between two of them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { findConfig } from '../../../shared/configuration/configStore.ts';
import { diffConfigs } from '../../../shared/configuration/diffConfigs.ts';
import { requestConfig } from '../../../shared/configuration/requestConfig.ts';
import { configWorld } from '../../fakes/configWorld.ts';
import { otherConfig } from '../../fakes/vaultConfigs.ts';

const ids = ['20261120T020000Z', '20261121T020000Z', '20261122T020000Z'] as const;
let world: ReturnType<typeof configWorld>;
beforeEach(async () => {
  world = configWorld();
  world.clock.set(new Date('2026-11-25T00:00:00Z'));
  for (const [index, id] of ids.entries()) {
    world.truth.issuers = [{ name: `seen-${index}`, provider: 'Test' }];
    await world.take({ id });
  }
});

const found = async (at: string) => (await findConfig('Contoso', at, 'at', world.deps)).id;

describe('the record', () => {
  test.each([
    ['latest', ids[2]],
    [ids[1], ids[1]],
    ['2026-11-21T02:00:00Z', ids[1]],
    ['2026-11-21T03:59:59+02:00', ids[0]],
    ['2026-12-24T00:00:00Z', ids[2]],
  ])('of %s is %s', async (at, id) => {
    expect(await found(at)).toBe(id);
  });

  test.each(['2026-11-01T00:00:00Z', '20261119T020000Z'])('of %s is not there', async (at) => {
    await expect(found(at)).rejects.toMatchObject({ name: 'RequestRefused', code: 'notFound' });
  });

  test.each(['yesterday', '2026-11-21', ''])('of "%s" is nonsense', async (at) => {
    await expect(found(at)).rejects.toMatchObject({ name: 'RequestRefused', code: 'invalid' });
  });

  test('of a vault that is a source and a target is the newer one', async () => {
    await world.take({ role: 'target', id: '20261123T020000Z' });
    expect(await found('latest')).toBe('20261123T020000Z');
    expect(await found('2026-11-22T12:00:00Z')).toBe(ids[2]);
  });

  test('that is no record says which blob it is', async () => {
    const bytes = Buffer.from('{"format":2}', 'utf8');
    await world.deps.backups.create('contoso/config/20261124T020000Z.json', { bytes, contentType: 'x' });
    await expect(found('latest')).rejects.toThrow('contoso/config/20261124T020000Z.json cannot be read');
  });

  test('that lies after the store’s own clock is passed over: it would be the latest for ever', async () => {
    await world.take({ id: '20991231T000000Z' });
    expect(await found('latest')).toBe(ids[2]);
    await expect(found('20991231T000000Z')).rejects.toMatchObject({ code: 'notFound' });
  });

  test('and what else lies there is none', async () => {
    for (const name of ['contoso/config/note.txt', 'contoso/config/20269999T020000Z.json'])
      await world.deps.backups.create(name, { bytes: new Uint8Array(), contentType: 'x' });
    expect(await found('latest')).toBe(ids[2]);
  });
});

describe('the difference', () => {
  test('between two moments of a vault has a row for each setting that changed, and counts the others', async () => {
    const diff = await diffConfigs(
      { vault: 'contoso', from: ids[0], to: 'latest', against: null },
      world.deps,
    );
    expect(diff).toMatchObject({
      source: { vault: 'contoso', id: ids[0] },
      target: { vault: 'contoso', id: ids[2] },
    });
    expect(diff.rows.map(({ setting, removes }) => [setting, removes])).toEqual([
      ['issuer seen-0', false],
      ['issuer seen-2', true],
      ['certificate contacts', false],
    ]);
    expect(diff.same).toBeGreaterThan(15);
  });

  test('to another vault has its commands for that one', async () => {
    const other = otherConfig('contoso-dr');
    const bytes = Buffer.from(JSON.stringify(other), 'utf8');
    await world.deps.state.create(`configurations/contoso-dr/${ids[1]}.json`, { bytes, contentType: 'x' });
    const asked = { vault: 'contoso', from: 'latest', to: 'latest', against: 'contoso-dr' };
    const { rows, target } = await diffConfigs(asked, world.deps);
    expect(target).toMatchObject({ vault: 'contoso-dr', id: ids[1] });
    expect(rows.find(({ setting }) => setting === 'sku')?.command).toContain('--name contoso-dr');
    const missing = diffConfigs({ ...asked, against: 'nobody' }, world.deps);
    await expect(missing).rejects.toThrow('against: there is no record of the settings of nobody');
  });
});

test('a request sends a message that names the record, and nothing else', async () => {
  const { id } = await requestConfig({ vault: 'contoso', role: 'source' }, world.deps);
  expect(world.queue.sent).toMatchObject([
    { job: { type: 'takeConfig', vault: 'contoso', role: 'source', id }, attempt: 0 },
  ]);
});
