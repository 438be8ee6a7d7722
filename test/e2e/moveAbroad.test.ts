/**
 * `kvb move` into another geography and another subscription: by portable copies, with everything named that cannot
 * leave; and where nothing makes copies, it says how to have them made.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromOf, type MoveE2e, type Pair, reportIn, startMoves, toOf } from './moveHarness.ts';

const abroad = { geography: 'Asia Pacific', region: 'eastasia' };
const pairs: Record<string, Pair> = {
  far: { spec: abroad, portable: true },
  other: { spec: { subscription: '99999999-9999-4999-8999-999999999999' }, portable: true },
  without: { spec: abroad },
};
const created = 1_760_000_000;
/** A move is many steps of two apps: beside other suites each of them waits its turn. */
const timeout = 900_000;
let e2e: MoveE2e;

beforeAll(async () => {
  e2e = await startMoves(pairs, { stack: { emulator: { settleMs: 0, purgeLimboMs: 0 } } });
  const { seed } = e2e.stack.emulator.control;
  await Promise.all(
    Object.keys(pairs).map(async (pair) => {
      const vault = fromOf(pair);
      seed.secret(vault, { name: 'db-password', value: 'newest', versions: 3, tags: { team: 'x' }, created });
      seed.secret(vault, { name: 'rotates', value: 'before', created });
      seed.secret(vault, { name: 'off', value: 'v', enabled: false, created });
      await seed.key(vault, { name: 'signing', kty: 'EC', created });
      await seed.key(vault, { name: 'hsm', kty: 'EC-HSM', created });
      await seed.certificate(vault, { name: 'www', kty: 'EC', created });
      await seed.certificate(vault, { name: 'vpn', kty: 'EC', exportable: false, created });
      await e2e.backUp(pair);
    }),
  );
}, timeout);
afterAll(() => e2e?.stop());

const go = ['--reason', 'CHG-12 to the other side', '--json', '--yes'];
const cannotLeave = ['certificates/vpn', 'keys/hsm', 'keys/signing', 'secrets/off'];
const leaves = ['certificates/www', 'secrets/db-password', 'secrets/rotates'];
const valuesIn = (pair: string, name: string) =>
  e2e.stack.emulator.control
    .objects(toOf(pair))
    .secrets.find((one) => one.name === name)
    ?.versions.map(({ value }) => value);

test.each(['far', 'other'])(
  '%s: every object that may leave arrives, and each that may not is named',
  async (pair) => {
    const before = reportIn(await e2e.move(pair, ['--report-only', '--json']));
    const ways = Object.fromEntries(before.objects.map(({ object, travels }) => [object, travels]));
    // Whose subscription a target is in, nobody knows before the first object is tried.
    const far = {
      ...Object.fromEntries(leaves.map((object) => [object, 'portable'])),
      ...Object.fromEntries(cannotLeave.map((object) => [object, 'not'])),
    };
    const other = Object.fromEntries([...leaves, ...cannotLeave].map((object) => [object, 'either']));
    expect(ways).toEqual(pair === 'far' ? far : other);

    const writes = e2e.stack.emulator.control.writes(fromOf(pair));
    const said = await e2e.move(pair, [...go, '--hold']);
    expect([said.exitCode, said.err]).toEqual([0, expect.not.stringContaining('error:')]);
    expect(e2e.stack.emulator.control.writes(fromOf(pair)) - writes).toBe(0);
    await e2e.operator(fromOf(pair)).secrets.setSecret('rotates', 'after');
    const ended = await e2e.move(pair, go);
    const { outcome, objects } = reportIn(ended);
    expect([ended.exitCode, outcome?.status]).toEqual([1, 'partial']);
    expect(outcome?.notMoved.map(({ object }) => object).sort()).toEqual(cannotLeave);
    expect(outcome?.notMoved.map(({ why }) => why).join('\n')).toMatch(
      /notExportable[^]*never leaves[^]*disabled/,
    );
    expect(outcome).toMatchObject({
      stale: [],
      differs: [],
      comparison: { missing: [], differs: [], unknown: [] },
    });
    expect(objects.find(({ object }) => object === 'secrets/db-password')).toMatchObject({
      travels: 'portable',
      became: 'moved',
      loses: expect.arrayContaining(['version ids', 'created and updated dates']),
    });
    expect(valuesIn(pair, 'db-password')?.at(-1)).toBe('newest');
    expect(valuesIn(pair, 'db-password')).toHaveLength(3);
    expect(valuesIn(pair, 'rotates')?.at(-1)).toBe('after');
  },
);

test('without portable copies nothing can go abroad: it says how to switch them on, and changes nothing', {
  timeout,
}, async () => {
  const said = await e2e.move('without', go);
  expect([said.exitCode, said.err]).toEqual([1, expect.stringContaining('nothing can be moved')]);
  expect(said.err).toContain('the plan of without-from makes none');
  expect(said.err).toContain('Add portable to its plan');
  expect(e2e.stack.emulator.control.writes(toOf('without'))).toBe(0);
});
