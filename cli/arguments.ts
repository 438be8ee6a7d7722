/** Arguments of several commands, each checked before any call. */
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { instantOf } from '../shared/domain/runId.ts';

export function vaultName(text: string): string {
  if (/^[0-9A-Za-z-]{1,63}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the name of a vault: letters, digits and dashes.');
}

const isRunId = (text: string) => instantOf(text) !== null;
// Also refuses 2026-02-30, which Date takes for a day in March.
const isInstant = (text: string) => z.iso.datetime({ offset: true }).safeParse(text).success;

/** As UTC, to the millisecond: what the apps understand. */
export function instantArgument(text: string): string {
  if (isInstant(text)) return new Date(text).toISOString();
  throw new InvalidArgumentError('Write an instant with its zone, such as 2026-11-22T02:30:00Z.');
}

export function pointId(text: string): string {
  if (isRunId(text)) return text;
  throw new InvalidArgumentError('Write a run id, such as 20261122T020000Z.');
}

export function pointOrLatest(text: string): string {
  if (text === 'latest' || isRunId(text)) return text;
  throw new InvalidArgumentError('Write a run id such as 20261122T020000Z, or latest.');
}

export function pointOrInstant(text: string): string {
  if (text === 'latest' || isRunId(text)) return text;
  if (isInstant(text)) return new Date(text).toISOString();
  throw new InvalidArgumentError(
    'Write a run id such as 20261122T020000Z, an instant such as 2026-11-22T05:00:00Z, or latest.',
  );
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== '') return value;
  throw new InvalidArgumentError('Write minutes, such as 90.');
}

/** Of a command that starts long work. */
export const waitOptions = (): Option[] => [
  new Option('--no-wait', 'do not wait for the end'),
  new Option('--wait-minutes <minutes>', 'wait no longer than this; exit code 5, and it goes on').argParser(
    minutes,
  ),
];
