/**
 * Reads the blobs of one part of a plan whole and compares size and SHA-256 with what the recovery points say. May run
 * twice, at once, or die on any line: it changes nothing, and its result is written once. What storage does not give is
 * no finding: the error goes to the queue, which tries again.
 */
import type { VerifyBlobs, VerifyMessage } from '../domain/jobs.ts';
import { sha256Hex } from '../domain/objects.ts';
import type { Finding } from '../domain/verification.ts';
import type { ExpectedBlob } from '../domain/verifyState.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { VerifyDeps } from './deps.ts';
import { hasResult, readVerifyPart, recordPart } from './verifyStore.ts';

const readsAtOnce = 4;

type JobDeps = Pick<VerifyDeps, 'backups' | 'state' | 'clock'>;

export async function verifyBlobs(
  message: VerifyMessage,
  job: VerifyBlobs,
  deps: JobDeps,
): Promise<'checked' | 'alreadyChecked' | 'expired'> {
  if (message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter))
    return 'expired';
  if (await hasResult(job, deps)) return 'alreadyChecked';
  const lines = await readVerifyPart(job, deps);
  const trouble = lines === null ? 'a part of the plan is not there any more' : null;
  const checked = await mapConcurrently(readsAtOnce, lines ?? [], (line) => check(line, deps));
  const findings = checked.flatMap((one) => (one.finding ? [one.finding] : []));
  const bytes = checked.reduce((sum, one) => sum + one.bytes, 0);
  await recordPart(job, { checked: checked.length, bytes, trouble, findings }, deps);
  return 'checked';
}

interface Checked {
  readonly bytes: number;
  readonly finding: Finding | null;
}

async function check(expected: ExpectedBlob, deps: JobDeps): Promise<Checked> {
  const first = await compare(expected, deps);
  // Nobody calls a backup bad on one look: what the network garbled is right the second time.
  return first.finding ? compare(expected, deps) : first;
}

async function compare(
  { blob, size, sha256, object, namedBy }: ExpectedBlob,
  { backups }: JobDeps,
): Promise<Checked> {
  const found = await backups.read(blob);
  const bytes = found?.bytes.length ?? 0;
  const say = (what: 'missing' | 'corrupt', reason: string): Checked => ({
    bytes,
    finding: { what, blob, object, namedBy, reason: `${blob} ${reason}` },
  });
  if (!found) return say('missing', 'is not there');
  if (bytes !== size) return say('corrupt', `has ${bytes} bytes, not ${size}`);
  if (sha256Hex(found.bytes) !== sha256) return say('corrupt', 'has another SHA-256 than recorded');
  return { bytes, finding: null };
}
