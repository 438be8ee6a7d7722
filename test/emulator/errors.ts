/**
 * Errors as the service words them: the envelope, the code, the innererror.
 * An operation throws a ServiceError; the pipeline turns it into the answer.
 */
import type { Kind } from './model.ts';

export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;
  readonly innererror: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    innererror?: string,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.innererror = innererror;
    this.headers = headers;
  }
}

export function errorBody(code: string, message: string, innererror?: string): unknown {
  return {
    error: { code, message, ...(innererror === undefined ? {} : { innererror: { code: innererror } }) },
  };
}

const title = { secret: 'Secret', key: 'Key', certificate: 'Certificate' } as const;

export function titleOf(kind: Kind): 'Secret' | 'Key' | 'Certificate' {
  return title[kind];
}

export function badParameter(message: string, innererror?: string): ServiceError {
  return new ServiceError(400, 'BadParameter', message, innererror);
}

/** The service's answer to unusable JSON and to members of a wrong type: the property name is empty. */
export function invalidProperty(): ServiceError {
  return badParameter('Property  has invalid value\r\n');
}

/** 404 of a live object or version, and of everything the vault does not know. */
export function notFound(kind: Kind, id: string): ServiceError {
  return new ServiceError(
    404,
    `${title[kind]}NotFound`,
    `A ${kind} with (name/id) ${id} was not found in this key vault. If you recently deleted this ${kind} you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}

/** 404 of a deleted look-up whose name the vault knows, but not (yet) as deleted. */
export function deletedNotFound(kind: Kind, name: string): ServiceError {
  return new ServiceError(404, `${title[kind]}NotFound`, `Deleted ${title[kind]} not found: ${name}`);
}

export function conflict(message: string, innererror?: string): ServiceError {
  return new ServiceError(409, 'Conflict', message, innererror);
}

export function forbidden(message: string, innererror?: string): ServiceError {
  return new ServiceError(403, 'Forbidden', message, innererror);
}

/** A managed key or secret refuses whatever belongs to its certificate. */
export function managedByKeyVault(kind: Kind, operation: string): ServiceError {
  return forbidden(
    `Operation "${operation}" is not allowed on this ${kind}, since it is associated with a certificate. Perform the operation on the corresponding certificate. For more information: https://aka.ms/kvcertmanaged`,
    `${title[kind]}ManagedByKeyVault`,
  );
}

export function throttled(): ServiceError {
  return new ServiceError(
    429,
    'Throttled',
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
  );
}
