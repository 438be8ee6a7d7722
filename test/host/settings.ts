/**
 * App settings: `Values` of local.settings.json under the given environment, `%SETTING%` expansion, and the storage
 * connection look-up of the queue extension (`StorageClientProvider.cs`). Only connection strings: identity-based
 * connections need Azure.
 */
import { readFileSync } from 'node:fs';

export type Settings = Record<string, string>;

export function readSettings(env: Settings, localSettingsFile: string | undefined): Settings {
  if (localSettingsFile === undefined) return { ...env };
  const file = JSON.parse(readFileSync(localSettingsFile, 'utf8')) as {
    IsEncrypted?: boolean;
    Values?: Record<string, unknown>;
    ConnectionStrings?: Record<string, string | { ConnectionString: string }>;
  };
  if (file.IsEncrypted === true)
    throw new Error(`${localSettingsFile} is encrypted: this host cannot read it.`);
  const values: Settings = {};
  for (const [name, value] of Object.entries(file.Values ?? {})) {
    if (typeof value !== 'string') throw new Error(`${localSettingsFile}: Values.${name} must be a string.`);
    values[name] = value;
  }
  for (const [name, value] of Object.entries(file.ConnectionStrings ?? {})) {
    values[`ConnectionStrings:${name}`] = typeof value === 'string' ? value : value.ConnectionString;
  }
  // Core Tools forces this one, whatever the file says.
  return { ...values, ...env, AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
}

/** Setting names are case-insensitive in the host, whose configuration comes from .NET. */
export function getSetting(settings: Settings, name: string): string | undefined {
  const wanted = name.replaceAll('__', ':').toLowerCase();
  const entry = Object.entries(settings).find(([key]) => key.replaceAll('__', ':').toLowerCase() === wanted);
  return entry?.[1] === '' ? undefined : entry?.[1];
}

export function expandSettings(text: string, settings: Settings, where: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = getSetting(settings, name);
    if (value === undefined)
      throw new Error(`${where}: '%${name}%' does not resolve to a value. Add the app setting ${name}.`);
    return value;
  });
}

export function connectionString(connection: unknown, settings: Settings, where: string): string {
  const name =
    typeof connection === 'string' && connection !== ''
      ? expandSettings(connection, settings, where)
      : 'Storage';
  const candidates = [`AzureWebJobs${name}`, name];
  for (const candidate of candidates) {
    const value = getSetting(settings, `ConnectionStrings:${candidate}`) ?? getSetting(settings, candidate);
    if (value !== undefined) return value;
  }
  const identityBased = Object.keys(settings).some((key) =>
    candidates.some((candidate) => key.toLowerCase().startsWith(`${candidate.toLowerCase()}__`)),
  );
  throw new Error(
    identityBased
      ? `${where}: the connection "${name}" is identity-based (${name}__…); this host supports connection strings only.`
      : `${where}: no app setting ${candidates.join(' or ')} holds a storage connection string.`,
  );
}

/** What any process needs to run at all; everything else of the worker's environment is app settings. */
const ESSENTIALS = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'USER',
  'SystemRoot',
  'USERPROFILE',
  'APPDATA',
];

export function workerEnvironment(settings: Settings): Record<string, string> {
  const inherited = ESSENTIALS.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), ...settings };
}
