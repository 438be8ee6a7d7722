/** Runs the operator's command line as main.ts does, with streams that remember what it said. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../cli/run.ts';

export interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Both, as they came. */
  readonly all: string;
  /** Stdout as JSON. */
  readonly json: () => Record<string, unknown>;
}

interface World {
  readonly env?: Record<string, string>;
  /** Then it runs on a terminal, whose user types this when asked. */
  readonly typed?: string;
  readonly sleep?: (ms: number) => Promise<void>;
}

export async function kvb(
  words: readonly string[],
  { env = {}, typed, sleep = (ms) => setTimeout(ms) }: World = {},
): Promise<Said> {
  const [stdin, stdout, stderr] = [terminal(), terminal(), terminal()];
  const said = { out: '', err: '', all: '' };
  const isTTY = typed !== undefined;
  stdout.on('data', (piece: Buffer) => {
    said.out += piece.toString('utf8');
    said.all += piece.toString('utf8');
  });
  stderr.on('data', (piece: Buffer) => {
    const before = said.err;
    said.err += piece.toString('utf8');
    said.all += piece.toString('utf8');
    if (isTTY && !before.includes('?') && said.err.includes('?')) setImmediate(() => stdin.write(typed));
  });
  for (const stream of [stdin, stdout, stderr]) Object.assign(stream, { isTTY });
  const exitCode = await run(words, { stdin, stdout, stderr, env, sleep });
  return { exitCode, ...said, json: () => JSON.parse(said.out) as Record<string, unknown> };
}

/** What a prompt needs of a terminal's stream. */
const terminal = () => Object.assign(new PassThrough(), { columns: 120, setRawMode: () => {} });

/** A port that was free a moment ago. */
export async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
