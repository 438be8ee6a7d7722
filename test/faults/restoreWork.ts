/** A restore or a replacement under a fault: how it is brought to its end, and what must be true of the target then. */
import type { RestoreDetail } from '../e2e/harness.ts';
import type { Cell } from './cells.ts';
import { type Contents, contentsOf } from './contents.ts';
import type { FaultStack } from './faultStack.ts';
import { isCopied } from './safetyCopies.ts';
import type { Subject } from './stepWatch.ts';
import { untilStep } from './untilStep.ts';

export type Work = 'restore' | 'replace';

/** What a replacement finds in the target: other objects of the same names. */
export async function seedTarget({ control }: FaultStack, target: string): Promise<void> {
  control.seed.secret(target, { name: 'one', value: `former one of ${target}` });
  await control.seed.key(target, { name: 'signing', kty: 'EC' });
}

const askAgainMs = 3_000;

/** Asks and waits for the end. Who gets no answer asks again, under the same key, and so does who waits for long. */
export async function restore(
  { e2e, steps }: FaultStack,
  { vault: target, source }: Subject,
  work: Work,
  key: string,
): Promise<RestoreDetail> {
  const request = {
    vault: source,
    target,
    objects: work === 'replace' ? ['secrets/one', 'keys/signing'] : ['**'],
    onConflict: work === 'replace' ? 'replace' : 'skip',
    reason: 'the fault suite',
  };
  const headers = { 'idempotency-key': key };
  const ask = async () => {
    const answer = await e2e.callRestore('POST', 'restores', request, headers).catch(() => null);
    return answer?.status === 202 ? String(answer.body['id']) : null;
  };
  let id: string | null = null;
  let askedAt = 0;
  return untilStep(steps, target, async () => {
    if (id === null || Date.now() - askedAt > askAgainMs) {
      askedAt = Date.now();
      id = (await ask()) ?? id;
    }
    if (id === null || steps.stepOf(target) !== null) return null;
    const answer = await e2e.callRestore('GET', `restores/${id}`).catch(() => null);
    const detail = answer?.status === 200 ? (answer.body as unknown as RestoreDetail) : null;
    return detail && detail.status !== 'running' ? detail : null;
  });
}

export interface Before {
  /** Changes of the target so far. */
  readonly writes: number;
  readonly source: Contents;
  readonly target: Contents;
}

export const lookBefore = ({ control }: FaultStack, { vault, source }: Subject): Before => ({
  writes: control.writes(vault),
  source: contentsOf(control, source ?? ''),
  target: contentsOf(control, vault),
});

export async function judgeRestore(
  stack: FaultStack,
  { vault }: Subject,
  detail: RestoreDetail,
  before: Before,
  end: Cell['fault']['end'],
): Promise<string[]> {
  const problems: string[] = [];
  const now = contentsOf(stack.control, vault);
  if (end !== 'told' && detail.status !== 'complete')
    problems.push(`the restore is ${detail.status}: ${detail.reason}; ${failuresOf(detail)}`);
  if (detail.status !== 'complete' && !detail.reason) problems.push(`${detail.status} without a reason`);
  for (const { object, outcome, reason } of detail.objects) {
    const isThere =
      now.get(object)?.state === 'live' && now.get(object)?.content === before.source.get(object)?.content;
    const came = outcome === 'restored' || outcome === 'replaced' || outcome === 'recovered';
    if (outcome === undefined) problems.push(`${object} has no outcome`);
    else if (came && !isThere)
      problems.push(`${object} is ${outcome}, but not what the recovery point holds`);
    else if (!came && outcome !== 'skipped' && !reason)
      problems.push(`${object} is ${outcome} without a reason`);
  }
  // A copy of wrong bytes, which nobody could tell from right ones, is no copy.
  if (end !== 'unseen') problems.push(...(await lossesOf(stack, vault, before, now)));
  const wrote = stack.control.writes(vault) > before.writes;
  for (const name of ['started', 'ended']) {
    const record = stack.e2e.stack.container('audit').getBlobClient(`restores/${detail.id}/${name}.json`);
    const told = stack.e2e.events('restore.unaudited').some(({ id }) => id === detail.id);
    if (wrote && !told && !(await record.exists())) problems.push(`the audit record ${name} is missing`);
  }
  return problems;
}

const failuresOf = ({ objects }: RestoreDetail) =>
  objects
    .flatMap(({ object, outcome, reason }) => (reason ? [`${object} ${outcome}: ${reason}`] : []))
    .join('; ');

/** Whatever the target held is there, live or soft-deleted, or lies as a copy that a vault can restore. */
async function lossesOf(stack: FaultStack, target: string, before: Before, now: Contents): Promise<string[]> {
  const losses: string[] = [];
  for (const [object, { content }] of before.target) {
    if (now.get(object)?.content === content) continue;
    if (!(await isCopied(stack, target, object, content))) losses.push(`${object} of the target is lost`);
  }
  return losses;
}
