/** The operator's command line against both apps: every command, and what it says when something is wrong. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { into, mistakes } from './cliMistakes.ts';
import { lame, startCliStack, target, vault } from './cliStack.ts';
import type { E2e } from './harness.ts';
import { kvb, nowhere, type Said } from './kvb.ts';

let e2e: E2e;
let env: Record<string, string>;
/** Of the first backup. */
let runId: string;

beforeAll(async () => {
  ({ e2e, env } = await startCliStack());
});
afterAll(() => e2e?.stop());

const kvbHere = (...words: string[]) => kvb(words, { env });
const ended = ({ exitCode, out, err }: Said) => [exitCode, out, err];

describe('before the first backup', () => {
  test('status shows the apps and every vault, and that one without a recovery point needs somebody', async () => {
    const { exitCode, out, err } = await kvbHere('status');
    expect([exitCode, err]).toEqual([1, '']);
    expect(out).toMatch(/^backup +healthy +http:\S+\/api$/m);
    expect(out).toMatch(/^restore +healthy +http:\S+\/api$/m);
    expect(out).toMatch(/^contoso-payments +contoso-payments +- /m);
    expect(out).toMatch(/^! {2}contoso-lame has no recovery point: kvb backup contoso-lame$/m);
  });

  test('points says what to do', async () => {
    expect(ended(await kvbHere('points', vault))).toEqual([
      0,
      `${vault} has no recovery point yet: kvb backup ${vault}\n`,
      '',
    ]);
  });
});

describe('backup', () => {
  test('follows the run to its recovery point', async () => {
    const { exitCode, out, err } = await kvbHere('backup', vault);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^contoso-payments {2}\d{8}T\d{6}Z {2}complete$/m);
    expect(out).toMatch(/^ {2}objects +7 listed: 5 stored, 2 skipped$/m);
    expect(err).toMatch(/^… contoso-payments: \w+/);
    runId = /\d{8}T\d{6}Z/.exec(out)?.[0] ?? '';
  });

  test('a point that is partial ends with 1, and status then needs somebody', async () => {
    const { exitCode, out } = await kvbHere('backup', lame, '--quiet');
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/^contoso-lame {2}\S+ {2}partial: /)]);
    const status = await kvbHere('status', lame);
    expect(ended(status)).toEqual([
      1,
      expect.stringMatching(
        /^! {2}contoso-lame: its latest recovery point is partial: kvb points contoso-lame latest$/m,
      ),
      '',
    ]);
    expect(status.out).not.toContain(vault);
  });

  test('--no-wait says how to follow, and --follow does', async () => {
    const started = await kvbHere('backup', '--plan', vault, '--no-wait', '--json');
    expect(started.exitCode).toBe(0);
    const [run] = started.json()['vaults'] as { vault: string; run: string }[];
    const { exitCode, json } = await kvbHere('backup', vault, '--follow', run?.run ?? '', '--json');
    expect([exitCode, json()]).toEqual([
      0,
      { recoveryPoints: [expect.objectContaining({ runId: run?.run, status: 'complete' })], notStarted: [] },
    ]);
  });
});

describe('points', () => {
  test('lists them, shows one, and its objects', async () => {
    const list = await kvbHere('points', vault);
    expect(list.out).toMatch(new RegExp(`^${runId} {2}complete {2}\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z$`, 'm'));
    const one = await kvbHere('points', vault, runId, '--json');
    expect(one.json()).toMatchObject({ runId, counts: { listed: 7, stored: 5 } });
    const objects = await kvbHere('points', vault, runId, '--objects');
    expect(objects.out).toMatch(/^secret +db-password +stored +\S+Z +\S+Z +-$/m);
    expect(objects.out).toMatch(/^secret +www +skipped .*managed/m);
    expect([list, one, objects].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  });

  test('asks the restore app while the backup app is down', async () => {
    const said = await kvb(['points', vault, 'latest'], { env: { ...env, KVB_BACKUP_URL: await nowhere() } });
    expect(ended(said)).toEqual([
      0,
      expect.stringContaining('complete'),
      expect.stringContaining('asking the restore app'),
    ]);
  });
});

describe('restore', () => {
  const there = () =>
    e2e.stack.emulator.control
      .objects(target)
      .secrets.filter(({ managed }) => !managed)
      .map(({ name }) => name);

  test('--dry-run shows the plan as the answer, and changes nothing', async () => {
    const { exitCode, out } = await kvbHere('restore', vault, '**', ...into, '--dry-run');
    expect([exitCode, there()]).toEqual([0, ['taken']]);
    expect(out).toMatch(/^contoso-payments as of \d{8}T\d{6}Z into contoso-payments-dr: plan /);
    expect(out).toMatch(/^certificates\/www +restore +/m);
    expect(out).toMatch(/^4 restore, 1 conflict$/m);
  });

  test('where nobody can be asked it needs --yes, and changes nothing without', async () => {
    const { exitCode, out, err } = await kvbHere('restore', vault, 'secrets/db-*', ...into);
    expect([exitCode, out, there()]).toEqual([2, '', ['taken']]);
    expect(err).toMatch(/^secrets\/db-password +restore [^]*nobody can be asked here\n {2}Give --yes/m);
  });

  test('on a terminal it asks: a no changes nothing', async () => {
    const said = await kvb(['restore', vault, 'secrets/db-*', ...into], { env, typed: 'n' });
    expect([said.exitCode, there()]).toEqual([130, ['taken']]);
    expect(said.err).toContain('Restore 2 objects in contoso-payments-dr?');
  });

  test('a yes brings the objects of the planned point back', async () => {
    const { exitCode, out } = await kvb(['restore', vault, 'secrets/db-*', '--point', runId, ...into], {
      env,
      typed: 'y',
    });
    expect([exitCode, there().toSorted()]).toEqual([0, ['db-password', 'db-user', 'taken']]);
    expect(out).toMatch(new RegExp(`^contoso-payments as of ${runId} into contoso-payments-dr: complete `));
    expect(out).toMatch(/^ {2}objects +2 restored$/m);
  });

  test('a taken name is a conflict: with nothing else to do it ends with 1', async () => {
    const { exitCode, out, err } = await kvbHere('restore', vault, 'taken', ...into, '--yes');
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/^secrets\/taken +conflict /m)]);
    expect(err).toContain('There is nothing to restore.');
  });

  test('--on-conflict replace --yes replaces it, and --follow shows that restore again', async () => {
    const replace = ['--on-conflict', 'replace', '--yes', '--json'];
    const { exitCode, json, err } = await kvbHere('restore', vault, 'taken', ...into, ...replace);
    expect([exitCode, json()]).toEqual([0, expect.objectContaining({ counts: { replaced: 1 } })]);
    expect(err).toMatch(/^secrets\/taken +replace /m);
    const again = await kvbHere('restore', '--follow', String(json()['id']));
    expect(ended(again)).toEqual([0, expect.stringMatching(/^ {2}objects +1 replaced$/m), '']);
  });

  test('a vault that is no target of this one is not allowed', async () => {
    const said = await kvbHere('restore', vault, '**', '--target', lame, '--reason', 'a test');
    expect(ended(said)).toEqual([4, '', expect.stringContaining('may not be restored into contoso-lame')]);
  });
});

