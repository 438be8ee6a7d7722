/**
 * The operator's command line against both apps. First the sessions of docs/cli.md, which run every command once on the
 * fresh stack; then what they do not show, and what each command says when something is wrong.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timeless } from '../local/cliSessions.ts';
import { into, mistakes } from './cliMistakes.ts';
import { cliDocument, recordOn } from './cliRecord.ts';
import { type CliStack, legacy, plan, startCliStack, target, vault } from './cliStack.ts';
import { kvb, nowhere, type Said } from './kvb.ts';

let stack: CliStack;
beforeAll(async () => {
  stack = await startCliStack();
});
afterAll(() => stack?.e2e.stop());

const kvbHere = (...words: string[]) => kvb(words, { env: stack.env });
const ended = ({ exitCode, out, err }: Said) => [exitCode, out, err];

test('docs/cli.md shows every command as it is; if not: npm run cli:record', async () => {
  const shown = readFileSync(cliDocument, 'utf8');
  const commands = shown.match(/^\$ kvb [a-z-]+/gm) ?? [];
  expect(new Set(commands.map((command) => command.slice('$ kvb '.length)))).toEqual(
    new Set(['status', 'backup', 'points', 'restore', 'move', 'diff', 'config', 'verify', 'open-portable']),
  );
  expect(timeless(await recordOn(stack))).toBe(timeless(shown));
});

describe('status', () => {
  test('what ended partial needs somebody, of one vault too; then all is well', async () => {
    const one = await kvbHere('status', legacy);
    expect([one.exitCode, one.out]).toEqual([
      1,
      expect.stringMatching(/^! {2}contoso-legacy: its latest recovery point is partial: kvb points /m),
    ]);
    expect(one.out).not.toContain(vault);
    const other = await kvbHere('status', vault, '--json');
    expect([other.exitCode, other.json()]).toEqual([
      0,
      expect.objectContaining({ attention: [], vaults: [expect.objectContaining({ vault, plan })] }),
    ]);
  });
});

describe('backup', () => {
  test('--no-wait says how to follow, and --follow does', async () => {
    const started = await kvbHere('backup', '--plan', plan, '--no-wait', '--json');
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
  test('one point as JSON is what the app answers', async () => {
    const { exitCode, json } = await kvbHere('points', vault, 'latest', '--json');
    expect([exitCode, json()]).toEqual([
      0,
      expect.objectContaining({ format: 1, vault, plan, index: expect.any(Object) }),
    ]);
  });

  test('the restore app is asked while the backup app is down', async () => {
    const env = { ...stack.env, KVB_BACKUP_URL: await nowhere() };
    expect(ended(await kvb(['points', vault, 'latest'], { env }))).toEqual([
      0,
      expect.stringContaining('complete'),
      expect.stringContaining('asking the restore app'),
    ]);
  });
});

describe('restore', () => {
  const keysThere = () =>
    stack.e2e.stack.emulator.control
      .objects(target)
      .keys.filter(({ managed }) => !managed)
      .map(({ name }) => name);
  const signing = ['restore', vault, 'keys/signing', ...into];

  test('where nobody can be asked it needs --yes, and changes nothing without', async () => {
    const { exitCode, out, err } = await kvbHere(...signing);
    expect([exitCode, out, keysThere()]).toEqual([2, '', []]);
    expect(err).toMatch(/^keys\/signing +restore [^]*nobody can be asked here\n {2}Give --yes/m);
  });

  test('on a terminal it asks: a no changes nothing', async () => {
    const said = await kvb(signing, { env: stack.env, typed: 'n' });
    expect([said.exitCode, keysThere()]).toEqual([130, []]);
    expect(said.err).toContain('Restore 1 object in contoso-payments-dr?');
  });

  test('a yes brings the objects of the chosen point back', async () => {
    const points = (await kvbHere('points', vault, '--json')).json()['recoveryPoints'] as { runId: string }[];
    const first = points.at(-1)?.runId ?? '';
    const { exitCode, out } = await kvb([...signing, '--point', first], { env: stack.env, typed: 'y' });
    expect([exitCode, keysThere()]).toEqual([0, ['signing']]);
    expect(out).toMatch(new RegExp(`^contoso-payments as of ${first} into contoso-payments-dr: complete `));
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
    const said = await kvbHere('restore', vault, '**', '--target', legacy, '--reason', 'a test');
    expect(ended(said)).toEqual([4, '', expect.stringContaining('may not be restored into contoso-legacy')]);
  });
});

describe('diff', () => {
  test('--exit-code ends with 1 where the vault has something else, and two points are compared', async () => {
    stack.e2e.stack.emulator.control.seed.secret(vault, { name: 'api-key', value: 'new' });
    const live = await kvbHere('diff', vault, '--live', '--exit-code');
    expect(ended(live)).toEqual([1, expect.stringMatching(/^\+ {2}secrets\/api-key$/m), expect.any(String)]);
    const [before] = (await kvbHere('points', vault, '--json')).json()['recoveryPoints'] as {
      runId: string;
    }[];
    expect((await kvbHere('backup', vault, '--quiet')).exitCode).toBe(0);
    const points = await kvbHere('diff', vault, before?.runId ?? '', 'latest', '--json');
    expect([points.exitCode, points.json()['objects']]).toEqual([
      0,
      [{ object: 'secrets/api-key', change: 'appeared', attributes: [] }],
    ]);
    const same = await kvbHere('diff', vault, 'latest', '--exit-code');
    expect(ended(same)).toEqual([0, expect.stringMatching(/^\d unchanged$/m), '']);
  });
});

describe('verify', () => {
  test('of one point as JSON, and --follow shows it again', async () => {
    const { exitCode, json } = await kvbHere('verify', vault, '--point', 'latest', '--json');
    expect([exitCode, json()]).toEqual([
      0,
      expect.objectContaining({ status: 'sound', checked: 6, findings: [] }),
    ]);
    const again = await kvbHere('verify', '--follow', String(json()['id']));
    expect(ended(again)).toEqual([0, expect.stringMatching(/^ {2}checked +6 blobs, /m), '']);
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
    ['diff', vault, '--live'],
    ['verify', vault],
    ['restore', vault, '**', ...into],
  ];

  test.each(everyCommand)(
    '%s %s: a key that is not the app’s is 401, and stands in no message',
    async (...words) => {
      const { exitCode, out, err } = await kvb(words, { env: { ...stack.env, KVB_KEY: 'another-key' } });
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
    const { exitCode, out, err } = await kvb(['status'], { env: { ...stack.env, KVB_BACKUP_URL: url } });
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toBe(
      `error: the backup app cannot be reached at ${url}/api (ECONNREFUSED)\n  See that the address is right, that the app runs, and that its network lets this machine in.\n`,
    );
  });

  test('with --json a failure is JSON too, on stderr', async () => {
    const env = { ...stack.env, KVB_KEY: 'another-key' };
    const { exitCode, out, err } = await kvb(['status', '--json'], { env });
    expect([exitCode, out, JSON.parse(err)]).toEqual([
      4,
      '',
      expect.objectContaining({ ending: 'notAllowed', exitCode: 4 }),
    ]);
  });
});
