/** A backup under a fault: what is prepared, how it is brought to its end, and what must be true of it then. */
import type { Line, Point } from '../e2e/harness.ts';
import { absentFrom, problemsOf } from '../e2e/reader.ts';
import { activeRunOf } from '../e2e/runState.ts';
import type { Cell } from './cells.ts';
import type { FaultStack } from './faultStack.ts';
import type { Subject } from './stepWatch.ts';
import { untilStep } from './untilStep.ts';

export async function seedSource({ control }: FaultStack, vault: string): Promise<void> {
  for (const name of ['one', 'two', 'three'])
    control.seed.secret(vault, { name, value: `${name} of ${vault}`, versions: 2 });
  const rotationPolicy = {
    lifetimeActions: [{ trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' as const } }],
    expiryTime: 'P90D',
  };
  await control.seed.key(vault, { name: 'signing', kty: 'EC', rotationPolicy });
  await control.seed.certificate(vault, { name: 'www', kty: 'EC' });
}

/** Starts a run and waits for its end; who is refused or gets no answer asks again. */
export async function backUp(stack: FaultStack, vault: string, full = false): Promise<Point> {
  const { e2e, steps } = stack;
  const before = (await e2e.points(vault)).length;
  const ask = async () => (await e2e.call('POST', 'backups', { vault, full }).catch(() => null))?.status ?? 0;
  let asked = false;
  await untilStep(steps, vault, async () => {
    if (steps.stepOf(vault) !== null) return stack.nudge(vault);
    if ((await e2e.points(vault)).length > before && (await activeRunOf(e2e.stack, vault)) === null)
      return true;
    // 409: it goes on already, and its answer was lost.
    asked ||= [202, 409].includes(await ask());
    return false;
  });
  return e2e.waitForPoint(vault);
}

/** The point, and everything else that lies there of this vault. */
export async function judgePoint(
  stack: FaultStack,
  subject: Subject,
  point: Point,
  end: Cell['fault']['end'],
): Promise<string[]> {
  const container = await problemsOf(stack.e2e.stack.container('backups'), subject.vault);
  return [...container, ...(await judgeNewest(stack, subject, point, end))];
}

export async function judgeNewest(
  stack: FaultStack,
  { vault }: Subject,
  point: Point,
  end: Cell['fault']['end'],
): Promise<string[]> {
  const { e2e, control } = stack;
  const problems: string[] = [];
  const lines = await e2e.lines(point);
  if (end !== 'told' && point.status !== 'complete')
    problems.push(`the point is ${point.status}: ${point.reason}; ${failuresOf(lines)}`);
  if (point.status !== 'complete' && !point.reason) problems.push(`${point.status} without a reason`);
  // A vault that was not listed at all is told as such, and its objects are not known.
  if (point.status !== 'failed' || point.counts.listed > 0)
    problems.push(...absentFrom(point, lines, control, vault));
  if (end !== 'unseen') for (const line of lines) problems.push(...untruthOf(line, stack, vault));
  return problems;
}

const failuresOf = (lines: readonly Line[]) =>
  lines
    .flatMap(({ name, outcome, reason }) => (outcome === 'failed' ? [`${name}: ${reason}`] : []))
    .join('; ');

function untruthOf(
  { kind, name, outcome, reason, sha256 }: Line,
  stack: FaultStack,
  vault: string,
): string[] {
  const say = (problem: string) => [`${kind} ${name} is ${outcome}, ${problem}`];
  switch (outcome) {
    case 'stored':
    case 'carried':
      return stack.ledger.served(vault, `${kind}s.backup`, name).has(sha256 ?? '')
        ? []
        : say('but the vault never handed out these bytes');
    case 'gone':
      return say('but nothing was deleted');
    case 'failed':
      return reason ? [] : say('without a reason');
    default:
      return [];
  }
}
