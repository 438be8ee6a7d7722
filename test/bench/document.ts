/** Writes docs/performance.md: the last result, the machine, how to repeat it. */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { notes } from './notes.ts';
import { markdownTable, type Result } from './table.ts';

const file = path.resolve(import.meta.dirname, '../../docs/performance.md');

export interface Circumstances {
  readonly quick: boolean;
  readonly seconds: number;
  /** Of the last minute, before the bench began. */
  readonly load: number;
}

export async function writeDocument(results: readonly Result[], how: Circumstances): Promise<void> {
  const model = cpus()[0]?.model ?? 'unknown';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const kind = how.quick
    ? '**This is a quick run: fewer objects than the targets name, one or few repetitions.** Run `npm run bench` for the full one.'
    : 'This is a full run.';
  const details = results.flatMap(({ figure, rows, seconds }) => {
    const said = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]));
    return said.length === 0
      ? []
      : [`**${figure.number}. ${figure.title}** (${seconds.toFixed(0)} s)`, '', ...said, ''];
  });
  const lines = [
    '# Performance',
    '',
    'Written by `npm run bench`; do not edit. The targets are those of the project, left in the table whether met or not.',
    '',
    kind,
    '',
    `Machine: ${cpus().length} cores (${model}), ${memory}, Node ${process.version}, ${process.platform}; load before it began ${how.load.toFixed(2)}. ${new Date().toISOString().slice(0, 16)}Z, ${Math.round(how.seconds)} s in all.`,
    '',
    'To repeat: `npm run bench` (full), `npm run bench -- --quick` (under three minutes), `npm run bench -- --only 1,4` (single figures).',
    '',
    markdownTable(results),
    '',
    '`n` is the number of repetitions; "met?" is judged on the median.',
    '',
    '![Calls per second during a run with 429s](rate.svg)',
    '',
    '## Sizes, and what was saturated',
    '',
    ...details,
    ...notes,
    '',
  ];
  await writeFile(file, lines.join('\n'));
}
