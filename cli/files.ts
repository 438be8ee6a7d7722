/** Files that the user names: as seen from where the command was typed, which npm leaves for the folder of the package. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.ts';
import type { Io } from './io.ts';

const found = ({ env }: Pick<Io, 'env'>, file: string): string =>
  path.resolve(env['npm_lifecycle_event'] === 'kvb' ? (env['INIT_CWD'] ?? '.') : '.', file);

export function readNamed(io: Pick<Io, 'env'>, file: string, what: string): Buffer {
  try {
    return readFileSync(found(io, file));
  } catch (error) {
    throw new Failure('usage', `${file} cannot be read (${codeOf(error)})`, `Name the file with ${what}.`);
  }
}

/** Only for its owner to read, and never over another file. */
export function writeSecretly(io: Pick<Io, 'env'>, file: string, text: string): void {
  try {
    writeFileSync(found(io, file), text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Failure(
      'usage',
      `${file} cannot be written (${codeOf(error)})`,
      'Name a file that is not there yet.',
    );
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no reason';
