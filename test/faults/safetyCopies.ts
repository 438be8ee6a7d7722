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

const mostTries = 3;

/** Null if no vault can restore it. What an expired token or an earlier look left in the judge's vault goes first. */
async function restored(stack: FaultStack, object: string, bytes: Uint8Array): Promise<string | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      await remove(stack, object);
      return await restoreOnce(stack, object, bytes);
    } catch (error) {
      if (tries >= mostTries || (error as { statusCode?: number }).statusCode !== 401) throw error;
    }
  }
}

async function restoreOnce(stack: FaultStack, object: string, bytes: Uint8Array): Promise<string | null> {
  const { secrets, keys } = stack.e2e.operator(judgeVault);
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
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 401) throw error;
    return null;
  }
  const content = contentsOf(stack.control, judgeVault).get(object)?.content ?? null;
  await remove(stack, object);
  return content;
}

async function remove(stack: FaultStack, object: string): Promise<void> {
  const { secrets, keys } = stack.e2e.operator(judgeVault);
  const name = object.slice(object.indexOf('/') + 1);
  const isSecret = object.startsWith('secrets/');
  const stateOf = () => contentsOf(stack.control, judgeVault).get(object)?.state;
  if (stateOf() === 'live') await (isSecret ? secrets.beginDeleteSecret(name) : keys.beginDeleteKey(name));
  if (stateOf() === undefined) return;
  await waitFor(async () => stateOf() === 'deleted');
  await (isSecret ? secrets.purgeDeletedSecret(name) : keys.purgeDeletedKey(name));
}
