/** When a message takes work a step further: not before it is due, unless the clock that said when was wrong. */
import { expect, test } from 'vitest';
import { advance } from '../../../shared/engine/advance.ts';
import { fakeClock } from '../../fakes/fakeClock.ts';

const minuteMs = 60_000;

function machine(dueInMs: number, stepDelayMs = 0) {
  const clock = fakeClock();
  const inMs = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
  const putBack: number[] = [];
  const written: { deadline: string; nextAt: string }[] = [];
  const state = { deadline: inMs(12 * 60 * minuteMs), nextAt: inMs(dueInMs) };
  const run = () =>
    advance({
      clock,
      read: async () => ({ state, held: null }),
      step: async () => ({ state, delayMs: stepDelayMs, ended: stepDelayMs === 0 }),
      putBack: async (_state, delayMs) => void putBack.push(delayMs),
      async write(next) {
        written.push(next);
        return true;
      },
    });
  return { run, putBack, written, inMs };
}

test.each([
  ['is due', 0, 'ended'],
  ['was due', -minuteMs, 'ended'],
  ['is due later', 29 * minuteMs, 'early'],
  ['is due later than any step waits: a wrong clock wrote it', 31 * minuteMs, 'ended'],
])('work that %s', async (_what, dueInMs, result) => {
  expect(await machine(dueInMs).run()).toBe(result);
});

test('a step that would wait for hours looks again after half an hour', async () => {
  const { run, putBack, written, inMs } = machine(0, 5 * 60 * minuteMs);
  expect(await run()).toBe('waiting');
  expect(putBack).toEqual([30 * minuteMs]);
  expect(Date.parse(written[0]?.nextAt ?? '')).toBeLessThanOrEqual(Date.parse(inMs(30 * minuteMs)));
});
