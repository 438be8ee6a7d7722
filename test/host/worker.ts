/**
 * Entry of the worker process: a forked child of the host that loads the app and runs its invocations, as the Node
 * worker of Azure Functions does. An uncaught exception or unhandled rejection ends the process, and with it every
 * invocation in flight; so does the death of the host.
 */
import { loadApp } from './appLoader.ts';
import { createWorkerState, installCoreModule } from './coreModule.ts';
import { runInvocation, toException } from './invocation.ts';
import type { HostToWorker, RpcInvocationRequest, WorkerToHost } from './rpc.ts';

let loaded = false;
const state = createWorkerState((line) => send({ type: 'log', ...line }));

function send(message: WorkerToHost, sent?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => sent?.());
  else sent?.();
}

function die(kind: string, error: unknown): void {
  const message = `Worker ${kind}: ${toException(error).stackTrace}`;
  if (!loaded) send({ type: 'loadFailed', message }, () => process.exit(1));
  else send({ type: 'log', level: 'error', category: 'system', message }, () => process.exit(1));
}

async function load(appDir: string): Promise<void> {
  try {
    const capabilities = await loadApp(appDir, state);
    // A promise that an entry file left to fail reports itself only now; that is an app that cannot start, too.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    loaded = true;
    const functions = Array.from(state.functions.values(), ({ metadata }) => metadata);
    // Bindings are the user's own option objects: only their JSON form reaches the host, as on Azure.
    send({ type: 'loaded', functions: JSON.parse(JSON.stringify(functions)), capabilities });
  } catch (error) {
    send({ type: 'loadFailed', message: toException(error).message }, () => process.exit(1));
  }
}

async function invoke(request: RpcInvocationRequest): Promise<void> {
  try {
    const fn = state.functions.get(request.functionId);
    if (fn === undefined) throw new Error(`Function "${request.functionId}" is not registered.`);
    send({ type: 'succeeded', response: await runInvocation(request, fn, state) });
  } catch (error) {
    send({ type: 'failed', invocationId: request.invocationId, exception: toException(error) });
  }
}

async function terminate(): Promise<void> {
  for (const hook of state.hooks.appTerminate) {
    await hook({ hookData: state.appLevelHookData, appHookData: state.appHookData });
  }
  // The channel keeps order: once this line is out, those of the hooks are.
  send({ type: 'log', level: 'debug', category: 'system', message: 'Worker terminated.' }, () =>
    process.exit(0),
  );
}

process.on('uncaughtException', (error) => die('uncaught exception', error));
process.on('unhandledRejection', (error) => die('unhandled rejection', error));
process.on('disconnect', () => process.exit(1));
process.on('message', (message: HostToWorker) => {
  switch (message.type) {
    case 'load':
      installCoreModule(state);
      void load(message.appDir);
      break;
    case 'invoke':
      void invoke(message.request);
      break;
    case 'terminate':
      void terminate();
      break;
  }
});
