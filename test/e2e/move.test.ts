/**
 * `kvb move` inside a geography: the report, version ids kept, what changed meanwhile, clashes and what stays stale, and
 * the report in immutable storage. The source is never written to: the emulator counts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromOf, type MoveE2e, reportIn, startMoves, toOf } from './moveHarness.ts';

/** A move is many steps of two apps: beside other suites each of them waits its turn. */
const timeout = 900_000;
let e2e: MoveE2e;
const created = 1_760_000_000;
const premium = { spec: { sku: 'premium' } };
const strict = { ...premium, target: { allowReplace: false } };
const pairs = { near: premium, refused: premium, clash: {}, asked: premium, strict };

beforeAll(async () => {
  e2e = await startMoves(pairs, { stack: { emulator: { settleMs: 0, purgeLimboMs: 0 } } });
  const { seed } = e2e.stack.emulator.control;
  await Promise.all(
    Object.keys(pairs).map(async (pair) => {
      seed.secret(fromOf(pair), { name: 'db-password', value: 'three', versions: 3, created });
      seed.secret(fromOf(pair), { name: 'off', value: 'v', enabled: false, created });
      await seed.key(fromOf(pair), { name: 'signing', kty: 'EC', created });
      await seed.key(fromOf(pair), { name: 'hsm', kty: 'EC-HSM', created });
      await seed.certificate(fromOf(pair), { name: 'www', kty: 'EC', exportable: false, created });
      seed.secret(fromOf(pair), { name: 'many', value: 'v', versions: 12, created });
      await e2e.backUp(pair);
    }),
  );
  seed.secret(toOf('clash'), { name: 'db-password', value: 'theirs', created: created + 1 });
  seed.secret(toOf('clash'), { name: 'only-theirs', value: 'theirs', created });
}, timeout);
afterAll(() => e2e?.stop());

const inside = (vault: string) => e2e.stack.emulator.control.objects(vault);
const writes = (vault: string) => e2e.stack.emulator.control.writes(vault);
const versions = (vault: string) =>
  Object.fromEntries(
    (['secrets', 'keys', 'certificates'] as const).flatMap((kind) =>
      inside(vault)[kind].map(({ name, versions: all }) => [`${kind}/${name}`, all.map(({ id }) => id)]),
    ),
  );
const go = ['--reason', 'CHG-12 to the other region', '--json'];

test('a no changes nothing, nor does the report alone', { timeout }, async () => {
  const shown = await e2e.move('refused', ['--report-only', '--json']);
  expect([shown.exitCode, shown.err]).toEqual([0, expect.not.stringContaining('error')]);
  expect(reportIn(shown)).toMatchObject({ counts: { native: 6 }, outcome: null });
  const refused = await e2e.move('refused', go, { typed: 'n\r' });
  expect([refused.exitCode, refused.err]).toEqual([130, expect.stringContaining('nothing was moved')]);
  const nobody = await e2e.move('refused', go);
  expect([nobody.exitCode, nobody.err]).toEqual([2, expect.stringContaining('nobody can be asked')]);
  expect([writes(fromOf('refused')), writes(toOf('refused'))]).toEqual([0, 0]);
  expect(versions(toOf('refused'))).toEqual({});
  expect(await e2e.auditOf('refused')).toEqual({});
});

test('inside a geography everything goes natively, version ids and all; the report lies in immutable storage', {
  timeout,
}, async () => {
  const said = await e2e.move('near', [...go, '--yes']);
  expect([said.exitCode, said.err]).toEqual([0, expect.stringContaining('6 native')]);
  const report = reportIn(said);
  expect(report.outcome).toMatchObject({ status: 'complete', stale: [], notMoved: [], left: [] });
  expect(report.objects.map(({ object, became, notes }) => [object, became, notes.join()])).toEqual([
    ['certificates/www', 'moved', ''],
    ['keys/hsm', 'moved', expect.stringContaining('Premium')],
    ['keys/signing', 'moved', expect.anything()],
    ['secrets/db-password', 'moved', ''],
    ['secrets/many', 'moved', expect.stringMatching(/^12 versions/)],
    ['secrets/off', 'moved', ''],
  ]);
  expect(versions(toOf('near'))).toEqual(versions(fromOf('near')));
  expect(writes(fromOf('near'))).toBe(0);
  const audit = await e2e.auditOf('near');
  expect(Object.keys(audit)).toHaveLength(9);
  expect(audit['report']).toMatchObject({ id: 'near-from.near-to.0001', report });
});

