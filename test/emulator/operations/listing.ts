/**
 * What lists walk through: entries in one state, in order of their upper-cased names, and versions in order
 * of their ids, so that neither the first nor the last listed version is the newest.
 */
import { find } from '../lifecycle.ts';
import type { Entry, Kind, Life } from '../model.ts';
import { collectionOf, type Vault } from '../vault.ts';

type EntryOfKind<K extends Kind> = Extract<Entry, { kind: K }>;

export function liveEntries<K extends Kind>(
  vault: Vault,
  kind: K,
  marker: string,
): Generator<EntryOfKind<K>> {
  return entriesIn(vault, kind, marker, 'live');
}

export function deletedEntries<K extends Kind>(
  vault: Vault,
  kind: K,
  marker: string,
): Generator<EntryOfKind<K>> {
  return entriesIn(vault, kind, marker, 'deleted');
}

function* entriesIn<K extends Kind>(
  vault: Vault,
  kind: K,
  marker: string,
  state: Life['state'],
): Generator<EntryOfKind<K>> {
  for (const entry of collectionOf(vault, kind).from(marker)) {
    if (find(vault, kind, entry.name)?.life.state === state) yield entry as EntryOfKind<K>;
  }
}

type VersionOf<E extends Entry> = E['versions'] extends Map<string, infer V> ? V : never;

/** Nothing for a name that is not live: the service answers 200 with an empty list. */
export function* versionsFrom<E extends Entry>(
  entry: E | undefined,
  marker: string,
): Generator<[E, VersionOf<E>]> {
  if (entry?.life.state !== 'live') return;
  const ids = [...entry.versions.keys()].filter((id) => id >= marker).sort();
  for (const id of ids) {
    const version = entry.versions.get(id) as VersionOf<E> | undefined;
    if (version !== undefined) yield [entry, version];
  }
}
