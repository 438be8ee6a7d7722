/** Tries to overwrite and to delete a stored file, with all the rights there are, and wants the storage's refusal. */
import { RestError } from '@azure/storage-blob';
import { DemoFailure, demand } from './demoHttp.ts';
import type { Stack } from './stack.ts';

/** Returns the service's code. */
async function refused(what: string, attempt: Promise<unknown>, expected: string): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    demand(error.code === expected, `${what} was refused with ${error.code}, not with ${expected}`);
    return `${error.statusCode} ${error.code}`;
  }
  throw new DemoFailure(`${what} succeeded: the storage is not immutable`);
}

/** Returns what was refused, in words. */
export async function checkImmutable({ container }: Stack, blobName: string): Promise<string[]> {
  const blob = container('backups').getBlockBlobClient(blobName);
  const before = await blob.downloadToBuffer();
  const attempts: [string, () => Promise<unknown>, string][] = [
    ['overwriting it', () => blob.upload('other', 5), 'BlobImmutableDueToPolicy'],
    [
      'creating it again',
      () => blob.upload('other', 5, { conditions: { ifNoneMatch: '*' } }),
      'BlobAlreadyExists',
    ],
    ['deleting it', () => blob.delete(), 'BlobImmutableDueToPolicy'],
    ['changing its metadata', () => blob.setMetadata({ sha256: 'other' }), 'BlobImmutableDueToPolicy'],
  ];
  const answers: string[] = [];
  for (const [what, attempt, expected] of attempts) {
    answers.push(`${what} is refused: ${await refused(what, attempt(), expected)}`);
  }
  const after = await blob.downloadToBuffer();
  demand(before.equals(after), 'the file changed, though the storage refused');
  return answers;
}
