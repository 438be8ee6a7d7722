/**
 * A verification under a fault. One blob is damaged behind the proxy first: what is found must be that, whatever else
 * goes wrong meanwhile; what could not be checked may be told instead, and never anything sound be called bad.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import type { Point } from '../e2e/harness.ts';
import { problemsOf } from '../e2e/reader.ts';
import type { Cell } from './cells.ts';
import type { FaultStack } from './faultStack.ts';
import { untilStep } from './untilStep.ts';

export interface Verification {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly named?: number;
  readonly checked: number;
  readonly unchecked: number | null;
  readonly findings: readonly { what: string; blob: string }[];
}

const damagedObject = 'two';
const askAgainMs = 12_000;

/** Flips a byte of a stored blob, where no immutability proxy stands before; returns its name. */
export async function damage({ e2e }: FaultStack, vault: string, point: Point): Promise<string> {
  const line = (await e2e.lines(point)).find(({ name }) => name === damagedObject);
  if (!line?.blob) throw new Error(`the first run of ${vault} stored no ${damagedObject}`);
  const blob = BlobServiceClient.fromConnectionString(e2e.stack.azurite.connectionString)
    .getContainerClient('backups')
    .getBlockBlobClient(line.blob);
  const bytes = await blob.downloadToBuffer();
  const { metadata = {} } = await blob.getProperties();
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  await blob.uploadData(bytes, { metadata });
  return line.blob;
}

/** Asks and waits for the record. Who gets no answer asks again, and so does who sees nothing begin. */
export async function verify(
  stack: FaultStack,
  vault: string,
  recoveryPoint?: string,
): Promise<Verification> {
  const { e2e, steps } = stack;
  const asked = { vault, ...(recoveryPoint === undefined ? {} : { recoveryPoint }) };
  const before = new Set(await recordsOf(stack, vault));
  let askedAt: number | null = null;
  const name = await untilStep(steps, vault, async () => {
    if (steps.stepOf(vault) !== null) return stack.nudge(vault);
    const record = (await recordsOf(stack, vault)).find((each) => !before.has(each));
    if (record) return record;
    if (askedAt !== null && performance.now() - askedAt < askAgainMs) return null;
    const answer = await e2e.call('POST', 'verifications', asked).catch(() => null);
    askedAt = answer?.status === 202 ? performance.now() : null;
    return null;
  });
  const bytes = await e2e.stack.container('audit').getBlobClient(name).downloadToBuffer();
  return JSON.parse(bytes.toString('utf8')) as Verification;
}

async function recordsOf({ e2e }: FaultStack, vault: string): Promise<string[]> {
  const audit = e2e.stack.container('audit');
  const blobs = await Array.fromAsync(audit.listBlobsFlat({ prefix: `verifications/${vault}/` }));
  return blobs.map(({ name }) => name);
}

export async function judgeVerification(
  stack: FaultStack,
  found: Verification,
  damaged: string | null,
  end: Cell['fault']['end'],
): Promise<string[]> {
  const problems: string[] = [];
  const { status, reason, findings, checked, unchecked, named } = found;
  const bad = findings.map(({ what, blob }) => `${what} ${blob}`);
  const truth = damaged === null ? [] : [`corrupt ${damaged}`];
  for (const one of bad) if (!truth.includes(one)) problems.push(`it says ${one}, which is not so`);
  const isThorough = unchecked === 0;
  if (end !== 'told' && !isThorough) problems.push(`${unchecked} blobs were not checked: ${reason}`);
  if (isThorough && bad.length < truth.length) problems.push(`it did not find ${truth.join(', ')}`);
  if (isThorough && checked !== named) problems.push(`it checked ${checked} of ${named} blobs`);
  const isRight = status === (bad.length > 0 ? 'failed' : isThorough ? 'sound' : 'incomplete');
  if (!isRight) problems.push(`it is ${status} with ${bad.length} findings and ${unchecked} unchecked`);
  if (status !== 'sound' && !reason) problems.push(`${status} without a reason`);
  const told = ['verification.ended', 'verification.failed'].flatMap((name) => stack.e2e.events(name));
  if (!told.some(({ id }) => id === found.id)) problems.push('no event tells of its end');
  return problems;
}

/** What was found bad was captured anew: the newest point is complete and sound, and whatever else lies there is as it was. */
export async function judgeSound(
  stack: FaultStack,
  vault: string,
  point: Point,
  damaged: string,
): Promise<string[]> {
  const problems: string[] = [];
  if (point.status !== 'complete') problems.push(`the point is ${point.status}: ${point.reason}`);
  const found = await verify(stack, vault, point.runId);
  problems.push(...(await judgeVerification(stack, found, null, 'complete')));
  const wrong = await problemsOf(stack.e2e.stack.container('backups'), vault);
  return [...problems, ...wrong.filter((problem) => !problem.includes(damaged))];
}
