/** Runs cells on shared stacks: those that disturb nobody many at once, the others few or alone; tells each row as it ends. */

import { backUp, seedSource } from './backupWork.ts';
import type { Cell } from './cells.ts';
import { type FaultStack, startFaultStack } from './faultStack.ts';
import { type Row, runCell, type Staged } from './runCell.ts';

/** Each cell has one or two vaults of its own, and each vault a server. */
const cellsPerStack = 80;
const sharedSource = 'source';

export async function runCells(cells: readonly Cell[], tell: (row: Row) => void): Promise<void> {
  for (let from = 0; from < cells.length; from += cellsPerStack) {
    const staged = stage(cells.slice(from, from + cellsPerStack));
    const stack = await startStackFor(staged);
    try {
      for (const atOnce of new Set(staged.map(({ cell }) => cell.atOnce)))
        await pool(
          atOnce,
          staged.filter(({ cell }) => cell.atOnce === atOnce),
          stack,
          tell,
        );
    } finally {
      await stack.stop();
    }
  }
}

/** A restore that is disturbed while it reads backups has a source of its own, so that nobody else's reads are hit. */
function stage(cells: readonly Cell[]): Staged[] {
  return cells.map((cell, position) => {
    const number = String(position + 1).padStart(3, '0');
    if (cell.moment.work === 'backup' || cell.moment.work === 'verify')
      return { cell, subject: { vault: `${cell.moment.work}-${number}`, source: null } };
    if (cell.moment.work === 'drill')
      return { cell, subject: { vault: `scratch-${number}`, source: `own-${number}` } };
    const source = cell.moment.blob?.container === 'backups' ? `own-${number}` : sharedSource;
    return { cell, subject: { vault: `target-${number}`, source } };
  });
}

async function startStackFor(staged: readonly Staged[]): Promise<FaultStack> {
  const isDrill = ({ cell }: Staged) => cell.moment.work === 'drill';
  const restores = staged.filter((one) => one.subject.source !== null && !isDrill(one));
  const drills = new Map(staged.filter(isDrill).map(({ subject }) => [subject.vault, subject.source ?? '']));
  const sources = [
    sharedSource,
    ...staged.flatMap(({ subject }) => (subject.source === null ? [subject.vault] : [])),
    ...restores.flatMap(({ subject }) => (subject.source?.startsWith('own-') ? [subject.source] : [])),
  ];
  const targets = new Map(restores.map(({ subject }) => [subject.vault, subject.source ?? '']));
  const slowTargets = new Set(
    restores.filter(({ cell }) => cell.moment.slowTarget).map(({ subject }) => subject.vault),
  );
  // The restore app wants one target at least.
  if (targets.size === 0) targets.set('target-none', sharedSource);
  const stack = await startFaultStack({ sources, targets, slowTargets, drills });
  await seedSource(stack, sharedSource);
  await backUp(stack, sharedSource);
  return stack;
}

async function pool(
  width: number,
  staged: readonly Staged[],
  stack: FaultStack,
  tell: (row: Row) => void,
): Promise<void> {
  const queue = [...staged];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) tell(await runCell(next, stack));
  };
  await Promise.all(Array.from({ length: width }, worker));
}
