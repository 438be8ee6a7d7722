/**
 * Loads the app as the Node worker does (nodejs-worker `startApp.ts`): `main` of package.json as a glob, each match
 * in turn, `appStart` hooks, capabilities, then the lock. Any error of an entry file stops the app; no match and no
 * registered function are errors too, because on Azure they show up only as an app that does nothing.
 */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerState } from './coreModule.ts';

const WORKER_CAPABILITIES = [
  'RawHttpBodyBytes',
  'RpcHttpTriggerMetadataRemoved',
  'RpcHttpBodyOnly',
  'IgnoreEmptyValuedRpcHttpHeaders',
  'UseNullableValueDictionaryForHttp',
  'WorkerStatus',
  'TypedDataCollection',
  'HandlesWorkerTerminateMessage',
];

export async function loadApp(appDir: string, state: WorkerState): Promise<Record<string, string>> {
  const packageFile = path.join(appDir, 'package.json');
  const packageJson = JSON.parse(readFileSync(packageFile, 'utf8')) as { main?: string; type?: string };
  const main = packageJson.main;
  if (main === undefined || main === '') throw new Error(`${packageFile} has no "main".`);
  const files = globSync(main, { cwd: appDir }).toSorted();
  if (files.length === 0) {
    throw new Error(
      `Worker was unable to load entry point "${main}": Found zero files matching the supplied pattern`,
    );
  }
  for (const file of files) await loadFile(path.join(appDir, file), packageJson.type === 'module', main);
  if (state.model === undefined || state.functions.size === 0) {
    throw new Error(`No function was registered by "${main}" (${files.length} files loaded).`);
  }
  for (const hook of state.hooks.appStart) {
    await hook({
      hookData: state.appLevelHookData,
      appHookData: state.appHookData,
      functionAppDirectory: appDir,
    });
  }
  const offered = Object.fromEntries(WORKER_CAPABILITIES.map((name) => [name, 'true']));
  const capabilities = await state.model.getCapabilities(offered);
  state.registrationLocked = true;
  return capabilities;
}

async function loadFile(file: string, packageIsModule: boolean, main: string): Promise<void> {
  const esm = file.endsWith('.mjs') || (packageIsModule && !file.endsWith('.cjs'));
  try {
    if (esm) await import(pathToFileURL(file).href);
    else createRequire(file)(file);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    throw new Error(`Worker was unable to load entry point "${main}": ${file}: ${reason}`, { cause });
  }
}
