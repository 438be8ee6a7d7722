/** kvb open-portable: a copy opens for its key, no value is shown unasked, and what cannot be opened says why. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sealCopy } from '../../../shared/azure/sealCopy.ts';
import { thumbprintOf } from '../../../shared/domain/openCopy.ts';
import { kvb } from '../../e2e/kvb.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kvb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '', e = '' } = privateKey.export({ format: 'jwk' });
writeFileSync(file('private.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
const locked = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'the passphrase' } as const;
writeFileSync(file('locked.pem'), privateKey.export(locked));
const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
writeFileSync(file('other.pem'), other.export({ format: 'pem', type: 'pkcs8' }));

const values = ['hush-the-first', 'hush-the-second'];
const facts = {
  contentType: 'text/plain',
  tags: { team: 'x' },
  enabled: true,
  notBefore: null,
  expires: null,
};
const versions = values.map((value, at) => ({
  ...facts,
  version: `v${at}`,
  value,
  created: 1_700_000_000 + at,
  updated: 1_700_000_000,
  x5t: null,
}));
const bound = {
  vault: 'contoso',
  kind: 'secret',
  name: 'db',
  version: 'v1',
  runId: '20261121T020000Z',
} as const;
const content = { format: 1, kind: 'secret', name: 'db', versions, policy: null } as const;
const sealed = await sealCopy(bound, { ...content, versions: [...versions] }, [
  { kid: thumbprintOf(createPublicKey(privateKey)), n, e },
]);
writeFileSync(file('db.jwe'), sealed);
writeFileSync(file('cut.jwe'), sealed.subarray(0, 100));

const open = (name: string, ...words: string[]) =>
  kvb(['open-portable', file(name), '--key', file('private.pem'), ...words], {
    // Needs no app, nor cares about settings that are wrong.
    env: { KVB_BACKUP_URL: 'nonsense' },
  });

test('it shows what the copy holds, and no value', async () => {
  const { exitCode, out, err } = await open('db.jwe');
  expect([exitCode, err]).toEqual([0, '']);
  expect(out).toMatch(/^secrets\/db of contoso, run 20261121T020000Z$/m);
  expect(out).toMatch(/^v1 +2023-11-14T22:13:21Z +yes +- +text\/plain +team$/m);
  const json = await open('db.jwe', '--json');
  expect(json.json()['versions']).toMatchObject([{ version: 'v0' }, { version: 'v1' }]);
  expect(out + json.out).not.toContain('hush');
});

test('--value prints the current value, byte for byte, for a pipe', async () => {
  expect(await open('db.jwe', '--value')).toMatchObject({
    exitCode: 0,
    out: 'hush-the-second',
    err: 'secrets/db of contoso, run 20261121T020000Z\n',
  });
});

test('--of refuses a copy of something else, before any value is shown', async () => {
  expect((await open('db.jwe', '--of', 'contoso/secrets/db')).exitCode).toBe(0);
  const said = await open('db.jwe', '--of', 'contoso/secrets/other', '--value');
  expect(said).toMatchObject({
    exitCode: 1,
    out: '',
    err: expect.stringContaining('is a copy of contoso/secrets/db'),
  });
});

test('a private key with a passphrase asks for it, or takes it from the environment', async () => {
  const words = ['open-portable', file('db.jwe'), '--key', file('locked.pem')];
  const [asked, set, wrong, nobody] = [
    await kvb(words, { typed: 'the passphrase\r' }),
    await kvb(words, { env: { KVB_PASSPHRASE: 'the passphrase' } }),
    await kvb(words, { env: { KVB_PASSPHRASE: 'another' } }),
    await kvb(words),
  ];
  expect([asked, set, wrong, nobody].map(({ exitCode }) => exitCode)).toEqual([0, 0, 2, 2]);
  expect(asked.all + wrong.all).not.toMatch(/the passphrase|another/);
  expect(nobody.err).toContain('Set KVB_PASSPHRASE');
});

test('--out writes everything for its owner alone, and over no other file', async () => {
  const out = file('db.json');
  const said = await open('db.jwe', '--out', out);
  expect([said.exitCode, said.out]).toEqual([
    0,
    expect.stringContaining(`everything, with the values, is in ${out}`),
  ]);
  expect(said.out).not.toContain('hush');
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(content);
  expect(process.platform === 'win32' ? 0o600 : statSync(out).mode & 0o777).toBe(0o600);
  expect(await open('db.jwe', '--out', out)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('cannot be written (EEXIST)'),
  });
});

test.each([
  ['cut.jwe', 'private.pem', 1, 'it is no whole JWE'],
  ['db.jwe', 'other.pem', 1, 'it was not made for this key'],
  ['db.jwe', 'db.jwe', 1, 'the key is no private key in PEM'],
  ['none.jwe', 'private.pem', 2, 'none.jwe cannot be read (ENOENT)'],
  ['db.jwe', 'none.pem', 2, 'none.pem cannot be read (ENOENT)'],
])('%s with %s ends with %i: %s', async (copy, key, exitCode, said) => {
  const words = ['open-portable', file(copy), '--key', file(key)];
  const failed = await kvb(words);
  expect(failed).toMatchObject({ exitCode, out: '', err: expect.stringContaining(said) });
  expect(failed.err).not.toContain('hush');
});

test('under npm a file is looked for where the command was typed', async () => {
  const words = ['open-portable', 'db.jwe', '--key', 'private.pem'];
  const env = { npm_lifecycle_event: 'kvb', INIT_CWD: folder };
  expect([(await kvb(words, { env })).exitCode, (await kvb(words)).exitCode]).toEqual([0, 2]);
});
