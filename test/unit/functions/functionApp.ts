/**
 * The function files outside a host. functions/app.ts parses the environment when it is imported, so each load gets a
 * stubbed environment and fresh modules; call unload after each test. What a file registers is noted, not run.
 */
import { app, InvocationContext, type InvocationContextInit } from '@azure/functions';
import { vi } from 'vitest';

export interface Registration {
  readonly kind: 'http' | 'timer' | 'storageQueue';
  readonly name: string;
  readonly options: Record<string, unknown> & { handler: (...args: unknown[]) => Promise<unknown> };
}

const settings = {
  BACKUP_PLANS: JSON.stringify([
    {
      name: 'payments',
      schedule: '0 0 2 * * *',
      vaults: ['contoso', 'fabrikam'],
      justification: 'a test of the functions',
    },
  ]),
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  BackupStorage: 'UseDevelopmentStorage=true',
  RESTORE_TARGETS: JSON.stringify({ contoso: ['contoso-dr'] }),
  APP_ROLE: 'all',
  API_AUTH: 'entra',
  WEBSITE_AUTH_ENABLED: 'true',
};

/** Imports a function file under these settings, and tells what it registered. */
export async function load<T>(
  importFile: () => Promise<T>,
  changed: Partial<Record<keyof typeof settings, string>> = {},
): Promise<{ module: T; registered: Registration[] }> {
  for (const [name, value] of Object.entries({ ...settings, ...changed })) vi.stubEnv(name, value);
  vi.resetModules();
  const registered: Registration[] = [];
  for (const kind of ['http', 'timer', 'storageQueue'] as const) {
    vi.spyOn(app, kind).mockImplementation((name: string, options: object) => {
      registered.push({ kind, name, options: options as Registration['options'] });
    });
  }
  return { module: await importFile(), registered };
}

export function unload(): void {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
}

export interface Logged {
  readonly level: string;
  readonly text: string;
}

/** An invocation whose log is kept. */
export function invocation(init: InvocationContextInit = {}): {
  context: InvocationContext;
  logged: Logged[];
} {
  const logged: Logged[] = [];
  const context = new InvocationContext({
    invocationId: 'invocation-1',
    functionName: 'test',
    logHandler: (level, ...args) => void logged.push({ level, text: args.map(String).join(' ') }),
    ...init,
  });
  return { context, logged };
}
