/**
 * `npm run test:faults`: one row per cell and a closing line of counts. The short share, or everything with `--all`;
 * `--only <text>` runs the cells whose name has this text. `--part 1/3` runs every third of what was chosen,
 * `--from 800` begins at the 801st of it: a table that was interrupted can be gone on with.
 */
import { buildApp } from '../../scripts/build.mjs';
import { type Cell, shortShare, tableOf } from './cells.ts';
import { runCells } from './runCells.ts';

const option = (name: string): string | null => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? '');
};

function chosen(cells: readonly Cell[]): readonly Cell[] {
  const only = option('only');
  const all =
    only !== null
      ? cells.filter(({ name }) => name.includes(only))
      : process.argv.includes('--all')
        ? cells
        : shortShare(cells);
  const [part = 1, parts = 1] = (option('part') ?? '1/1').split('/').map(Number);
  const from = Number(option('from') ?? 0);
  return all.filter((_, position) => position % parts === part - 1).slice(from);
}

await buildApp();
const { cells, leftOut } = tableOf();
const from = performance.now();
const counts = { passed: 0, failed: 0 };
await runCells(chosen(cells), ({ cell, seconds, problems }) => {
  const ok = problems.length === 0;
  counts[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(5)} s  ${cell.name}`);
  for (const problem of problems) console.log(`                ${problem}`);
});
for (const { reason, count } of leftOut) console.log(`left out ${String(count).padStart(4)}: ${reason}`);
console.log(`${((performance.now() - from) / 1000).toFixed(0)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
// Whatever a failed cell left open must not hold up what comes next.
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
