/**
 * The simple model that the product is held to: a vault is names with contents, a recovery point is a copy of them at
 * a moment with what could not be had. No runs, no jobs, no queues.
 */
import { type Kind, objectKey } from '../../../shared/domain/objects.ts';
import { openBlob } from '../../fakes/fakeBlob.ts';
import type { World } from '../../fakes/world.ts';

/** `secrets/db` → all its versions, as text. */
export type Contents = ReadonlyMap<string, string>;

export interface ModelPoint {
  readonly runId: string;
  readonly startedAt: number;
  /** What the vault held; what the point lacks is not in it. */
  readonly contents: Contents;
}

export interface Model {
  /** Live objects; the contents are learned from the vault, as a backup is. */
  readonly names: Map<string, { kind: Kind; name: string }>;
  readonly points: ModelPoint[];
}

export const newModel = (): Model => ({ names: new Map(), points: [] });

/** What the vault holds now, by a look of the test's own. */
export async function contentsNow({ vault }: World, { names }: Model): Promise<Contents> {
  const { beforeCall } = vault;
  const errors = [...vault.errors];
  vault.beforeCall = () => {};
  vault.errors.clear();
  const contents = new Map<string, string>();
  for (const ref of names.values())
    contents.set(objectKey(ref), contentOf(ref.kind, (await vault.calls.backup(ref)).bytes));
  vault.beforeCall = beforeCall;
  for (const [about, error] of errors) vault.errors.set(about, error);
  return contents;
}

export function contentOf(kind: Kind, bytes: Uint8Array): string {
  const opened = openBlob(kind, bytes);
  if (!opened) throw new Error('the blob cannot be opened');
  return JSON.stringify(opened.versions);
}
