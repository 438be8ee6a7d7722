/** Where the two apps are and how to sign in: a flag, else the environment. A key is never a flag, where `ps` shows it. */
import { z } from 'zod';
import { Failure } from './failure.ts';
import { readNamed } from './files.ts';
import type { Io } from './io.ts';

export const appNames = ['backup', 'restore'] as const;
export type AppName = (typeof appNames)[number];

/** The options that every command has. */
export interface GlobalOptions {
  readonly backupUrl?: string;
  readonly restoreUrl?: string;
  readonly keyFile?: string;
  readonly appId?: string;
  readonly restoreAppId?: string;
  readonly timeout: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

export type SignIn =
  | { readonly how: 'key'; readonly key: string }
  | { readonly how: 'token'; readonly scope: string }
  | { readonly how: 'none' };

export interface AppSettings {
  readonly name: AppName;
  /** Ends in `/api`. */
  readonly url: string;
  readonly signIn: SignIn;
}

const isLoopback = ({ hostname }: URL) =>
  hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');

/** The settings of an app; null if it is not said where it is. */
export function settingsOf(name: AppName, options: GlobalOptions, { env }: Io): AppSettings | null {
  const isBackup = name === 'backup';
  const given = isBackup
    ? (options.backupUrl ?? env['KVB_BACKUP_URL'])
    : (options.restoreUrl ?? env['KVB_RESTORE_URL']);
  if (!given) return null;
  const url = z.url({ protocol: /^https?$/ }).safeParse(given);
  if (!url.success)
    throw new Failure('usage', `the address of the ${name} app, "${given}", is no URL`, example(name));
  const parsed = new URL(url.data);
  const signIn = signInOf(name, options, env);
  if (signIn.how === 'none' && !isLoopback(parsed))
    throw new Failure(
      'usage',
      `nothing says how to sign in to the ${name} app`,
      `Set ${isBackup ? 'KVB_APP_ID' : 'KVB_RESTORE_APP_ID'} to the client id of its app registration, or KVB_KEY to a function key where API_AUTH=key.`,
    );
  if (parsed.protocol === 'http:' && !isLoopback(parsed))
    throw new Failure(
      'usage',
      `${parsed.origin} is not encrypted, so no key or token is sent there`,
      'Write https://.',
    );
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
  return { name, url: `${parsed.origin}${path}/api`, signIn };
}

function signInOf(name: AppName, options: GlobalOptions, env: Io['env']): SignIn {
  const ofRestore = name === 'restore';
  const key =
    (ofRestore ? env['KVB_RESTORE_KEY'] : undefined) || env['KVB_KEY'] || fromFile(options.keyFile, env);
  if (key) return { how: 'key', key: headerSafe(key) };
  const appId = ofRestore
    ? (options.restoreAppId ?? env['KVB_RESTORE_APP_ID'])
    : (options.appId ?? env['KVB_APP_ID']);
  if (!appId) return { how: 'none' };
  const resource = appId.includes('://') ? appId.replace(/\/+$/, '') : `api://${appId}`;
  return { how: 'token', scope: resource.endsWith('/.default') ? resource : `${resource}/.default` };
}

function fromFile(file: string | undefined, env: Io['env']): string | undefined {
  if (file === undefined) return undefined;
  return readNamed({ env }, file, 'the function key and nothing else').toString('utf8').trim();
}

function headerSafe(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Failure(
    'usage',
    'the function key holds a character that no key has',
    'Copy it again, without spaces and line ends.',
  );
}

export const example = (name: AppName): string =>
  `Set KVB_${name.toUpperCase()}_URL, or give --${name}-url, as in https://func-kvb-${name}.azurewebsites.net.`;
