/** A restore drill under a fault: how it is brought to its end, and what must be true of the scratch vault then. */
import type { Cell } from './cells.ts';
import { contentsOf } from './contents.ts';
import type { FaultStack } from './faultStack.ts';
import type { Subject } from './stepWatch.ts';
import { untilStep } from './untilStep.ts';

export interface Drill {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly objects: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly cleaned: boolean;
}

/** Longer than a message may be delayed: who asks again has one drill more. */
const askAgainMs = 12_000;

/** Asks and waits for the record. Who sees nothing begin asks again. */
export async function drill(stack: FaultStack, { vault: scratch, source }: Subject): Promise<Drill> {
  const { e2e, steps } = stack;
  const audit = e2e.stack.container('audit');
  const records = async () => {
    const blobs = await Array.fromAsync(audit.listBlobsFlat({ prefix: `drills/${source}/` }));
    return blobs.flatMap(({ name }) => (name.endsWith('/ended.json') ? [name] : []));
  };
  const before = new Set(await records());
  let askedAt = Number.NEGATIVE_INFINITY;
  const name = await untilStep(steps, scratch, async () => {
    if (steps.stepOf(scratch) !== null) return stack.nudge(scratch);
    const record = (await records()).find((each) => !before.has(each));
    if (record) return record;
    if (performance.now() - askedAt < askAgainMs) return null;
    askedAt = performance.now();
    await e2e.callRestore('POST', 'drills', { vault: source }).catch(() => null);
    return null;
  });
  return JSON.parse((await audit.getBlobClient(name).downloadToBuffer()).toString('utf8')) as Drill;
}

export interface Seen {
  /** Objects that lived in the scratch vault when something of it was deleted, with their content, since the last call. */
  sinceLast(): ReadonlyMap<string, string>;
  stop(): void;
}

/** What a drill says that it restored has been there: looked at before anything of it goes. */
export function watchScratch({ control }: FaultStack, { vault: scratch }: Subject): Seen {
  let seen = new Map<string, string>();
  const stop = control.onRequest(({ vault, operation }) => {
    if (vault !== scratch || !operation.endsWith('.delete')) return;
    for (const [object, { state, content }] of contentsOf(control, scratch))
      if (state === 'live') seen.set(object, content);
  });
  return {
    sinceLast() {
      const last = seen;
      seen = new Map();
      return last;
    },
    stop,
  };
}

export async function judgeDrill(
  stack: FaultStack,
  { vault: scratch, source }: Subject,
  record: Drill,
  seen: ReadonlyMap<string, string>,
  end: Cell['fault']['end'],
): Promise<string[]> {
  const { control, e2e } = stack;
  const problems: string[] = [];
  const { status, reason, objects, counts, cleaned, id } = record;
  if (end !== 'told' && status !== 'complete') problems.push(`the drill is ${status}: ${reason}`);
  if (status !== 'complete' && !reason) problems.push(`${status} without a reason`);
  const left = [...contentsOf(control, scratch).keys()];
  if (cleaned && left.length > 0) problems.push(`it says that it cleaned up, but left ${left.join(', ')}`);
  if (status === 'complete') {
    if (!cleaned) problems.push('complete, but not cleaned up');
    const wanted = contentsOf(control, source ?? '');
    if (objects !== wanted.size || counts['restored'] !== wanted.size)
      problems.push(`it says ${counts['restored']} restored of ${objects}, not ${wanted.size}`);
    for (const [object, { content }] of wanted)
      if (seen.get(object) !== content) problems.push(`${object} did not come back as it is in the source`);
  }
  if (control.writes(source ?? '') > 0) problems.push('something was changed in the source vault');
  const began = e2e.stack.container('audit').getBlobClient(`drills/${source}/${id}/started.json`);
  if (control.writes(scratch) > 0 && !(await began.exists()))
    problems.push('the audit record of its start is missing');
  const told = e2e.events(status === 'complete' ? 'drill.complete' : 'drill.failed');
  if (!told.some((event) => event['id'] === id && event['target'] === scratch))
    problems.push('no event tells of its end');
  return problems;
}
