/** The report of a move: how each object travels, what is lost, what clashes, what became of it, from rows of facts. */
import { describe, expect, test } from 'vitest';
import { settingsAgain } from '../../../shared/domain/moveAdvice.ts';
import { type EndFacts, type ReportFacts, reportOf } from '../../../shared/domain/moveBuild.ts';
import { moveReport } from '../../../shared/domain/moveReport.ts';
import type { RestoredObject } from '../../../shared/domain/moveTravel.ts';
import { alreadyThere } from '../../../shared/domain/restorePlan.ts';
import { noCopies } from '../../../shared/domain/restorePlanPortable.ts';
import { byObject, copy, facts, key, object, planned } from './moveFacts.ts';

const onlyRow = (...given: Parameters<typeof facts>) => reportOf(facts(...given)).objects[0];

describe('before the move', () => {
  test.each<[string, Partial<RestoredObject>, object]>([
    ['a free name', {}, { travels: 'native', loses: [] }],
    ['either way', { travels: 'either' }, { travels: 'either' }],
    ['what is there already', { action: 'skip', why: alreadyThere }, { travels: 'there' }],
    [
      'what is left alone by policy',
      { action: 'skip', why: 'left alone' },
      { travels: 'not', why: 'left alone' },
    ],
    ['a conflict', { action: 'conflict', why: 'taken' }, { travels: 'not', why: 'taken' }],
    [
      'what cannot leave',
      { action: 'blocked', why: 'never leaves', travels: 'portable' },
      { travels: 'not' },
    ],
    ['a replacement', { action: 'replace' }, { travels: 'native' }],
  ])('%s', (_what, fields, row) => {
    expect(onlyRow([object(key)], [planned(key, fields)])).toMatchObject({
      object: key,
      became: null,
      ...row,
    });
  });

  test('what the point does not hold does not travel, and says why', () => {
    const lines = [
      object(key, { outcome: 'failed', reason: 'tooManyVersions: it had 502 versions', blob: null }),
    ];
    expect(onlyRow(lines, [])).toMatchObject({ travels: 'not', why: 'tooManyVersions: it had 502 versions' });
  });

  test('what a certificate owns is not told, nor what was deleted', () => {
    const managed = object('keys/www', {
      outcome: 'skipped',
      reason: 'managed: travels with its certificate',
    });
    const gone = object('secrets/gone', { outcome: 'gone', blob: null });
    const left = object('secrets/left', { outcome: 'skipped', reason: 'excluded', blob: null });
    expect(reportOf(facts([managed, gone, left], [])).objects.map((row) => row.object)).toEqual([
      'secrets/left',
    ]);
  });

  test('a copy loses version ids, dates, and the versions that it leaves out', () => {
    const copies = new Map([copy(key, { leftOut: { older: 4, disabled: 1 } })]);
    const row = onlyRow([object(key)], [planned(key, { travels: 'portable' })], { copies });
    expect(row?.loses).toEqual([
      'version ids',
      'created and updated dates',
      expect.stringContaining('4 older versions'),
      expect.stringContaining('1 disabled versions'),
    ]);
  });

  test.each<[number, RegExp]>([
    [1, /^$/],
    [10, /^$/],
    [11, /^11 versions: above about 10/],
    [400, /^400 versions: above about 10/],
    [401, /^400 past versions: at 500 no backup/],
  ])('%s versions', (versions, note) => {
    const row = onlyRow([object(key, { versions })], [planned(key)]);
    expect(row?.notes.join()).toMatch(note);
  });

  test('an HSM key needs a Premium target; a rotation policy comes along', () => {
    const rotationPolicy = { expiryTime: null, actions: [] };
    const row = onlyRow([object('keys/k', { keyType: 'RSA-HSM', rotationPolicy })], [planned('keys/k')]);
    expect(row?.notes).toEqual([expect.stringMatching(/Premium/), expect.stringMatching(/rotation policy/)]);
  });

  test('names that clash stand apart, with what to do', () => {
    const report = reportOf(facts([object(key)], [planned(key, { action: 'conflict', why: 'taken' })]));
    expect(report.clashes).toEqual([
      { object: key, why: 'taken', todo: expect.stringContaining('--on-conflict') },
    ]);
  });

  test.each<[string, Partial<ReportFacts>, RegExp]>([
    ['the plan makes no copies', { planPortable: false }, /the plan of a makes none/],
    ['the target takes none', { target: { allowReplace: true, portable: false } }, /b takes none/],
    ['they are not made yet', {}, /not made yet/],
    ['mode native', { mode: 'native' }, /mode native does not use/],
  ])('without portable copies it says what to switch on: %s', (_what, more, why) => {
    const report = reportOf(facts([object(key)], [planned(key, noCopies)], more));
    expect(report.needs).toEqual([
      { object: '**', why: expect.stringMatching(why), todo: expect.any(String) },
    ]);
  });

  test('a target that allows no replacement is told before it matters', () => {
    const { needs } = reportOf(
      facts([object(key)], [planned(key)], { target: { allowReplace: false, portable: true } }),
    );
    expect(needs).toEqual([expect.objectContaining({ todo: expect.stringContaining('allowReplace') })]);
  });

  test('settings that differ are told, and those that no record shows are set by hand', () => {
    const row = {
      setting: 'sku',
      source: 'premium',
      target: 'standard',
      command: 'az',
      removes: false,
      byHand: null,
    };
    const rows = [
      { ...row, change: 'differs' as const },
      { ...row, setting: 'tag', change: 'unknown' as const },
    ];
    const named = (gaps: Parameters<typeof settingsAgain>[1]) =>
      settingsAgain(rows, gaps).map(({ setting }) => setting);
    expect(named([])).toEqual(['sku']);
    expect(named([{ part: 'settings', reason: 'forbidden' }])).toEqual(
      expect.arrayContaining(['sku', 'network']),
    );
  });

  test('versions that nobody has counted are told', () => {
    const { needs } = reportOf(facts([object(key, { versions: null })], [planned(key)]));
    expect(needs).toEqual([
      expect.objectContaining({ todo: expect.stringContaining('kvb backup a --full') }),
    ]);
  });

  test('it is a report of format 1, with settings by hand, an estimate, and a way over for what uses the vault', () => {
    const report = reportOf(facts([object(key), object('keys/k')], [planned(key), planned('keys/k')]));
    expect(moveReport.parse(report)).toEqual(report);
    expect(report.setAgain.map(({ setting }) => setting)).toContain('purge protection');
    expect(report.estimate).toMatchObject({ seconds: 2, calls: 16 });
    expect(report.cutOver.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['secrets', 'keys', 'purge protection']),
    );
    expect(report.cutOver.map(({ what }) => what)).not.toContain('certificates');
  });
});

