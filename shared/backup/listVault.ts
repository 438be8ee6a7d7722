/**
 * Lists a vault for a step: its pages in order, each tried a few times, in a bounded time. Secrets and keys side by
 * side, since each has a budget; both before certificates: a certificate made meanwhile is then seen, rather than its
 * key skipped as managed. A kind that may not be listed is named, not thrown: the other kinds are still worth having.
 */
import { BackupError, NotNow } from '../domain/errors.ts';
import type { Kind, ListedObject } from '../domain/objects.ts';
import type { RunState } from '../domain/runState.ts';
import type { SourceVault } from '../ports/sourceVault.ts';
import type { BackupDeps } from './deps.ts';

export const listingOrder: readonly Kind[] = ['secret', 'key', 'certificate'];
/** One page may fail this often in a row before the step gives up its slot and comes back later. */
const triesPerPage = 4;
/** A listing that takes longer gives its slot back and starts again: well below functionTimeout with a last slow page. */
const longestListingMs = 4 * 60_000;

export interface Listing {
  readonly objects: ListedObject[];
  readonly unlisted: RunState['unlisted'];
  readonly region: string | null;
}

/** Rejects with NotNow or a BackupError when the vault cannot be listed now. */
export async function listVault(vault: string, kinds: readonly Kind[], deps: BackupDeps): Promise<Listing> {
  const { patientCalls } = deps.vaultOf(vault);
  const until = deps.clock.now().getTime() + longestListingMs;
  const timeLeft = () => deps.clock.now().getTime() < until;
  const unlisted: RunState['unlisted'] = [];
  const list = async (some: readonly Kind[]) => {
    const listings = some.map((kind) => listKind(patientCalls, kind, unlisted, timeLeft));
    // All have ended before one's failure is told: nothing of a step may go on behind its back.
    await Promise.allSettled(listings);
    return (await Promise.all(listings)).flat();
  };
  const first = await list(kinds.filter((kind) => kind !== 'certificate'));
  const objects = [...first, ...(await list(kinds.filter((kind) => kind === 'certificate')))];
  return { objects, unlisted, region: patientCalls.region() };
}

/** How long to wait before listing is tried again: what the governor says, else 1, 2, 4 … 60 s. */
export const waitBeforeListing = (error: BackupError | NotNow, tries: number): number =>
  Math.max(1000, error instanceof NotNow ? error.delayMs : Math.min(60_000, 1000 * 2 ** tries));

export const troubleOf = (error: BackupError | NotNow): string =>
  error instanceof NotNow ? error.message : `${error.message}. ${error.hint}`;

async function listKind(
  vault: SourceVault,
  kind: Kind,
  unlisted: RunState['unlisted'],
  timeLeft: () => boolean,
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  let next: string | null = null;
  let tries = 0;
  for (;;) {
    try {
      const page = await vault.listPage(kind, next);
      objects.push(...page.objects);
      tries = 0;
      if (page.next === null) return objects;
      if (!timeLeft()) throw new NotNow(1000);
      next = page.next;
    } catch (error) {
      if (error instanceof BackupError && error.code === 'forbidden') {
        unlisted.push({ kind, reason: `${error.message}. ${error.hint}` });
        return [];
      }
      tries += 1;
      if (error instanceof NotNow || tries >= triesPerPage || !timeLeft()) throw error;
    }
  }
}
