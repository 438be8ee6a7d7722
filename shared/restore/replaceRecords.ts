/** What a replacement wrote down for a redelivery to go on from: create-only, the first record of a step counts. */
import { z } from 'zod';
import { type ReplaceStep, replaceStepName } from '../domain/blobNames.ts';
import type { ObjectRef } from '../domain/objects.ts';
import { rotationPolicy } from '../domain/recoveryPoint.ts';
import { parseStored } from '../domain/stored.ts';
import type { VersionFacts } from '../ports/targetVault.ts';
import type { RestoreDeps } from './deps.ts';

type StateDeps = Pick<RestoreDeps, 'state'>;

/** The safety copy, and what the live object was when it was made. */
const copyRecord = z.object({
  blob: z.string(),
  sha256: z.string(),
  /** The current version and its last change at that time. */
  version: z.string(),
  updated: z.number().nullable(),
  /** A key's, which is in no blob. */
  rotationPolicy: rotationPolicy.nullable(),
});
export type CopyRecord = z.infer<typeof copyRecord>;

/** Facts that the deleted bundle does not show are not held against it. */
export const isCopied = (seen: VersionFacts, copy: CopyRecord): boolean =>
  (seen.version === '' || seen.version === copy.version) &&
  (seen.updated === null || seen.updated === copy.updated);

export async function hasStep(
  id: string,
  ref: ObjectRef,
  step: ReplaceStep,
  { state }: StateDeps,
): Promise<boolean> {
  return (await state.facts(replaceStepName(id, ref, step))) !== null;
}

export async function recordStep(
  id: string,
  ref: ObjectRef,
  step: ReplaceStep,
  { state }: StateDeps,
  body: object = {},
): Promise<void> {
  await state.create(replaceStepName(id, ref, step), {
    bytes: Buffer.from(JSON.stringify(body), 'utf8'),
    contentType: 'application/json',
  });
}

export async function readCopy(id: string, ref: ObjectRef, { state }: StateDeps): Promise<CopyRecord | null> {
  const name = replaceStepName(id, ref, 'copied');
  const found = await state.read(name);
  return found && parseStored(name, found.bytes, copyRecord, 'state');
}

/** For the seal: a replacement that began to remove and did not come to its end. */
export async function unfinishedReplacement(
  id: string,
  ref: ObjectRef,
  deps: StateDeps,
): Promise<{ reason: string; hint: string } | null> {
  const copy = await readCopy(id, ref, deps);
  if (!copy || !(await hasStep(id, ref, 'removing', deps))) return null;
  return {
    reason:
      'notReached: the replacement had begun when the restore was sealed; the former object may be soft-deleted or gone from the target',
    hint: `Recover it if it is soft-deleted; otherwise restore the former one from safety/${copy.blob}, or ask for this restore again.`,
  };
}
