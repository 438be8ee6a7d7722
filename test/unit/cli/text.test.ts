/** What people read: tables, ages, progress on a terminal. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { barOf, progressOf } from '../../../cli/progress.ts';
import { ago, countsText, table } from '../../../cli/text.ts';

test('columns are as wide as their widest cell, and what is not known is a dash', () => {
  const rows = [
    ['NAME', 'AGE'],
    ['a-long-name', null],
    ['b', '3 d'],
  ];
  expect(table(rows)).toBe('NAME         AGE\na-long-name  -\nb            3 d');
});

test.each([
  [0, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [7199, '119 min'],
  [7200, '2 h'],
  [172_800, '2 d'],
])('%i seconds are %s', (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});

test('counts leave out what there is none of', () => {
  expect(countsText({ stored: 1234, gone: 0, failed: 1, skipped: undefined })).toBe('1234 stored, 1 failed');
  expect(countsText({})).toBe('nothing');
});

test.each([
  [0, null, 0],
  [0, 4, 0],
  [1, 4, 6],
  [4, 4, 24],
  // More was captured than was planned: a second pass.
  [6, 4, 24],
  [0, 0, 24],
])('a bar of %i of %s has %i full cells', (done, total, full) => {
  expect(barOf(done, total).match(/█/g) ?? []).toHaveLength(full);
});

test('on a terminal the bar is drawn over itself, in one line, and is gone at the end', () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
  const io = { stderr, stdin: new PassThrough(), stdout: new PassThrough(), env: {}, sleep: async () => {} };
  const progress = progressOf(io, 'a-vault', false);
  progress.show({ step: 'capture of a step with a long name', done: 1, total: 2 });
  progress.end();
  const drawn = String(stderr.read());
  expect(drawn).not.toContain('\n');
  expect(drawn.startsWith('\u001b[1G\u001b[2Ka-vault  ████████████░░░░░░░░░░░░ 1 of')).toBe(true);
  expect(drawn.endsWith('\u001b[1G\u001b[2K')).toBe(true);
});
