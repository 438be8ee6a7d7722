/**
 * An independent reader of the container: holds every recovery point to what ARCHITECTURE.md promises, with the storage SDK
 * and no code of the app. Returns what is wrong, in words; an empty list is a sound container.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { EmulatorControl } from '../emulator/emulator.ts';
import { type Line, type Point, sha256 } from './harness.ts';

const outcomes = ['stored', 'carried', 'gone', 'skipped', 'failed'] as const;

export async function problemsOf(backups: ContainerClient, vault: string): Promise<string[]> {
  const problems: string[] = [];
  const read = (name: string) => backups.getBlobClient(name).downloadToBuffer();
  let before: { runId: string; sha256: string } | null = null;
  const names = (await Array.fromAsync(backups.listBlobsFlat({ prefix: `${vault}/recovery-points/` }))).map(
    ({ name }) => name,
  );
  for (const name of names) {
    const bytes = await read(name);
    const point = JSON.parse(bytes.toString('utf8')) as Point;
    const say = (problem: string) => problems.push(`${name}: ${problem}`);
    if (!name.endsWith(`/${point.runId}.json`)) say(`its name is not its run id ${point.runId}`);
    if (JSON.stringify(point.previous) !== JSON.stringify(before))
      say(`previous is ${JSON.stringify(point.previous)}, not ${JSON.stringify(before)}`);
    before = { runId: point.runId, sha256: sha256(bytes) };
    await checkIndex(point, read, say);
  }
  return problems;
}

async function checkIndex(
  point: Point,
  read: (name: string) => Promise<Buffer>,
  say: (problem: string) => void,
): Promise<void> {
  const index = await read(point.index.blob);
  if (sha256(index) !== point.index.sha256) say('the index has another digest');
  const lines = index
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  if (lines.length !== point.index.lines)
    say(`the index has ${lines.length} lines, not ${point.index.lines}`);
  const sum = outcomes.reduce((total, outcome) => total + point.counts[outcome], 0);
  if (point.counts.listed !== sum) say(`listed ${point.counts.listed}, but the outcomes add up to ${sum}`);
  for (const outcome of outcomes) {
    const count = lines.filter((line) => line.outcome === outcome).length;
    if (count !== point.counts[outcome]) say(`${count} lines are ${outcome}, not ${point.counts[outcome]}`);
  }
  const keys = lines.map(({ kind, name }) => `${kind}/${name.toLowerCase()}`);
  if (new Set(keys).size !== keys.length) say('an object is in the index twice');
  for (const line of lines) {
    if (line.outcome !== 'stored' && line.outcome !== 'carried') {
      if (line.blob !== null) say(`${line.name} is ${line.outcome} and names a blob`);
      continue;
    }
    const blob = await read(line.blob ?? '').catch(() => null);
    if (!blob) say(`${line.name} names ${line.blob}, which is not there`);
    else if (sha256(blob) !== line.sha256 || blob.length !== line.size)
      say(`${line.blob} has other bytes than recorded`);
  }
}

/**
 * Live objects of the vault that a point does not account for. Kinds that it calls unlisted are excused; what travels with
 * its certificate has a line of its own.
 */
export function absentFrom(
  point: Point,
  lines: readonly Line[],
  control: EmulatorControl,
  vault: string,
): string[] {
  const told = new Set(lines.map(({ kind, name }) => `${kind}/${name.toLowerCase()}`));
  const excused = new Set(point.unlisted.map(({ kind }) => kind));
  return liveObjects(control, vault)
    .filter((object) => !excused.has(object.slice(0, object.indexOf('/'))) && !told.has(object.toLowerCase()))
    .map((object) => `${point.runId} does not account for ${object}`);
}

/** Names that are live in the vault, as `kind/name`, so that a point can be held against it. */
export const liveObjects = (control: EmulatorControl, vault: string): string[] => {
  const { secrets, keys, certificates } = control.objects(vault);
  const named = (kind: string, objects: readonly { name: string; state: string }[]) =>
    objects.filter(({ state }) => state === 'live').map(({ name }) => `${kind}/${name}`);
  return [...named('secret', secrets), ...named('key', keys), ...named('certificate', certificates)].sort();
};
