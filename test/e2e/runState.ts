/** A vault's active run as it stands in the state container, read in one GET: it is written meanwhile. */
import { json } from 'node:stream/consumers';
import type { Stack } from '../local/stack.ts';

export interface ActiveRun {
  readonly runId: string;
  readonly step: string;
}

export async function activeRunOf(stack: Stack, vault: string): Promise<ActiveRun | null> {
  const answer = await stack
    .container('state')
    .getBlobClient(`vaults/${vault}.json`)
    .download()
    .catch(() => null);
  if (!answer?.readableStreamBody) return null;
  return ((await json(answer.readableStreamBody)) as { run: ActiveRun | null }).run;
}
