/**
 * Which step each vault's work is in, seen from outside: in the state that the app writes. And whose a request is: by
 * the vault or the restore id in its blob's name, or in its message.
 */
import type { StorageProxy, StorageRequest } from '../local/storageProxy.ts';

export interface StepWatch {
  /** The step of a source's run or verification, of a target's restore, of a scratch vault's drill; null while there is none. */
  stepOf(vault: string): string | null;
  /** Since when it has been in that step, in ms of performance.now(). */
  since(vault: string): number;
  /** Calls back at each change of step, before the app learns that its write was taken. */
  onStep(vault: string, callBack: (step: string | null) => void): () => void;
  belongsTo(request: StorageRequest, subject: Subject): boolean;
}

/** A vault whose work is disturbed; a restore's is its target, and reads what lies under its source. */
export interface Subject {
  readonly vault: string;
  readonly source: string | null;
}

/** What a state says: whose work it is, in which step, and by which id, where it has one. */
interface Written {
  readonly vault: string;
  readonly step: string | null;
  readonly id: string | null;
}

interface StateBlob {
  readonly run?: { readonly step: string } | null;
  readonly drill?: { readonly step: string } | null;
  readonly id?: string;
  readonly step?: string;
  readonly vault?: string;
  readonly target?: { readonly name: string };
}

export interface Job {
  readonly type: string;
  readonly vault?: string;
  readonly target?: string;
  readonly id?: string;
}

export function watchSteps(blobs: StorageProxy): StepWatch {
  const steps = new Map<string, string | null>();
  const changed = new Map<string, number>();
  /** Of the restore into a vault, or the verification of one, that was begun last. */
  const ids = new Map<string, string>();
  /** Scratch vaults: what is restored into them is a part of the drill's step. */
  const drilled = new Set<string>();
  const listeners = new Map<string, Set<(step: string | null) => void>>();

  blobs.before((request) => {
    const written = stateIn(request);
    if (written?.id) ids.set(written.vault, written.id);
  });
  blobs.after((request) => {
    const written = request.status === 201 ? stateIn(request) : null;
    if (!written) return;
    const { vault, step } = written;
    if (request.name.startsWith('drills/')) drilled.add(vault);
    else if (drilled.has(vault)) return;
    if (steps.get(vault) === step) return;
    steps.set(vault, step);
    changed.set(vault, performance.now());
    for (const tell of listeners.get(vault) ?? []) tell(step);
  });

  return {
    stepOf: (vault) => steps.get(vault) ?? null,
    since: (vault) => changed.get(vault) ?? 0,
    onStep(vault, callBack) {
      const all = listeners.get(vault) ?? new Set();
      listeners.set(vault, all.add(callBack));
      return () => void all.delete(callBack);
    },
    belongsTo(request, { vault, source }) {
      const id = ids.get(vault);
      const job = jobIn(request);
      if (job) return job.vault === vault || job.target === vault || (id !== undefined && job.id === id);
      const where = `/${request.prefix ?? request.name}`;
      const names = [vault, ...(source === null ? [] : [source]), ...(id === undefined ? [] : [id])];
      if (names.some((name) => where.includes(`/${name}/`) || where.endsWith(`/${name}.json`))) return true;
      return stateIn(request)?.vault === vault;
    },
  };
}

function stateIn({ operation, container, name, body }: StorageRequest): Written | null {
  const [, folder, file = ''] = /^(vaults|restores|verifications|drills)\/([^/]+)\.json$/.exec(name) ?? [];
  if (operation !== 'PutBlob' || container !== 'state' || !folder) return null;
  const {
    run,
    drill,
    id = null,
    step = null,
    vault,
    target,
  } = JSON.parse(body.toString('utf8')) as StateBlob;
  if (folder === 'vaults') return { vault: file, step: run?.step ?? null, id: null };
  if (folder === 'drills') return { vault: file, step: drill?.step ?? null, id: null };
  return { vault: target?.name ?? vault ?? '', step: step === 'ended' ? null : step, id };
}

export function jobIn({ kind, operation, body }: StorageRequest): Job | null {
  if (kind !== 'queue' || operation !== 'PutMessage') return null;
  return jobOf(textIn(body.toString('utf8')));
}

export const textIn = (xml: string): string => /<MessageText>([^<]*)<\/MessageText>/.exec(xml)?.[1] ?? '';

export function jobOf(text: string): Job | null {
  try {
    return (JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as { job?: Job }).job ?? null;
  } catch {
    return null;
  }
}
