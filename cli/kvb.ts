/** What every command works with: calls of the apps, and where its words go. */
import type { Command } from 'commander';
import { type Answer, callApp, type Request } from './call.ts';
import { Failure } from './failure.ts';
import { type Io, plain } from './io.ts';
import {
  type AppName,
  type AppSettings,
  appNames,
  example,
  type GlobalOptions,
  settingsOf,
} from './settings.ts';

export interface Kvb {
  readonly io: Io;
  readonly options: GlobalOptions;
  /** The apps that are set up. */
  readonly apps: readonly AppSettings[];
  call<T>(app: AppName, request: Request<T>): Promise<Answer<T>>;
  /** What both apps can answer is asked of the backup app, and of the restore app if that one is down or not set up. */
  callEither<T>(request: Request<T>): Promise<Answer<T>>;
  /** The answer: `raw` with --json, else the text. */
  answer(raw: unknown, text: () => string): void;
  /** For people only, beside the answer. */
  note(text: string): void;
}

export function kvbOf(io: Io, options: GlobalOptions): Kvb {
  // When they are asked for: what talks to no app needs no settings.
  const find = (name: AppName) => settingsOf(name, options, io);
  const note = (text: string) => {
    if (!options.quiet) io.stderr.write(`${plain(text)}\n`);
  };
  const call: Kvb['call'] = async (name, request) => {
    const app = find(name);
    if (!app) throw new Failure('usage', `nothing says where the ${name} app is`, example(name));
    return callApp(app, options.timeout, request);
  };
  return {
    io,
    options,
    get apps() {
      return appNames.map(find).filter((app) => app !== null);
    },
    note,
    call,
    async callEither(request) {
      if (!find('backup') && find('restore')) return call('restore', request);
      try {
        return await call('backup', request);
      } catch (error) {
        if (!(error instanceof Failure) || error.ending !== 'unreachable' || !find('restore')) throw error;
        note(`${error.message}; asking the restore app`);
        return call('restore', request);
      }
    },
    answer(raw, text) {
      io.stdout.write(`${options.json ? JSON.stringify(raw, null, 2) : plain(text())}\n`);
    },
  };
}

/** Makes a commander action of a command: its arguments and options, then the exit code for `ended`. */
export type Run = <A extends unknown[]>(
  act: (kvb: Kvb, ...args: A) => Promise<number>,
) => (...given: unknown[]) => Promise<void>;

export const runWith =
  (io: Io, ended: (exitCode: number) => void): Run =>
  <A extends unknown[]>(act: (kvb: Kvb, ...args: A) => Promise<number>) =>
  async (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    ended(await act(kvbOf(io, command.optsWithGlobals<GlobalOptions>()), ...(given.slice(0, -1) as A)));
  };
