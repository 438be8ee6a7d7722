/** Timer functions on a running host: ticks, past due, status, retries, and what the function is given. */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import { parseSchedule } from './cron.ts';
import type { HostOptions, LocalHost } from './host.ts';
import { countLines, eventually, logged, start, stopHosts } from './testTools.ts';
import { createTimerStatusStore, type ScheduleStatus, type TimerStatusStore } from './timerStatus.ts';

const HOURLY = '0 0 * * * *';
const HOUR_MS = 3_600_000;
let azurite: Azurite;
let hostId = '';
let hostIds = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(() => {
  hostId = `timers-${++hostIds}`;
});
afterEach(stopHosts);
afterAll(() => azurite.stop());

interface Begin {
  timer: {
    schedule: { adjustForDST: boolean };
    scheduleStatus: { last: string; next: string; lastUpdated: string } | null;
    isPastDue: boolean;
  };
  retry: { retryCount: number; maxRetryCount: number; exception: { message: string } } | null;
}

function startTimer(env: Record<string, string>, options: Partial<HostOptions> = {}): Promise<LocalHost> {
  return start('timers', {
    hostId,
    env: { AzureWebJobsStorage: azurite.connectionString, ...env },
    ...options,
  });
}
const store = (): TimerStatusStore => createTimerStatusStore(azurite.connectionString, hostId);
const begins = (host: LocalHost) => logged<Begin>(host, 'begin');
const stored = (): Promise<ScheduleStatus> => eventually('a stored status', () => store().read('tick'));

/** A status as an earlier host left it: ran at `last`, next occurrence by the hourly schedule. */
async function leaveBehind(last: Date): Promise<ScheduleStatus> {
  const status = { last, next: parseSchedule(HOURLY, 'test').next(last), lastUpdated: last };
  await store().write('tick', status);
  return status;
}

test('a first start stores the next occurrence and does not run', async () => {
  const host = await startTimer({ SCHEDULE: HOURLY });
  const status = await stored();
  expect(status.last).toBeUndefined();
  expect(status.next).toEqual(parseSchedule(HOURLY, 'test').next(status.lastUpdated));
  const blob = BlobServiceClient.fromConnectionString(azurite.connectionString)
    .getContainerClient('azure-webjobs-hosts')
    .getBlobClient(`timers/${hostId}/Host.Functions.tick/status`);
  const json = JSON.parse((await blob.downloadToBuffer()).toString('utf8')) as Record<string, string>;
  expect(Object.keys(json)).toEqual(['Last', 'Next', 'LastUpdated']);
  expect(json['Last']).toBe('0001-01-01T00:00:00');
  expect(begins(host)).toEqual([]);
});

test('missed occurrences make one run that is past due, and the next start makes none', async () => {
  const left = await leaveBehind(new Date(Date.now() - 5 * HOUR_MS));
  const host = await startTimer({ SCHEDULE: HOURLY, ON_STARTUP: 'yes' }); // past due wins
  const begin = await eventually('the run', () => begins(host)[0]);
  expect(begin.timer.isPastDue).toBe(true);
  expect(begin.timer.schedule).toEqual({ adjustForDST: true });
  expect(new Date(begin.timer.scheduleStatus?.next ?? 0)).toEqual(left.next);
  const status = await eventually('the new status', async () => {
    const now = await store().read('tick');
    return now !== undefined && now.next > new Date() ? now : false;
  });
  expect(Date.now() - (status.last?.getTime() ?? 0)).toBeLessThan(10_000);
  await host.stop();
  expect(begins(host)).toHaveLength(1);

  const second = await startTimer({ SCHEDULE: HOURLY, ON_STARTUP: 'yes' }); // shows when it has begun
  expect((await eventually('the run', () => begins(second)[0])).timer.isPastDue).toBe(false);
});

