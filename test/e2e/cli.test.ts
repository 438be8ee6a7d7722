/** The operator's command line against both apps: every command, and what it says when something is wrong. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, startE2e } from './harness.ts';
import { kvb } from './kvb.ts';

const [vault, target, lame] = ['contoso-payments', 'contoso-payments-dr', 'contoso-lame'];
const key = 'the-function-key';
let e2e: E2e;
let env: Record<string, string>;

beforeAll(async () => {
  e2e = await startE2e({
    vaults: { [vault]: {}, [target]: {}, [lame]: {} },
    stack: {
      restoreTargets: (vaults) => ({
        [vault]: vaults.filter(({ name }) => name === target).map((to) => ({ ...to, allowReplace: true })),
      }),
      emulator: { settleMs: 300, purgeLimboMs: 1_500 },
    },
    host: { enableAuth: true, keys: { master: 'the-master-key', host: key, functions: {} } },
  });
  env = {
    KVB_BACKUP_URL: e2e.stack.host.url,
    KVB_RESTORE_URL: `${e2e.stack.restoreHost?.url}/api/`,
    KVB_KEY: key,
  };
  const { seed } = e2e.stack.emulator.control;
  seed.secret(vault, { name: 'db-password', value: 'one', versions: 2 });
  await seed.key(vault, { name: 'signing', kty: 'EC' });
});
afterAll(() => e2e?.stop());

/** A port that was free a moment ago. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

const kvbHere = (...words: string[]) => kvb(words, env);

describe('status', () => {
  test('shows the apps and every vault, and that one without a recovery point needs somebody', async () => {
    const { exitCode, out, err } = await kvbHere('status');
    expect([exitCode, err]).toEqual([1, '']);
    expect(out).toMatch(/^backup +healthy +http:\S+\/api$/m);
    expect(out).toMatch(/^restore +healthy +http:\S+\/api$/m);
    expect(out).toMatch(/^contoso-payments +contoso-payments +- /m);
    expect(out).toMatch(/^! {2}contoso-lame has no recovery point: kvb backup contoso-lame$/m);
  });

  test('an unknown vault is wrong use, and says which there are', async () => {
    const { exitCode, out, err } = await kvbHere('status', 'contoso-paymnts');
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toMatch(/no plan has a vault "contoso-paymnts"\n {2}The vaults are: .*contoso-payments/);
  });
});

describe('what is wrong on the way to the app', () => {
  test('nothing answers there', async () => {
    const { exitCode, out, err } = await kvb(['status'], { ...env, KVB_BACKUP_URL: await nowhere() });
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toMatch(/the backup app cannot be reached at http:\S+\/api \(ECONNREFUSED\)\n {2}See /);
  });

  test('a key that is not the app’s: 401, and the key is in no message', async () => {
    const { exitCode, err } = await kvb(['status'], { ...env, KVB_KEY: 'another-key' });
    expect([exitCode, err]).toEqual([
      4,
      expect.stringContaining('See that the function key is one of this app'),
    ]);
    expect(err).not.toContain('another-key');
  });

  test('with --json a failure is JSON too, on stderr', async () => {
    const { exitCode, out, err } = await kvb(['status', '--json'], { ...env, KVB_KEY: 'another-key' });
    expect([exitCode, out, JSON.parse(err)]).toEqual([
      4,
      '',
      expect.objectContaining({ ending: 'notAllowed', exitCode: 4 }),
    ]);
  });
});
