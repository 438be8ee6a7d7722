/** A governed target: which budget each call takes its turn on, and that its answer and its lessons come back. */
import { expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import type { Budget } from '../../../shared/domain/objects.ts';
import { governedTarget } from '../../../shared/policies/governedTarget.ts';
import type { Governor } from '../../../shared/policies/governor.ts';
import type { TargetVault } from '../../../shared/ports/targetVault.ts';

/** A target whose methods answer with what they were asked, or all throw. */
function echo(error?: Error): TargetVault {
  const asked = new Proxy<Record<string, unknown>>(
    {},
    {
      get:
        (_, method) =>
        (...given: unknown[]) => {
          if (error) throw error;
          return [method, ...given];
        },
    },
  );
  return asked as unknown as TargetVault;
}

function governed(inner: TargetVault) {
  const noted: string[] = [];
  const governor: Governor = {
    run(budget, patience, call) {
      noted.push(`run ${budget} ${patience.turnMs}`);
      return call();
    },
    throttled: (retryAfterMs) => void noted.push(`throttled ${retryAfterMs}`),
    served: () => void noted.push('served'),
    sawUnreachable: () => false,
    pausedForMs: () => 0,
    callsPerSecond: () => 1,
    takeRecord: () => ({ pausedMs: 0, slowest: 1 }),
  };
  return { target: governedTarget(inner, governor, { turnMs: 2_000, pauseMs: 0 }), noted };
}

const blob = Buffer.from('blob');
const secret = { kind: 'secret', name: 's' } as const;
const key = { kind: 'key', name: 'k' } as const;
const policy = { expiryTime: null, actions: [] };

const calls: [unknown[], Budget, (target: TargetVault) => Promise<unknown>][] = [
  [['listPage', 'certificate', 'link'], 'objects', (target) => target.listPage('certificate', 'link')],
  [['listPage', 'key', null], 'keys', (target) => target.listPage('key', null)],
  [['listDeletedPage', 'secret', 'link'], 'objects', (target) => target.listDeletedPage('secret', 'link')],
  [['versions', key], 'keys', (target) => target.versions(key)],
  [['restore', 'secret', blob], 'creates', (target) => target.restore('secret', blob)],
  [['restore', 'key', blob], 'creates', (target) => target.restore('key', blob)],
  [['backup', secret], 'objects', (target) => target.backup(secret)],
  [['remove', key], 'keys', (target) => target.remove(key)],
  [['deleted', secret], 'objects', (target) => target.deleted(secret)],
  [['purge', key], 'keys', (target) => target.purge(key)],
  [['recover', secret], 'objects', (target) => target.recover(secret)],
  [['rotationPolicy', 'k'], 'keys', (target) => target.rotationPolicy('k')],
  [['setRotationPolicy', 'k', policy], 'keys', (target) => target.setRotationPolicy('k', policy)],
];

test.each(calls)('%j takes its turn on the budget for %s', async (asked, budget, call) => {
  const { target, noted } = governed(echo());
  expect(await call(target)).toEqual(asked);
  expect(noted).toEqual([`run ${budget} 2000`, 'served']);
});

test('the region is no call', () => {
  const { target, noted } = governed(echo());
  expect(target.region()).toEqual(['region']);
  expect(noted).toEqual([]);
});

test.each([
  ['throttled', ['run creates 2000', 'throttled 7000']],
  ['conflict', ['run creates 2000', 'served']],
  ['unreachable', ['run creates 2000']],
] as const)('a restore that is answered by %s teaches the governor', async (code, lessons) => {
  const error = new BackupError(code, 'no', { retryAfterSeconds: 7 });
  const { target, noted } = governed(echo(error));
  await expect(target.restore('secret', blob)).rejects.toBe(error);
  expect(noted).toEqual(lessons);
});
