/**
 * The module `@azure/functions-core`: not a package, but what the Node worker hands to the `@azure/functions`
 * library by intercepting `require` (nodejs-worker `setupCoreModule.ts`). Only `require` is intercepted: an ESM
 * bundle that imports the id fails here as it does on Azure.
 */
import Module from 'node:module';
import type {
  Binding,
  FunctionMetadata,
  LogLevel,
  RetryOptions,
  RpcInvocationRequest,
  RpcInvocationResponse,
} from './rpc.ts';
import { createLog, type LogSink } from './workerLog.ts';

export type Callback = (...args: unknown[]) => unknown;
export type Hook = (context: Record<string, unknown>) => unknown;
export const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOK_NAMES)[number];

export interface CoreInvocationContext {
  invocationId: string;
  request: RpcInvocationRequest;
  metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

/** What the library gives us with `setProgrammingModel`. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

export interface RegisteredFunction {
  metadata: FunctionMetadata;
  callback: Callback;
}

/** Everything the app registered, and the log that its hooks see. */
export interface WorkerState {
  functions: Map<string, RegisteredFunction>;
  hooks: Record<HookName, Hook[]>;
  /** Handed to all hooks. */
  appHookData: Record<string, unknown>;
  /** Shared by `appStart` and `appTerminate` hooks only; an invocation's hooks share their own. */
  appLevelHookData: Record<string, unknown>;
  model: ProgrammingModel | undefined;
  registrationLocked: boolean;
  log: ReturnType<typeof createLog>;
}

class Disposable {
  readonly #release: () => void;
  constructor(release: () => void) {
    this.#release = release;
  }
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }
  dispose(): void {
    this.#release();
  }
}

export function createWorkerState(sink: LogSink): WorkerState {
  const hooks = { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] };
  const appHookData = {};
  return {
    functions: new Map(),
    hooks,
    appHookData,
    appLevelHookData: {},
    model: undefined,
    registrationLocked: false,
    log: createLog(hooks.log, appHookData, sink),
  };
}

function createCoreModule(state: WorkerState) {
  return {
    version: '3.14.1', // of the worker that this copies
    hostVersion: '4.1052.200', // of the host that this copies
    Disposable,
    setProgrammingModel: (model: ProgrammingModel) => {
      state.model = model;
    },
    getProgrammingModel: () => state.model,
    log: (level: LogLevel, category: string, message: string) => state.log({ level, category, message }),
    registerHook: (name: string, hook: Hook) => {
      const known = HOOK_NAMES.find((candidate) => candidate === name);
      // The library recognises an old host by exactly this name and flag.
      if (known === undefined) throw systemError(new RangeError(`Unrecognized hook "${name}"`));
      const hooks = state.hooks[known];
      hooks.push(hook);
      return new Disposable(() => {
        const index = hooks.indexOf(hook);
        if (index >= 0) hooks.splice(index, 1);
      });
    },
    registerFunction: (
      metadata: {
        name: string;
        functionId?: string;
        bindings: Record<string, Binding>;
        retryOptions?: RetryOptions;
      },
      callback: Callback,
    ) => {
      if (state.registrationLocked) {
        throw systemError(new Error('A function can only be registered during app startup.'));
      }
      const functionId = metadata.functionId ?? metadata.name;
      if (state.functions.has(functionId)) {
        throw systemError(new Error(`A function with id "${functionId}" has already been registered.`));
      }
      state.functions.set(functionId, { metadata: { ...metadata, functionId }, callback });
      return new Disposable(() => state.functions.delete(functionId));
    },
  };
}

function systemError<E extends Error>(error: E): E {
  return Object.assign(error, { isAzureFunctionsSystemError: true });
}

export function installCoreModule(state: WorkerState): void {
  const core = createCoreModule(state);
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, args: unknown[]) =>
      args[0] === '@azure/functions-core' ? core : Reflect.apply(target, self, args),
  });
}
