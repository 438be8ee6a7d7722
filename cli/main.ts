#!/usr/bin/env node
/** `kvb`: the operator's command line (`npm run kvb -- …` in this repository). */
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';

const { stdin, stdout, stderr, env, argv } = process;
// The reader of a pipe may have seen enough: `kvb points … | head`.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await run(argv.slice(2), { stdin, stdout, stderr, env, sleep });