describe('diff', () => {
  test('between two points, with the vault itself, and with the secondary', async () => {
    e2e.stack.emulator.control.seed.secret(vault, { name: 'api-key', value: 'new' });
    const live = await kvbHere('diff', vault, '--live', '--exit-code');
    expect(ended(live)).toEqual([1, expect.stringMatching(/^\+ {2}secrets\/api-key$/m), expect.any(String)]);
    const backup = await kvbHere('backup', vault, '--quiet');
    const points = await kvbHere('diff', vault, runId, 'latest', '--json');
    expect([backup.exitCode, points.exitCode, points.json()['objects']]).toEqual([
      0,
      0,
      [{ object: 'secrets/api-key', change: 'appeared', attributes: [] }],
    ]);
    const same = await kvbHere('diff', vault, runId, runId, '--exit-code');
    expect(ended(same)).toEqual([0, expect.stringMatching(/^\d unchanged$/m), '']);
    const secondary = await kvbHere('diff', vault, '--target', target, '--quiet');
    expect(ended(secondary)).toEqual([0, expect.stringMatching(/^- {2}certificates\/www$/m), '']);
  });
});

describe('verify', () => {
  test('reads every blob, and says that all is whole', async () => {
    const { exitCode, out, json } = await kvbHere('verify', vault, '--point', runId, '--json');
    expect([exitCode, json()]).toEqual([
      0,
      expect.objectContaining({ status: 'sound', checked: 5, findings: [] }),
    ]);
    const id = (JSON.parse(out) as { id: string }).id;
    const again = await kvbHere('verify', '--follow', id);
    expect(ended(again)).toEqual([
      0,
      expect.stringMatching(/^ {2}checked +5 blobs, [\d,]+ bytes, 0 unchecked$/m),
      '',
    ]);
  });
});

test.each(mistakes)('%j is wrong use', async (words, said) => {
  expect(ended(await kvbHere(...words))).toEqual([2, '', expect.stringContaining(said)]);
});

describe('what is wrong on the way to the app', () => {
  const everyCommand = [
    ['status'],
    ['backup', vault],
    ['points', vault],
    ['diff', vault, 'latest', 'latest'],
    ['verify', vault],
    ['restore', '--follow', 'an-id'],
  ];

  test.each(everyCommand)(
    '%s %s: a key that is not the app’s is 401, and stands in no message',
    async (...words) => {
      const { exitCode, out, err } = await kvb(words, { env: { ...env, KVB_KEY: 'another-key' } });
      expect([exitCode, out, err]).toEqual([
        4,
        '',
        expect.stringContaining('See that the function key is one of'),
      ]);
      expect(err).not.toContain('another-key');
    },
  );

  test('nothing answers there', async () => {
    const url = await nowhere();
    const { exitCode, out, err } = await kvb(['status'], { env: { ...env, KVB_BACKUP_URL: url } });
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toBe(
      `error: the backup app cannot be reached at ${url}/api (ECONNREFUSED)\n  See that the address is right, that the app runs, and that its network lets this machine in.\n`,
    );
  });

  test('with --json a failure is JSON too, on stderr', async () => {
    const { exitCode, out, err } = await kvb(['status', '--json'], {
      env: { ...env, KVB_KEY: 'another-key' },
    });
    expect([exitCode, out, JSON.parse(err)]).toEqual([
      4,
      '',
      expect.objectContaining({ ending: 'notAllowed', exitCode: 4 }),
    ]);
  });
});
