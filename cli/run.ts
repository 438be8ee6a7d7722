/** One command line from its words to its exit code. */
import { CommanderError } from 'commander';
import { exitCodes, Failure } from './failure.ts';
import { type Io, plain } from './io.ts';
import { runWith } from './kvb.ts';
import { programFor } from './program.ts';

export async function run(words: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.ok;
  // Also where the words are so wrong that they cannot be parsed.
  const json = words.includes('--json');
  const program = programFor(
    io,
    runWith(io, (code) => {
      exitCode = code;
    }),
    json,
  );
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      if (json)
        tell(new Failure('usage', error.message, 'kvb --help, or kvb help <command>, says more.'), json, io);
      return exitCodes.usage;
    }
    if (!(error instanceof Failure)) throw error;
    tell(error, json, io);
    return exitCodes[error.ending];
  }
}

function tell({ ending, message, hint, problem }: Failure, json: boolean, { stderr }: Io): void {
  const told = { ending, exitCode: exitCodes[ending], message, hint, ...(problem ? { problem } : {}) };
  stderr.write(json ? `${JSON.stringify(told, null, 2)}\n` : plain(`error: ${message}\n  ${hint}\n`));
}
