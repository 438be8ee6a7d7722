/** Runs the operator's command line as main.ts does, with pipes for streams, and remembers what it said. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../cli/run.ts';

export interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Stdout as JSON. */
  readonly json: () => Record<string, unknown>;
}

export async function kvb(words: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await run(words, { stdin, stdout, stderr, env, sleep });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { exitCode, out, err, json: () => JSON.parse(out) as Record<string, unknown> };
}
