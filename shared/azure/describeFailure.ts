/**
 * Gathers what an SDK error and the noted exchange know together, for mapError. The SDK's own error is only one
 * source: an empty error body surfaces as a TypeError without a status.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import { BackupError, NotNow } from '../domain/errors.ts';
import type { Exchange } from './exchange.ts';
import { type Answer, mapAnswer } from './mapError.ts';

export interface CallNames extends Pick<Answer, 'target' | 'operation' | 'permission'> {
  /** What is sent or answered holds a value: the SDK's error, which has both, is not kept as the cause. */
  readonly hush?: boolean;
}

export function describeFailure(
  error: unknown,
  { hush = false, ...names }: CallNames,
  exchange: Exchange | null,
): BackupError | NotNow {
  if (error instanceof BackupError || error instanceof NotNow) return error;
  const rest = isRestError(error) ? error : null;
  const timedOut = exchange?.timedOut === true;
  const status = rest?.statusCode ?? exchange?.status ?? null;
  const body = errorBody(exchange?.text ?? rest?.response?.bodyAsText ?? null);
  const headers = exchange?.headers ?? rest?.response?.headers.toJSON() ?? {};
  const answer: Answer = {
    ...names,
    status: timedOut ? null : status,
    code: body.code ?? headers['x-ms-error-code'] ?? rest?.code ?? null,
    innerCode: body.innerCode,
    message: body.message,
    retryAfter: headers['retry-after'] ?? null,
    requestId: headers['x-ms-request-id'] ?? null,
    networkCode: status === null ? (rest?.code ?? nodeCode(error)) : null,
    timedOut,
  };
  return mapAnswer(answer, hush ? undefined : error);
}

function nodeCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : null;
}

function errorBody(text: string | null): {
  code: string | null;
  message: string | null;
  innerCode: string | null;
} {
  const none = { code: null, message: null, innerCode: null };
  if (!text?.startsWith('{')) return none;
  try {
    const { error } = JSON.parse(text) as {
      error?: { code?: string; message?: string; innererror?: { code?: string } };
    };
    return {
      code: error?.code ?? null,
      message: error?.message ?? null,
      innerCode: error?.innererror?.code ?? null,
    };
  } catch {
    return none;
  }
}
