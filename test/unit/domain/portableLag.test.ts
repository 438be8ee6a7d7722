/** When portable copies are late: after the deadline of the plan, and never for what nobody would copy. */
import { describe, expect, test } from 'vitest';
import { portableLag, type SealedAt } from '../../../shared/domain/portableLag.ts';

const sealed = (hour: string, status = 'complete'): SealedAt => ({
  runId: `20261122T${hour}0000Z`,
  status,
  sealedAt: new Date(`2026-11-22T${hour}:10:00Z`),
});
/** The copies of the point of that hour, sealed at this time. */
const copied = (hour: string, at: string): SealedAt => ({ ...sealed(hour), sealedAt: new Date(at) });

const lag = (points: readonly SealedAt[], latest: SealedAt | null, now: string) =>
  portableLag(points, latest, {
    deadlineMinutes: 60,
    retentionMs: 90 * 86_400_000,
    now: new Date(now),
  });

describe('with a deadline of an hour', () => {
  const done = copied('02', '2026-11-22T02:20:00Z');

  test.each<[string, SealedAt[], SealedAt | null, string, string | null]>([
    ['nothing was backed up', [], null, '2026-11-23T02:00:00Z', null],
    ['the newest point has copies', [sealed('02')], done, '2026-11-23T02:00:00Z', null],
    ['a point without any may still get them', [sealed('02')], null, '2026-11-22T03:40:00Z', null],
    ['it has waited for longer', [sealed('02')], null, '2026-11-22T03:40:01Z', '20261122T020000Z'],
    ['a newer one has copies', [sealed('01'), sealed('02')], done, '2026-11-23T02:00:00Z', null],
    [
      'points go on and copies do not: the first that waits counts',
      [sealed('02'), sealed('03'), sealed('04')],
      done,
      '2026-11-22T04:41:00Z',
      '20261122T030000Z',
    ],
    [
      'copies of the point before took until its deadline: the next begins then',
      [sealed('02'), sealed('03')],
      copied('02', '2026-11-22T03:20:00Z'),
      '2026-11-22T04:50:00Z',
      null,
    ],
    ['a failed point has nothing to copy', [sealed('02', 'failed')], null, '2026-11-23T02:00:00Z', null],
    ['a partial one has', [sealed('02', 'partial')], null, '2026-11-23T02:00:00Z', '20261122T020000Z'],
    ['an expired one is not copied any more', [sealed('02')], null, '2027-02-20T02:10:00Z', null],
  ])('%s', (_what, points, latest, now, waiting) => {
    expect(lag(points, latest, now)?.runId ?? null).toBe(waiting);
  });

  test('how long nothing came is counted from the later of point and copies before it', () => {
    expect(lag([sealed('02')], null, '2026-11-22T04:10:00Z')?.seconds).toBe(7200);
    const late = copied('02', '2026-11-22T03:20:00Z');
    expect(lag([sealed('02'), sealed('03')], late, '2026-11-22T05:20:00Z')?.seconds).toBe(7200);
  });
});
