/** The chart: calls per second over time as bars, the budget as a line, pauses shaded, 429s as dots. Plain SVG. */
import type { TimelineRow } from '../emulator/counters.ts';

const width = 860;
const height = 320;
const left = 50;
const top = 30;
const right = 20;
const bottom = 44;
/** A gap this long between two calls, after a 429, is a pause. */
const shortestPauseMs = 900;

export function rateChart(rows: readonly TimelineRow[], budget: number): string {
  const calls = rows.toSorted((a, b) => a.at - b.at);
  const begin = calls[0]?.at ?? 0;
  const seconds = Math.ceil(((calls.at(-1)?.at ?? begin) - begin) / 1000) + 1;
  const perSecond = Array.from({ length: seconds }, () => 0);
  for (const { at } of calls) {
    const second = Math.floor((at - begin) / 1000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  }
  const highest = Math.max(budget / 10, ...perSecond) * 1.15;
  const x = (second: number) => round(left + (second / seconds) * (width - left - right));
  const y = (rate: number) => round(height - bottom - (rate / highest) * (height - top - bottom));
  const bar = (rate: number, second: number) =>
    `<rect x="${x(second)}" y="${y(rate)}" width="${round(x(second + 1) - x(second) - 1)}" height="${round(y(0) - y(rate))}" fill="#3b76b8"/>`;
  const shade = ([from, to]: [number, number]) =>
    `<rect x="${x(from)}" y="${top}" width="${round(x(to) - x(from))}" height="${y(0) - top}" fill="#e8b04a" opacity="0.35"/>`;
  const dot = ({ at }: TimelineRow) =>
    `<circle cx="${x((at - begin) / 1000)}" cy="${top + 6}" r="3" fill="#b3261e"/>`;
  const step = seconds > 40 ? 10 : 5;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>Calls per second during a run that meets 429s, budget ${budget} per 10 seconds</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...pausesOf(calls, begin).map(shade),
    ...perSecond.map(bar),
    `<line x1="${left}" x2="${width - right}" y1="${y(budget / 10)}" y2="${y(budget / 10)}" stroke="#2e7d32" stroke-dasharray="6 4"/>`,
    text(width - right, y(budget / 10) - 5, `budget ${budget / 10}/s`, 'end', '#2e7d32'),
    ...calls.filter(({ status }) => status === 429).map(dot),
    `<line x1="${left}" x2="${width - right}" y1="${y(0)}" y2="${y(0)}" stroke="#444444"/>`,
    ...ticks.map((second) => text(x(second), y(0) + 16, `${second} s`, 'middle')),
    text(left - 6, y(0), '0', 'end'),
    text(left - 6, y(budget / 10) + 4, String(budget / 10), 'end'),
    text(left, 18, 'Calls per second to the vault (bars), 429s (red), pauses (shaded)', 'start'),
    '</svg>',
    '',
  ].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;

const text = (x: number, y: number, words: string, anchor: string, fill = '#222222'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;

/** From the last call before the silence to the first after it, in seconds from the beginning. */
function pausesOf(calls: readonly TimelineRow[], begin: number): [number, number][] {
  return calls.flatMap(({ at }, index): [number, number][] => {
    const next = calls[index + 1];
    const refused = calls.slice(Math.max(0, index - 40), index + 1).some(({ status }) => status === 429);
    if (!next || !refused || next.at - at < shortestPauseMs) return [];
    return [[(at - begin) / 1000, (next.at - begin) / 1000]];
  });
}
