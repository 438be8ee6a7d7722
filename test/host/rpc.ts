/**
 * The shapes that host and worker exchange: what Azure sends over gRPC (names as in the protobuf, because the
 * `@azure/functions` library reads them), and around them the few messages of our own IPC channel.
 */
export interface RpcTypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  double?: number;
  http?: RpcHttpData;
}

export type NullableStrings = Record<string, { value: string }>;

export interface RpcHttpCookie {
  name: string;
  value: string;
  domain?: { value?: string };
  path?: { value?: string };
  expires?: { value?: { seconds: number } };
  secure?: { value?: boolean };
  httpOnly?: { value?: boolean };
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  maxAge?: { value?: number };
}

/** One type for both directions, as in the protobuf: requests fill the first half, responses the second. */
export interface RpcHttpData {
  method?: string;
  url?: string;
  nullableHeaders?: NullableStrings;
  nullableQuery?: NullableStrings;
  nullableParams?: NullableStrings;
  body?: RpcTypedData;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: RpcHttpCookie[];
}

export interface RpcDuration {
  seconds: number;
}

export interface RetryOptions {
  maxRetryCount?: number;
  retryStrategy?: 'fixedDelay' | 'exponentialBackoff';
  delayInterval?: RpcDuration;
  minimumInterval?: RpcDuration;
  maximumInterval?: RpcDuration;
}

export interface Binding {
  type: string;
  direction: 'in' | 'out';
  name?: string;
  [option: string]: unknown;
}

export interface FunctionMetadata {
  name: string;
  functionId: string;
  bindings: Record<string, Binding>;
  retryOptions?: RetryOptions;
}

export interface RpcException {
  message: string;
  stackTrace: string;
}

export interface RetryContext {
  retryCount: number;
  maxRetryCount: number;
  exception?: RpcException;
}

export interface RpcInvocationRequest {
  invocationId: string;
  functionId: string;
  inputData: { name: string; data: RpcTypedData }[];
  triggerMetadata: Record<string, RpcTypedData>;
  traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
  retryContext?: RetryContext;
}

export interface RpcInvocationResponse {
  invocationId: string;
  outputData: { name: string; data: RpcTypedData }[];
  returnValue?: RpcTypedData | null;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export type HostToWorker =
  | { type: 'load'; appDir: string }
  | { type: 'invoke'; request: RpcInvocationRequest }
  | { type: 'terminate' };

export type WorkerToHost =
  | { type: 'loaded'; functions: FunctionMetadata[]; capabilities: Record<string, string> }
  | { type: 'loadFailed'; message: string }
  | { type: 'log'; level: LogLevel; category: string; message: string; invocationId?: string }
  | { type: 'succeeded'; response: RpcInvocationResponse }
  | { type: 'failed'; invocationId: string; exception: RpcException };
