/** Errors as RFC 9457 problem documents: what happened, its code, and what to do next. Never a stack, never an SDK text. */
import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import type { ProblemCode, problemShape } from '../../shared/domain/answers.ts';
import { BackupError, RequestRefused } from '../../shared/domain/errors.ts';

type Extra = Readonly<Partial<Pick<z.infer<typeof problemShape>, 'problems' | 'run' | 'vaults'>>>;

const statusOf: Readonly<Record<ProblemCode, number>> = {
  badRequest: 400,
  invalid: 400,
  tooLarge: 413,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  busy: 409,
  conflict: 409,
  managed: 409,
  tooManyVersions: 409,
  corruptBlob: 500,
  wrongGeography: 409,
  throttled: 503,
  unreachable: 503,
  internal: 500,
};

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly hint: string;
  readonly extra: Extra;

  constructor(code: ProblemCode, detail: string, hint: string, extra: Extra = {}) {
    super(detail);
    this.code = code;
    this.hint = hint;
    this.extra = extra;
  }
}

export function problemResponse(error: unknown, context: InvocationContext): HttpResponseInit {
  if (error instanceof Problem) return respond(error.code, error.message, error.hint, error.extra);
  if (error instanceof RequestRefused) return respond(error.code, error.message, error.hint);
  if (error instanceof BackupError && error.code !== 'internal') {
    // What the store answered to us is not the caller's own 403 or 404.
    const code = error.code === 'forbidden' || error.code === 'notFound' ? 'unreachable' : error.code;
    context.error(`${error.code}: ${error.message}. ${error.hint}`);
    return respond(code, error.message, error.hint);
  }
  context.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return respond(
    'internal',
    'something went wrong inside the service',
    `Read the logs of invocation ${context.invocationId}.`,
  );
}

function respond(code: ProblemCode, detail: string, hint: string, extra: Extra = {}): HttpResponseInit {
  const status = statusOf[code];
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({
      type: 'about:blank',
      title: titles[status] ?? 'Error',
      status,
      code,
      detail,
      hint,
      ...extra,
    }),
  };
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