test('an occurrence fires on time, as the one that the status names, and is stored as the last', async () => {
  const due = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000);
  const host = await startTimer({ SCHEDULE: `${due.getUTCSeconds()} ${due.getUTCMinutes()} * * * *` });
  const begin = await eventually('the tick', () => begins(host)[0]);
  expect(begin.timer.isPastDue).toBe(false);
  expect(new Date(begin.timer.scheduleStatus?.next ?? 0)).toEqual(due);
  const status = await eventually('the new status', async () => {
    const now = await store().read('tick');
    return now?.last === undefined ? false : now;
  });
  expect((status.last?.getTime() ?? 0) - due.getTime()).toBeLessThan(2_000);
  expect(status.next).toEqual(new Date(due.getTime() + HOUR_MS));
  expect(begins(host)).toHaveLength(1);
});

test('several times a minute: no status, and runs that never overlap', async () => {
  const host = await startTimer({ SCHEDULE: '* * * * * *', TAKES_MS: '1300' });
  await eventually('two runs', () => begins(host).length === 2);
  const order = host.logs
    .map(({ message }) => message.split(' ')[0])
    .filter((word) => word === 'begin' || word === 'end');
  expect(order).toEqual(['begin', 'end', 'begin']);
  expect(begins(host)[0]?.timer.scheduleStatus).toBeNull();
  expect(await store().read('tick')).toBeUndefined();
});

test('a failing run is retried with a retryContext, then waits for its next occurrence', async () => {
  const host = await startTimer({ SCHEDULE: HOURLY, ON_STARTUP: 'yes', FAIL: 'yes', RETRY: 'yes' });
  await eventually('the last attempt', () => begins(host).length === 3);
  await host.idle();
  expect(
    begins(host).map(
      ({ retry }) => retry && [retry.retryCount, retry.maxRetryCount, retry.exception.message],
    ),
  ).toEqual([null, [1, 2, 'tick failed'], [2, 2, 'tick failed']]);
  const status = await stored();
  expect(status.last).toBeDefined();
  // A run out of turn does not use up the occurrence that comes next.
  expect(status.next).toEqual(parseSchedule(HOURLY, 'test').next(status.last ?? new Date(0)));
  expect(status.next.getTime() - Date.now()).toBeLessThanOrEqual(HOUR_MS);
});

test('a manual run has the current status, no retries, and leaves the status alone', async () => {
  const left = await leaveBehind(new Date());
  const host = await startTimer({ SCHEDULE: HOURLY, FAIL: 'yes', RETRY: 'yes' }, { timers: false });
  await expect(host.invoke('tick')).rejects.toThrow('tick failed');
  expect(begins(host)).toHaveLength(1);
  expect(begins(host)[0]?.timer.isPastDue).toBe(false);
  expect(new Date(begins(host)[0]?.timer.scheduleStatus?.next ?? 0)).toEqual(left.next);
  expect(await store().read('tick')).toEqual(left);
});

test('with timers switched off nothing fires by itself', async () => {
  await leaveBehind(new Date(Date.now() - 5 * HOUR_MS));
  const host = await startTimer({ SCHEDULE: HOURLY, ON_STARTUP: 'yes' }, { timers: false });
  await host.invoke('tick');
  expect(countLines(host, "Executing 'Functions.tick'")).toBe(1);
});

test('without blob storage the status is kept in a file', async () => {
  const status = {
    last: undefined,
    next: new Date('2030-01-01T00:00:00Z'),
    lastUpdated: new Date('2029-01-01T00:00:00Z'),
  };
  const queuesOnly = azurite.connectionString.replace(/BlobEndpoint=[^;]*;/, '');
  const id = `files-${process.pid}`;
  await createTimerStatusStore(queuesOnly, id).write('tick', status);
  expect(await createTimerStatusStore(undefined, id).read('tick')).toEqual(status);
  expect(await createTimerStatusStore(azurite.connectionString, id).read('tick')).toBeUndefined();
});
