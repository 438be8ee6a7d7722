/**
 * The local host from the command line: `node test/host/main.ts --app <dir> --port 7071`. Reads local.settings.json of
 * the app; settings that the shell has already win, as under Core Tools. Ctrl-C ends it politely.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from './errors.ts';
import { type HostLogLine, startHost } from './host.ts';

const { values } = parseArgs({
  options: { app: { type: 'string', default: '.' }, port: { type: 'string', default: '7071' } },
});

function print({ at, level, message, functionName }: HostLogLine): void {
  if (level === 'trace' || level === 'debug') return;
  console.log(`[${at.toISOString()}] ${level.padEnd(11)} ${functionName ?? ''} ${message}`);
}

const appDir = path.resolve(values.app);
const localSettingsFile = path.join(appDir, 'local.settings.json');
const shell = Object.entries(process.env).flatMap(([name, value]) =>
  value === undefined ? [] : [[name, value]],
);

try {
  const host = await startHost({
    appDir,
    env: Object.fromEntries(shell),
    port: Number(values.port),
    ...(existsSync(localSettingsFile) ? { localSettingsFile } : {}),
    log: print,
  });
  console.log(`\nFunctions of ${appDir}:\n`);
  for (const fn of host.functions) {
    console.log(
      `  ${fn.name}: ${fn.url ?? fn.queueName ?? fn.schedule ?? ''} ${fn.methods?.join(',') ?? ''}`,
    );
  }
  console.log(`\nThe host is ready on ${host.url}`);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void host.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(`The host could not start: ${messageOf(error)}`);
  process.exitCode = 1;
}
