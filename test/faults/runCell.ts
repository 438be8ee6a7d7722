/**
 * One cell: the work under its fault, the invariants, then the same work undisturbed, which must be complete, and the
 * invariants again. Gives what is wrong, in words.
 */
import { activeRunOf } from '../e2e/runState.ts';
import { arm } from './arm.ts';
import { backUp, judgePoint, seedSource } from './backupWork.ts';
import type { Cell } from './cells.ts';
import { drill, judgeDrill, watchScratch } from './drillWork.ts';
import type { FaultStack } from './faultStack.ts';
import type { Work } from './moments.ts';
import { judgeRestore, lookBefore, restore, seedTarget } from './restoreWork.ts';
import type { Subject } from './stepWatch.ts';
import { damage, judgeSound, judgeVerification, verify } from './verifyWork.ts';

export interface Row {
  readonly cell: Cell;
  readonly seconds: number;
  readonly problems: readonly string[];
}

export interface Staged {
  readonly cell: Cell;
  readonly subject: Subject;
}

export async function runCell({ cell, subject }: Staged, stack: FaultStack): Promise<Row> {
  const from = performance.now();
  const problems: string[] = [];
  try {
    problems.push(...(await cellOf[cell.moment.work]({ cell, subject }, stack)));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  problems.push(...stack.ledger.violations.filter((violation) => violation.includes(`/${subject.vault}/`)));
  return { cell, seconds: (performance.now() - from) / 1000, problems };
}

const cellOf: Readonly<Record<Work, (staged: Staged, stack: FaultStack) => Promise<string[]>>> = {
  backup: backupCell,
  restore: restoreCell,
  replace: restoreCell,
  verify: verifyCell,
  drill: drillCell,
};

async function underFault<T>(
  { cell, subject }: Staged,
  stack: FaultStack,
  work: () => Promise<T>,
): Promise<T> {
  const armed = arm(cell.fault, { moment: cell.moment, subject, stack });
  try {
    const result = await work();
    if (armed.made() === 0) throw new Error('the fault was never made: the moment did not come');
    return result;
  } finally {
    await armed.lift();
  }
}

async function backupCell(staged: Staged, stack: FaultStack): Promise<string[]> {
  const { cell, subject } = staged;
  await seedSource(stack, subject.vault);
  const point = await underFault(staged, stack, () => backUp(stack, subject.vault));
  const problems = await judgePoint(stack, subject, point, cell.fault.end);
  const next = await backUp(stack, subject.vault);
  // A wrong blob that nobody could tell from a right one is carried, until it is captured anew.
  const undisturbed = cell.fault.end === 'unseen' ? 'unseen' : 'complete';
  problems.push(
    ...(await judgePoint(stack, subject, next, undisturbed)).map((problem) => `then: ${problem}`),
  );
  if (await activeRunOf(stack.e2e.stack, subject.vault)) problems.push('a run is left open');
  return problems;
}

async function restoreCell(staged: Staged, stack: FaultStack): Promise<string[]> {
  const { cell, subject } = staged;
  const work = cell.moment.work === 'replace' ? 'replace' : 'restore';
  if (work === 'replace') await seedTarget(stack, subject.vault);
  if (subject.source?.startsWith('own-')) {
    await seedSource(stack, subject.source);
    await backUp(stack, subject.source);
  }
  const before = lookBefore(stack, subject);
  const key = `${subject.vault}-disturbed`;
  const detail = await underFault(staged, stack, () => restore(stack, subject, work, key));
  const problems = await judgeRestore(stack, subject, detail, before, cell.fault.end);
  const next = await restore(stack, subject, work, `${subject.vault}-undisturbed`);
  // What a wrong copy lost, nobody brings back.
  const undisturbed = cell.fault.end === 'unseen' ? 'unseen' : 'complete';
  const later = await judgeRestore(stack, subject, next, before, undisturbed);
  const after = new Map(next.objects.map(({ object, outcome }) => [object, outcome]));
  for (const object of cell.moment.work === 'replace'
    ? ['secrets/one', 'keys/signing']
    : before.source.keys())
    if (!after.has(object)) later.push(`${object} was not asked for`);
  return [...problems, ...later.map((problem) => `then: ${problem}`)];
}

/** One blob is damaged: a verification under a fault must find that, and call nothing else bad. */
async function verifyCell(staged: Staged, stack: FaultStack): Promise<string[]> {
  const { cell, subject } = staged;
  const { vault } = subject;
  await seedSource(stack, vault);
  const damaged = await damage(stack, vault, await backUp(stack, vault));
  const found = await underFault(staged, stack, () => verify(stack, vault));
  const problems = await judgeVerification(stack, found, damaged, cell.fault.end);
  const again = await judgeVerification(stack, await verify(stack, vault), damaged, 'complete');
  problems.push(...again.map((problem) => `then: ${problem}`));
  const next = await backUp(stack, vault);
  const sound = await judgeSound(stack, vault, next, damaged);
  return [...problems, ...sound.map((problem) => `then: ${problem}`)];
}

async function drillCell(staged: Staged, stack: FaultStack): Promise<string[]> {
  const { cell, subject } = staged;
  await seedSource(stack, subject.source ?? '');
  await backUp(stack, subject.source ?? '');
  const seen = watchScratch(stack, subject);
  try {
    const record = await underFault(staged, stack, () => drill(stack, subject));
    const problems = await judgeDrill(stack, subject, record, seen.sinceLast(), cell.fault.end);
    const next = await drill(stack, subject);
    const later = await judgeDrill(stack, subject, next, seen.sinceLast(), 'complete');
    return [...problems, ...later.map((problem) => `then: ${problem}`)];
  } finally {
    seen.stop();
  }
}
