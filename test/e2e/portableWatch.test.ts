/**
 * How an operator sees the portable app: its copies in the command line, its poison queue in its own events, and its
 * silence in those of the app that backs up.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from './harness.ts';
import { kvb } from './kvb.ts';
import { type Copies, type PortableE2e, source, startPortableE2e } from './portableHarness.ts';
import { unusedOnContainer } from './rights.ts';

let e2e: PortableE2e;
let copies: Copies;
const hours = 3_600_000;

beforeAll(async () => {
  e2e = await startPortableE2e({}, { exclude: ['secrets/tmp-*'] });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, { name: 'db-password', value: 'the-value-of-now', created: 1_700_000_000 });
  seed.secret(source, { name: 'tmp-cache', value: 'left out', created: 1_700_000_000 });
  await seed.key(source, { name: 'signing', kty: 'EC', created: 1_700_000_000 });
  copies = await e2e.copyNow();
});
afterAll(() => e2e?.stop());

const kvbHere = (...words: string[]) => kvb(words, { env: { KVB_BACKUP_URL: e2e.stack.host.url } });

test('kvb points --portable shows each copy, who opens it, and what has none and why', async () => {
  const { exitCode, out, err } = await kvbHere('points', source, '--portable');
  expect([exitCode, err]).toEqual([0, '']);
  expect(out).toMatch(new RegExp(`^${source} {2}${copies.runId} {2}complete$`, 'm'));
  expect(out).toMatch(/^ {2}objects +1 stored, 1 notExportable, 1 excluded$/m);
  expect(out.match(/^ {2}opens with {2}\S+$/gm)).toHaveLength(2);
  expect(out).toMatch(/^ {2}opens with {2}https:\S+\/keys\/portable\/[0-9a-f]{32}$/m);
  expect(out).toMatch(
    /^secret +db-password +stored +source\/portable\/runs\/\S+\/secrets\/db-password\.jwe +-$/m,
  );
  expect(out).toMatch(/^secret +tmp-cache +excluded +- +the plan leaves it out of portable$/m);
  expect(out).toMatch(/^key +signing +notExportable +- +a key never leaves its vault/m);
  const one = await kvbHere('points', source, copies.runId, '--portable', '--json');
  expect([one.exitCode, one.json()]).toEqual([0, { copies: copies.copies, objects: copies.objects }]);
  const none = await kvbHere('points', source, '20200101T000000Z', '--portable');
  expect([none.exitCode, none.out]).toEqual([expect.any(Number), '']);
  expect(none.err).toMatch(/has no portable copies of "20200101T000000Z"\n.*minutes after a recovery point/);
});

test('the file that it names opens offline, as docs/portable-copies.md says', async () => {
  const shown = (await kvbHere('points', source, 'latest', '--portable')).out;
  const [blob = ''] = /\S+\/db-password\.jwe/.exec(shown) ?? [];
  const [file, key] = ['db-password.jwe', 'private.pem'].map((name) => path.join(e2e.stack.folder, name)) as [
    string,
    string,
  ];
  await e2e.stack.container('backups').getBlobClient(blob).downloadToFile(file);
  await writeFile(key, e2e.offlineKey, { mode: 0o600 });
  const of = `${source}/secrets/db-password`;
  const opened = await kvb(['open-portable', file, '--key', key, '--of', of, '--value']);
  expect([opened.exitCode, opened.out]).toEqual([0, 'the-value-of-now']);
});

test('kvb status shows the copies of each vault', async () => {
  const { exitCode, out } = await kvbHere('status', source);
  expect([exitCode, out]).toEqual([
    0,
    expect.stringMatching(/DRILL +PORTABLE\n.* complete, \d+ s ago\n\nAll is well\.$/m),
  ]);
});

test('the portable app says that it is well, and needed every right that it has on the container', async () => {
  expect(await e2e.callPortable('GET', 'health')).toMatchObject({
    status: 200,
    body: { status: 'healthy', hostStorage: 'reachable', immutability: 'policy' },
  });
  expect(unusedOnContainer(e2e.stack, 'portable', 'backups')).toEqual([]);
});

test('what lies in the portable app’s poison queue is counted by itself: its queues may be in an account of its own', async () => {
  const before = e2e.events('poison.found').length;
  await e2e.stack.queue('portable-jobs').sendMessage('not base64 at all');
  await waitFor(async () => {
    await e2e.stack.portableHost?.invoke('copyPortable');
    return e2e.events('poison.found').length > before;
  });
  expect(e2e.events('poison.found').at(-1)).toMatchObject({ queue: 'portable-jobs-poison', count: 1 });
});

test('copies that stop coming are told by the other app, once they are due', async () => {
  const { body } = await e2e.call('POST', 'backups', { vault: source });
  expect(body).toMatchObject({ vaults: [{ vault: source }] });
  const { runId } = await e2e.waitForPoint(source, (point) => point.runId !== copies.runId);
  await e2e.stack.host.invoke('watchRuns');
  expect(e2e.events('portable.overdue')).toEqual([]);
  await e2e.stack.host.setClockOffset(5 * hours);
  await e2e.stack.host.invoke('watchRuns');
  expect(e2e.events('portable.overdue')).toEqual([
    expect.objectContaining({ vault: source, plan: source, runId, last: copies.runId }),
  ]);
  const { exitCode, out } = await kvbHere('status', source);
  expect([exitCode, out]).toEqual([
    1,
    expect.stringMatching(new RegExp(`recovery point ${runId} has waited 5 h for portable copies`)),
  ]);
});
