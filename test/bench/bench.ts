/**
 * `npm run bench`: every figure of speed side by side in one run, as a table. `-- --quick` takes under three minutes;
 * `-- --only 1,4` measures single figures. A full run writes docs/performance.md and docs/rate.svg; a quick one does so
 * only with `--write`, and says so there.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build.mjs';
import { writeDocument } from './document.ts';
import { figures } from './figures/all.ts';
import type { Options } from './rows.ts';
import { printHead, printResult, type Result } from './table.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const wanted = values.only?.split(',').map(Number);
const options: Options = {
  quick: values.quick,
  write: wanted === undefined && (values.write || !values.quick),
};

// By default a signal ends a process without its exit handlers, and the emulator would outlive it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const load = loadavg()[0] ?? 0;
const begunAt = Date.now();
await buildApp();
printHead();
const results: Result[] = [];
for (const figure of figures) {
  if (wanted && !wanted.includes(figure.number)) continue;
  const from = Date.now();
  const done = (rows: Result['rows'], trouble: string | null): Result => ({
    figure,
    rows,
    trouble,
    seconds: (Date.now() - from) / 1000,
  });
  const result = await figure.measure(options).then(
    (rows) => done(rows, null),
    (error: unknown) => done([], error instanceof Error ? error.message : String(error)),
  );
  results.push(result);
  printResult(result);
}
const seconds = (Date.now() - begunAt) / 1000;
console.log(`\n${seconds.toFixed(0)} s in all; load before it began ${load.toFixed(2)}`);
if (options.write) await writeDocument(results, { quick: options.quick, seconds, load });
// What a failed figure may have left behind must not keep the process.
process.exit(results.some(({ trouble }) => trouble !== null) ? 1 : 0);
