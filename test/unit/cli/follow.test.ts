/** Following long work: how often, how long, and through an app that is away meanwhile. */
import { expect, test } from 'vitest';
import { kvb } from '../../e2e/kvb.ts';
import { type ScriptedAnswer, scriptedApp } from './scriptedApp.ts';

const id = '20261122T020000Z-0123456789ab';
const asked = {
  id,
  vault: 'contoso',
  scope: 'vault',
  recoveryPoint: null,
  startedAt: '2026-11-22T02:00:00.000Z',
};
const running = (done: number) => ({
  headers: { 'retry-after': '5' },
  body: { ...asked, status: 'running', deadline: '2026-11-22T04:00:00.000Z', parts: { planned: 4, done } },
});
const sound = {
  body: {
    ...asked,
    format: 1,
    app: '1.0.0',
    requestedBy: null,
    endedAt: '2026-11-22T02:01:00.000Z',
    status: 'sound',
    reason: null,
    verifyEveryDays: 30,
    checked: 4,
    bytes: 400,
    unchecked: 0,
    findings: [],
  },
};
const away = { dies: true };

async function follow(answers: readonly ScriptedAnswer[], ...words: string[]) {
  const app = await scriptedApp(...answers);
  const pauses: number[] = [];
  const said = await kvb(['verify', '--follow', id, ...words], {
    env: { KVB_BACKUP_URL: app.url },
    sleep: async (ms) => void pauses.push(ms),
  });
  return { ...said, pauses };
}

test('it looks soon, then less often, then as often as the app asks', async () => {
  const { exitCode, pauses } = await follow([...Array.from({ length: 8 }, (_, at) => running(at)), sound]);
  expect(exitCode).toBe(0);
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test('one line of progress per step where there is no terminal, and none with --quiet', async () => {
  const answers = [running(0), running(1), running(2), sound];
  const { err, out } = await follow(answers);
  expect(err).toBe(`… verification ${id}: check, 0 of 4\n`);
  expect(out).toMatch(/^contoso {2}recovery points: sound/);
  expect((await follow(answers, '--quiet')).err).toBe('');
});

test('an app that is away meanwhile is waited for, and said so once', async () => {
  const { exitCode, err } = await follow([running(1), away, { status: 503 }, running(2), sound], '--quiet');
  expect([exitCode, err]).toEqual([0, '']);
  const loud = await follow([away, away, running(2), sound]);
  expect(loud.err.match(/trying again/g)).toHaveLength(1);
});

test('one that stays away for two minutes ends it, with 3', async () => {
  const { exitCode, pauses } = await follow([running(1), away]);
  const waited = pauses.reduce((sum, ms) => sum + ms, 0);
  expect([exitCode, waited]).toEqual([3, expect.closeTo(127_000, -4)]);
});

test('told to wait no longer it ends with 5, and says how to go on', async () => {
  const { exitCode, err } = await follow([running(1)], '--wait-minutes', '0');
  expect([exitCode, err]).toEqual([5, expect.stringContaining(`Go on with: kvb verify --follow ${id}`)]);
});

test('damage ends it with 1, and says what and where', async () => {
  const finding = {
    what: 'corrupt',
    blob: 'contoso/a.secretbackup',
    object: 'secrets/a',
    namedBy: null,
    reason: 'sha256 differs',
    known: false,
  };
  const body = { ...sound.body, status: 'failed', reason: '1 finding', findings: [finding] };
  const { exitCode, out } = await follow([{ body }]);
  expect([exitCode, out]).toEqual([
    1,
    expect.stringMatching(/^corrupt +secrets\/a +contoso\/a\.secretbackup +sha256 differs$/m),
  ]);
});