test('run again it shows that report; --again begins another move, for which all is there', {
  timeout,
}, async () => {
  const shown = await e2e.move('near', ['--json']);
  expect([shown.exitCode, shown.err]).toEqual([0, expect.stringContaining('has ended')]);
  const again = await e2e.move('near', [...go, '--yes', '--again']);
  expect([again.exitCode, again.json()['move']]).toEqual([0, 'near-from.near-to.0002']);
  expect(reportIn(again).counts).toEqual({ there: 6 });
});

test('names that clash are named before, and are not touched; nor does an HSM key come into a Standard vault; the rest arrives', {
  timeout,
}, async () => {
  const report = reportIn(await e2e.move('clash', ['--report-only', '--json']));
  expect(report.clashes.map(({ object }) => object)).toEqual(['secrets/db-password']);
  const said = await e2e.move('clash', [...go, '--yes']);
  expect(said.exitCode).toBe(1);
  expect(reportIn(said).outcome).toMatchObject({
    status: 'partial',
    notMoved: [
      { object: 'keys/hsm', why: expect.stringContaining('BadParameter') },
      { object: 'secrets/db-password', why: expect.stringContaining('another one of this name') },
    ],
    comparison: { missing: [], differs: [], more: ['secrets/only-theirs'] },
  });
  const theirs = inside(toOf('clash')).secrets.find(({ name }) => name === 'db-password');
  expect(theirs?.versions.map(({ value }) => value)).toEqual(['theirs']);
});

/** As people do while a move waits for its final pass. */
async function change(pair: string) {
  const { secrets } = e2e.operator(fromOf(pair));
  await secrets.setSecret('off', 'rotated');
  await secrets.setSecret('new', 'new');
  await (await secrets.beginDeleteSecret('many')).pollUntilDone();
}

test('it waits for the final pass where it is told to, asks before it, and brings what changed meanwhile', {
  timeout,
}, async () => {
  const held = await e2e.move('asked', [...go, '--yes', '--hold']);
  expect([held.exitCode, held.json()]).toEqual([0, { move: 'asked-from.asked-to.0001', report: null }]);
  await change('asked');
  const no = await e2e.move('asked', ['--json'], { typed: 'n\r' });
  expect([no.exitCode, no.err]).toEqual([130, expect.stringContaining('the final pass is left')]);
  const other = await e2e.move('asked', ['--mode', 'native']);
  expect([other.exitCode, other.err]).toEqual([2, expect.stringContaining('goes on with --mode auto')]);
  const yes = await e2e.move('asked', ['--json'], { typed: 'y\r' });
  expect(reportIn(yes).outcome).toMatchObject({ status: 'complete', left: ['secrets/many'], stale: [] });
  // The one that was deleted still holds its name in the source, and stays in the target.
  expect([yes.exitCode, versions(toOf('asked'))]).toEqual([0, versions(fromOf('asked'))]);
});

test('where nothing may be replaced, it says what is stale and what to do', { timeout }, async () => {
  const before = reportIn(await e2e.move('strict', ['--report-only', '--json']));
  expect(before.needs.map(({ todo }) => todo)).toEqual([expect.stringContaining('allowReplace')]);
  await e2e.move('strict', [...go, '--yes', '--hold']);
  await change('strict');
  const said = await e2e.move('strict', ['--json', '--yes']);
  expect([said.exitCode, reportIn(said).outcome?.stale]).toEqual([
    1,
    [
      {
        object: 'secrets/off',
        why: expect.stringContaining('allowReplace'),
        todo: expect.stringMatching(/kvb restore strict-from secrets\/off --target strict-to --point \d/),
      },
    ],
  ]);
  expect(inside(toOf('strict')).secrets.map(({ name }) => name)).toContain('new');
});
