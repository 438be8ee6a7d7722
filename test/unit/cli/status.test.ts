/** kvb status: what it makes of every state of apps and vaults that the local stack does not have when asked to. */
import { expect, test } from 'vitest';
import { kvb } from '../../e2e/kvb.ts';
import { type ScriptedAnswer, scriptedApp } from './scriptedApp.ts';

async function say(...answers: ScriptedAnswer[]) {
  const { url } = await scriptedApp(...answers);
  return kvb(['status'], { env: { KVB_BACKUP_URL: url } });
}

const healthy = { body: { status: 'healthy', hostStorage: 'reachable', immutability: 'policy' } };
const vault = {
  vault: 'contoso',
  url: 'https://contoso.vault.azure.net',
  plan: 'payments',
  schedule: '0 0 2 * * *',
  requestsPer10Seconds: 400,
  keyRequestsPer10Seconds: 25,
  nextRun: '2026-11-23T02:00:00.000Z',
  activeRun: null,
  latestPoint: { runId: '20261122T020000Z', status: 'complete', ageSeconds: 18_000 },
  latestVerification: { id: 'v', status: 'sound', findings: 0, checked: 9, ageSeconds: 7200 },
  latestDrill: { id: 'd', status: 'complete', ageSeconds: 259_200 },
  portableCopies: null,
};
const copied = { runId: '20261122T020000Z', status: 'complete', ageSeconds: 7200 };
const sick = { status: 503, body: { ...healthy.body, status: 'unhealthy', immutability: 'none' } };

test.each([
  [
    'all is well',
    healthy,
    {},
    0,
    /^contoso +payments +20261122T020000Z +complete +5 h .* sound, 2 h ago +complete, 3 d ago\n\nAll is well\.$/m,
  ],
  [
    'an app that is not healthy',
    sick,
    {},
    1,
    /^! {2}the backup app is unhealthy: .* immutability of the backups: none$/m,
  ],
  [
    'damage',
    healthy,
    { latestVerification: { ...vault.latestVerification, status: 'failed' } },
    1,
    /latest verification is failed: kvb verify contoso$/m,
  ],
  [
    'portable copies',
    healthy,
    { portableCopies: { latest: copied, overdue: null } },
    0,
    /DRILL +PORTABLE\n.* complete, 3 d ago +complete, 2 h ago\n\nAll is well\.$/m,
  ],
  [
    'portable copies that lack something',
    healthy,
    { portableCopies: { latest: { ...copied, status: 'partial' }, overdue: null } },
    1,
    /latest portable copies are partial: kvb points contoso 20261122T020000Z --portable$/m,
  ],
  [
    'a portable app that is silent',
    healthy,
    { portableCopies: { latest: null, overdue: { runId: '20261122T020000Z', seconds: 20_000 } } },
    1,
    /recovery point 20261122T020000Z has waited 5 h for portable copies: look after the portable app$/m,
  ],
  [
    'a failed drill',
    healthy,
    { latestDrill: { ...vault.latestDrill, status: 'failed' } },
    1,
    /latest restore drill failed$/m,
  ],
  [
    'a run that goes on',
    healthy,
    {
      activeRun: {
        runId: '20261123T020000Z',
        step: 'capture',
        startedAt: '2026-11-23T02:00:00.000Z',
        deadline: '2026-11-23T06:00:00.000Z',
        requests: { vault: 1, throttled: 0, pausedMs: 0, slowest: 1 },
      },
    },
    0,
    /^contoso: run 20261123T020000Z goes on since 2026-11-23T02:00:00Z, at capture$/m,
  ],
])('%s', async (_, health, change, exitCode, shown) => {
  const said = await say(health, { body: { vaults: [{ ...vault, ...change }] } });
  expect([said.exitCode, said.out, said.err]).toEqual([exitCode, expect.stringMatching(shown), '']);
});
