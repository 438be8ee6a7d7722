/**
 * One invocation inside the worker, in the order of nodejs-worker `InvocationHandler.ts`: arguments, preInvocation
 * hooks, the function, postInvocation hooks, response. Hooks run one after another and may replace inputs, function,
 * result and error; `state` is what lets the library warn of logs that come after the end.
 */
import type { CoreInvocationContext, RegisteredFunction, WorkerState } from './coreModule.ts';
import type { RpcException, RpcInvocationRequest, RpcInvocationResponse } from './rpc.ts';
import type { LogScope } from './workerLog.ts';

export async function runInvocation(
  request: RpcInvocationRequest,
  fn: RegisteredFunction,
  state: WorkerState,
): Promise<RpcInvocationResponse> {
  if (state.model === undefined) throw new Error('No programming model was set.');
  let scope: LogScope | undefined;
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata: fn.metadata,
    state: undefined,
    log: (level, category, message) =>
      state.log({ level, category, message, invocationId: request.invocationId }, scope),
  };
  const model = await state.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const hookData = {};
  scope = { hookData, invocationContext: context };

  const shared = { hookData, appHookData: state.appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: fn.callback };
  core.state = 'preInvocationHooks';
  for (const hook of state.hooks.preInvocation) await hook(before);

  const after: { result: unknown; error: unknown } & Record<string, unknown> = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  core.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = 'postInvocationHooks';
  for (const hook of state.hooks.postInvocation) await hook(after);
  core.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  return model.getResponse(context, after.result);
}

/** What the worker reports of a failure; a thrown string becomes an error's message. */
export function toException(error: unknown): RpcException {
  const asError = error instanceof Error ? error : new Error(String(error));
  return { message: asError.message, stackTrace: asError.stack ?? asError.message };
}
