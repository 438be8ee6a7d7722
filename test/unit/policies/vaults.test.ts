/** The two decorators of a vault, alone and in the order in which composition.ts stacks them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { BackupError, type ErrorCode, errorCodes, NotNow } from '../../../shared/domain/errors.ts';
import type { Budget } from '../../../shared/domain/objects.ts';
import { governedVault } from '../../../shared/policies/governedVault.ts';
import type { Governor } from '../../../shared/policies/governor.ts';
import { measuredVault } from '../../../shared/policies/measuredVault.ts';
import type { SourceVault } from '../../../shared/ports/sourceVault.ts';
import { fakeClock } from '../../fakes/fakeClock.ts';
import { type FakeVault, fakeVault } from '../../fakes/fakeVault.ts';

interface NotingGovernor extends Governor {
  readonly noted: string[];
  /** Refuses every call when set, as during a pause. */
  refusesWith: Error | null;
}

function notingGovernor(): NotingGovernor {
  const noted: string[] = [];
  const governor: NotingGovernor = {
    noted,
    refusesWith: null,
    run(budget, patience, call) {
      noted.push(`run ${budget} ${patience.turnMs}`);
      return governor.refusesWith ? Promise.reject(governor.refusesWith) : call();
    },
    throttled: (retryAfterMs) => void noted.push(`throttled ${retryAfterMs}`),
    served: () => void noted.push('served'),
    sawUnreachable: () => false,
    pausedForMs: () => 0,
    callsPerSecond: () => 1,
    takeRecord: () => ({ pausedMs: 0, slowest: 1 }),
  };
  return governor;
}

let inner: FakeVault;
const jobPatience = { turnMs: 2_000, pauseMs: 0 };
let governor: NotingGovernor;
let governed: SourceVault;
beforeEach(() => {
  inner = fakeVault(fakeClock());
  inner.put('secret', 's');
  inner.put('key', 'k');
  inner.put('certificate', 'c');
  governor = notingGovernor();
  governed = governedVault(inner.calls, governor, jobPatience);
});
const failWith = (error: Error) => void inner.errors.set('*', () => error);

const everyCall: [string, Budget, (vault: SourceVault) => Promise<unknown>][] = [
  ['list secret', 'objects', (vault) => vault.listPage('secret', null)],
  ['list key', 'keys', (vault) => vault.listPage('key', null)],
  ['list certificate', 'objects', (vault) => vault.listPage('certificate', null)],
  ['backup secrets/s', 'objects', (vault) => vault.backup({ kind: 'secret', name: 's' })],
  ['backup keys/k', 'keys', (vault) => vault.backup({ kind: 'key', name: 'k' })],
  ['backup certificates/c', 'objects', (vault) => vault.backup({ kind: 'certificate', name: 'c' })],
  ['versions secrets/s', 'objects', (vault) => vault.versionsPage({ kind: 'secret', name: 's' }, null)],
  ['versions keys/k', 'keys', (vault) => vault.versionsPage({ kind: 'key', name: 'k' }, null)],
  ['get keys/k', 'keys', (vault) => vault.currentKey('k')],
  ['policy keys/k', 'keys', (vault) => vault.rotationPolicy('k')],
];

describe('a governed vault', () => {
  test.each(everyCall)(
    '%s takes its turn on the budget for %s, and its answer comes back',
    async (made, budget, call) => {
      expect(await call(governed)).toBeTruthy();
      expect(inner.made).toEqual([made]);
      expect(governor.noted).toEqual([`run ${budget} 2000`, 'served']);
    },
  );

  test('the page link is handed on', async () => {
    const pages = fakeVault(fakeClock(), 1);
    for (const name of ['a', 'b']) pages.put('secret', name);
    const vault = governedVault(pages.calls, governor, jobPatience);
    const first = await vault.listPage('secret', null);
    expect(await vault.listPage('secret', first.next)).toMatchObject({
      objects: [{ name: 'b' }],
      next: null,
    });
  });

  test.each<[number | undefined, string]>([
    [7, 'throttled 7000'],
    [0, 'throttled 0'],
    [undefined, 'throttled undefined'],
  ])('a 429 with Retry-After %s is told to the governor', async (retryAfterSeconds, noted) => {
    const error = new BackupError(
      'throttled',
      'slow',
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    );
    failWith(error);
    await expect(governed.backup({ kind: 'secret', name: 's' })).rejects.toBe(error);
    expect(governor.noted).toEqual(['run objects 2000', noted]);
  });

  const answered = errorCodes.filter((code) => !['throttled', 'unreachable', 'internal'].includes(code));
  test.each(answered)('%s is an answer: the vault is there, and serves', async (code) => {
    failWith(new BackupError(code, 'refused'));
    await expect(governed.currentKey('k')).rejects.toMatchObject({ code });
    expect(governor.noted).toEqual(['run keys 2000', 'served']);
  });

  test.each<ErrorCode>(['unreachable', 'internal'])('%s is no answer', async (code) => {
    failWith(new BackupError(code, 'nothing'));
    await expect(governed.currentKey('k')).rejects.toMatchObject({ code });
    expect(governor.noted).toEqual(['run keys 2000']);
  });

  test('an error that is nobody’s answer passes through', async () => {
    const error = new TypeError('a bug');
    failWith(error);
    await expect(governed.rotationPolicy('k')).rejects.toBe(error);
    expect(governor.noted).toEqual(['run keys 2000']);
  });

  test('the region is no call', () => {
    expect(governed.region()).toBe('westeurope');
    expect(governor.noted).toEqual([]);
  });
});

describe('a measured vault', () => {
  test('counts every request once, and starts again after each take', async () => {
    const { vault, meter } = measuredVault(inner.calls);
    for (const [, , call] of everyCall) await call(vault);
    vault.region();
    expect(meter.take()).toEqual({ vault: everyCall.length, throttled: 0 });
    expect(meter.take()).toEqual({ vault: 0, throttled: 0 });
  });

  test('counts failed requests as requests, and only 429s as throttled', async () => {
    const { vault, meter } = measuredVault(inner.calls);
    for (const code of ['throttled', 'unreachable', 'throttled'] as const) {
      failWith(new BackupError(code, 'no'));
      await expect(vault.backup({ kind: 'secret', name: 's' })).rejects.toMatchObject({ code });
    }
    expect(meter.take()).toEqual({ vault: 3, throttled: 2 });
  });

  test('what is given back is counted again', async () => {
    const { vault, meter } = measuredVault(inner.calls);
    await vault.listPage('key', null);
    const taken = meter.take();
    await vault.listPage('key', null);
    meter.giveBack({ ...taken, throttled: 4 });
    expect(meter.take()).toEqual({ vault: 2, throttled: 4 });
  });

  test('answers and errors come back as they are', async () => {
    const { vault } = measuredVault(inner.calls);
    expect(await vault.currentKey('k')).toMatchObject({ keyType: 'RSA' });
    const error = new RangeError('as it is');
    failWith(error);
    await expect(vault.rotationPolicy('k')).rejects.toBe(error);
  });
});

describe('measured within governed, as the app stacks them', () => {
  test('a call that is sent back by the governor is no request', async () => {
    const { vault, meter } = measuredVault(inner.calls);
    const stacked = governedVault(vault, governor, jobPatience);
    await stacked.backup({ kind: 'secret', name: 's' });
    governor.refusesWith = new NotNow(9_000);
    await expect(stacked.backup({ kind: 'secret', name: 's' })).rejects.toBe(governor.refusesWith);
    expect(meter.take()).toEqual({ vault: 1, throttled: 0 });
    expect(inner.made).toHaveLength(1);
  });
});
