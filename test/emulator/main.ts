/**
 * The emulator as a process: `node test/emulator/main.ts --config file.json`. The file holds EmulatorOptions;
 * without `tls` a fresh CA is made, and the ready line carries it.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEmulator } from './emulator.ts';
import type { EmulatorOptions } from './options.ts';
import { makeTls } from './tls.ts';

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) throw new Error('usage: node test/emulator/main.ts --config file.json');
const config = JSON.parse(readFileSync(values.config, 'utf8')) as EmulatorOptions;
const made = await makeTls();
const emulator = await startEmulator({ ...config, tls: config.tls ?? made });
const { vaults, adminUrl, identityEndpoint, identityHeader } = emulator;
const ca = config.tls === undefined ? { ca: made.ca } : {};
console.log(JSON.stringify({ ready: true, vaults, adminUrl, identityEndpoint, identityHeader, ...ca }));
const stop = (): void => void emulator.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
