/**
 * Values that portable copies read and bring back stay where they belong: nothing of them, plain or encoded, in logs,
 * answers, queue messages, state, audit records, stored copies or temporary files, also when calls that carry them fail
 * or their answers are lost. Every byte that left the apps for storage is searched, the backups container's too.
 */
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PortableE2e, source, startPortableE2e } from './portableHarness.ts';

let e2e: PortableE2e;
const marker = 'Hush-7c2e80d5-do-not-tell';
const spoken: string[] = [];
const base64Of = (text: string) =>
  [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(shift + 1, -4),
  );
const forbidden = [marker, ...base64Of(marker), 'PRIVATE KEY', ...base64Of('PRIVATE KEY')];

const decodedMessage = (body: Buffer) => {
  const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString('utf8'))?.[1];
  return text ? Buffer.from(text, 'base64').toString('utf8') : '';
};

beforeAll(async () => {
  e2e = await startPortableE2e(
    { abroad: { spec: { geography: 'Asia Pacific', region: 'eastasia' } } },
    { versions: 1 },
    { host: { log: (line) => void spoken.push(JSON.stringify(line)) } },
  );
  const heard = ({ body }: { body: Buffer }) =>
    void spoken.push(body.toString('latin1'), decodedMessage(body));
  e2e.stack.blobs.before(heard);
  e2e.stack.queues.before(heard);
});
afterAll(() => e2e?.stop());

test('no value and no private key is ever told', { timeout: 180_000 }, async () => {
  const { control } = e2e.stack.emulator;
  for (let i = 0; i < 5; i += 1)
    control.seed.secret(source, { name: `quiet-${i}`, value: marker, versions: 2, tags: { team: 'x' } });
  await control.seed.certificate(source, { name: 'mail', kty: 'EC', contentType: 'application/x-pem-file' });
  const fail = (vault: string, operation: string, name: string, when: 'before' | 'after', kind: object) =>
    control.addFault({ vault, operation, name, when, count: 2, kind: kind as { reset: true } });
  fail(source, 'secrets.get', 'quiet-0', 'after', { reset: true });
  fail(source, 'secrets.get', 'quiet-1', 'after', { status: 500, body: 'html' });
  fail(source, 'secrets.get', 'quiet-2', 'after', { status: 200, body: 'truncated' });
  const copies = await e2e.copyNow();
  spoken.push(JSON.stringify(copies));
  fail('abroad', 'secrets.set', 'quiet-0', 'after', { reset: true });
  fail('abroad', 'secrets.set', 'quiet-1', 'before', { status: 400, code: 'BadParameter' });
  fail('abroad', 'secrets.set', 'quiet-2', 'after', { status: 500, body: 'empty' });
  fail('abroad', 'certificates.import', 'mail', 'before', { status: 400, code: 'BadParameter' });
  const request = { vault: source, objects: ['**'], target: 'abroad', mode: 'portable' };
  const detail = await e2e.restore(request);
  spoken.push(JSON.stringify(detail));
  for (const answer of [
    e2e.call('GET', `vaults/${source}/portable-copies/latest`),
    e2e.callPortable('POST', 'portable-copies', { vault: 'nobody' }),
    e2e.callRestore('GET', 'restores'),
  ])
    spoken.push(JSON.stringify((await answer).body));
  for (const container of ['state', 'audit', 'backups']) {
    const client = e2e.stack.container(container);
    for await (const { name } of client.listBlobsFlat())
      spoken.push(name, (await client.getBlobClient(name).downloadToBuffer()).toString('latin1'));
  }
  for (const folder of [e2e.stack.folder, tmpdir()])
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isFile())
        spoken.push(await readFile(path.join(folder, entry.name), 'latin1').catch(() => ''));

  expect(detail.counts?.['restored']).toBeGreaterThan(1);
  expect(detail.counts?.['failed']).toBeGreaterThan(1);
  expect(spoken.length).toBeGreaterThan(100);
  expect(spoken.some((text) => text.includes('portable.'))).toBe(true);
  const leaks = forbidden.flatMap((secret) =>
    spoken.filter((text) => text.includes(secret)).map((text) => `${secret} in ${text.slice(0, 200)}`),
  );
  expect(leaks).toEqual([]);
});
