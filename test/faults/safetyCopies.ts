/** Whether a copy in the safety container is one: it is restored into a scratch vault, compared, and removed again. */
import { waitFor } from '../e2e/harness.ts';
import { contentsOf } from './contents.ts';
import { type FaultStack, judgeVault } from './faultStack.ts';

let turn: Promise<unknown> = Promise.resolve();

/** One at a time: all of them restore into one vault. */
export function isCopied(
  stack: FaultStack,
  target: string,
  object: string,
  content: string,
): Promise<boolean> {
  const mine = turn.then(() => look(stack, target, object, content));
  turn = mine.catch(() => undefined);
  return mine;
}

async function look(stack: FaultStack, target: string, object: string, content: string): Promise<boolean> {
  const safety = stack.e2e.stack.container('safety');
  for await (const { name } of safety.listBlobsFlat({ prefix: `${target}/` })) {
    if (!name.includes(`/${object}.`)) continue;
    const bytes = await safety.getBlobClient(name).downloadToBuffer();
    if ((await restored(stack, object, bytes)) === content) return true;
  }
  return false;
}

async function restored(stack: FaultStack, object: string, bytes: Uint8Array): Promise<string | null> {
  const { secrets, keys } = stack.e2e.operator(judgeVault);
  const name = object.slice(object.indexOf('/') + 1);
  const isSecret = object.startsWith('secrets/');
  try {
    // The name is in limbo for a moment after the purge of the copy before.
    await waitFor(async () => {
      try {
        await (isSecret ? secrets.restoreSecretBackup(bytes) : keys.restoreKeyBackup(bytes));
        return true;
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 409) return false;
        throw error;
      }
    });
  } catch {
    return null;
  }
  const content = contentsOf(stack.control, judgeVault).get(object)?.content ?? null;
  await (isSecret ? secrets.beginDeleteSecret(name) : keys.beginDeleteKey(name));
  await waitFor(async () => contentsOf(stack.control, judgeVault).get(object)?.state === 'deleted');
  await (isSecret ? secrets.purgeDeletedSecret(name) : keys.purgeDeletedKey(name));
  return content;
}
