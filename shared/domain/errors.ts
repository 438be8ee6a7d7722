/**
 * What can go wrong with a vault or a store, as few codes; what becomes of a job for each code is a table.
 * The hint tells the operator what to do next. Unknown errors are `internal`.
 */
export const errorCodes = [
  'notFound',
  'managed',
  'tooManyVersions',
  'forbidden',
  'unreachable',
  'throttled',
  'conflict',
  'corruptBlob',
  'wrongGeography',
  'invalid',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface BackupErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  /** What the service asked for in Retry-After, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The service's x-ms-request-id, for a support request. */
  readonly requestId?: string;
  /** Of a conflict: the version id that the service names, which it knows only from having decrypted the blob. */
  readonly conflictVersion?: string;
}

export class BackupError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;
  readonly conflictVersion: string | undefined;

  constructor(code: ErrorCode, message: string, options: BackupErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'BackupError';
    this.code = code;
    this.hint = options.hint ?? '';
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.requestId = options.requestId;
    this.conflictVersion = options.conflictVersion;
  }
}

/** What a caller asked for cannot be: the caller's own 400, 404 or 409, unlike what a store answered to us. */
export class RequestRefused extends BackupError {
  constructor(code: 'invalid' | 'notFound' | 'conflict', message: string, hint: string) {
    super(code, message, { hint });
    this.name = 'RequestRefused';
  }
}

/** Thrown instead of waiting long in a slot: the message goes back with this delay. Not a failure. */
export class NotNow extends Error {
  readonly delayMs: number;

  constructor(delayMs: number) {
    super(`the vault may be called again in ${Math.ceil(delayMs / 1000)} s`);
    this.name = 'NotNow';
    this.delayMs = delayMs;
  }
}

/** `retry`: fails this delivery, the queue tries again, the last delivery records `failed`. `defer`: goes back, uses up nothing. */
export type Disposition = 'retry' | 'defer' | 'gone' | 'skipped' | 'failed';

export const dispositionOf = {
  notFound: 'gone',
  managed: 'skipped',
  tooManyVersions: 'failed',
  forbidden: 'failed',
  unreachable: 'retry',
  throttled: 'defer',
  conflict: 'retry',
  corruptBlob: 'failed',
  wrongGeography: 'failed',
  invalid: 'failed',
  internal: 'retry',
} as const satisfies Record<ErrorCode, Disposition>;

export const asBackupError = (error: unknown): BackupError =>
  error instanceof BackupError
    ? error
    : new BackupError('internal', error instanceof Error ? error.message : String(error), {
        cause: error,
        hint: 'Read the logs of this invocation; if it goes on, open an issue with them.',
      });