describe('after the move', () => {
  const end = (more: Partial<EndFacts> = {}): EndFacts => ({
    startedAt: '2026-11-22T02:30:00.000Z',
    recoveryPoints: ['20261122T020000Z', '20261122T025000Z'],
    restores: [],
    comparison: { missing: [], differs: [], more: [], unknown: [] },
    pass: { replace: [], bring: [], left: [], lost: [] },
    final: new Map(),
    ...more,
  });
  const done = (outcome: RestoredObject['outcome'], fields: Partial<RestoredObject> = {}) =>
    planned(key, { outcome, ...fields });

  test.each<[string, RestoredObject, Partial<EndFacts>, string, string]>([
    ['moved', done('restored'), {}, 'moved', 'complete'],
    ['there before', done('skipped', { action: 'skip', why: alreadyThere }), {}, 'there', 'complete'],
    ['failed', done('failed', { reason: 'forbidden', hint: 'assign the role' }), {}, 'not', 'partial'],
    ['differs', done('differs', { reason: 'issuer' }), {}, 'moved', 'partial'],
    [
      'replaced by the final pass',
      done('replaced'),
      { pass: { replace: [key], bring: [], left: [], lost: [] }, final: byObject([done('replaced')]) },
      'moved',
      'complete',
    ],
    [
      'not replaced by the final pass',
      done('restored'),
      {
        pass: { replace: [key], bring: [], left: [], lost: [] },
        final: byObject([done('blocked', { action: 'blocked', reason: 'allowReplace' })]),
      },
      'stale',
      'partial',
    ],
    [
      'changed, and not in the final point',
      done('restored'),
      { pass: { replace: [], bring: [], left: [], lost: [{ object: key, why: 'unreachable' }] } },
      'stale',
      'partial',
    ],
    [
      'missing in the comparison',
      done('restored'),
      { comparison: { missing: [key], differs: [], more: [], unknown: [] } },
      'moved',
      'partial',
    ],
  ])('%s', (_what, restored, more, became, status) => {
    const report = reportOf(facts([object(key)], [restored]), end(more));
    expect([report.objects[0]?.became, report.outcome?.status]).toEqual([became, status]);
    expect(report.outcome?.stale.length === 1).toBe(became === 'stale');
    expect(moveReport.parse(report)).toEqual(report);
  });

  test('what did not come does not travel, and says what its restore said', () => {
    const failed = done('failed', { reason: 'forbidden: assign the role' });
    const [row] = reportOf(facts([object(key)], [failed]), end()).objects;
    expect(row).toMatchObject({ travels: 'not', why: 'forbidden: assign the role', loses: [] });
  });

  test('what is stale says how to replace it, once that is allowed', () => {
    const pass = { replace: [key], bring: [], left: [], lost: [] };
    const final = byObject([done('blocked', { action: 'blocked', reason: 'RESTORE_TARGETS, allowReplace' })]);
    const { outcome } = reportOf(facts([object(key)], [done('restored')]), end({ pass, final }));
    expect(outcome?.stale).toEqual([
      {
        object: key,
        why: 'RESTORE_TARGETS, allowReplace',
        todo: expect.stringMatching(
          /kvb restore a secrets\/db-password --target b --point 20261122T020000Z --on-conflict replace/,
        ),
      },
    ]);
  });
});
