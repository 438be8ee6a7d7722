/**
 * One pure function from what a vault or store answered to a BackupError with a hint for the operator.
 * Shapes and texts: from recorded traffic of the service's own SDK tests; match on codes, and on message
 * fragments only where no code tells.
 */
import { BackupError, type ErrorCode } from '../domain/errors.ts';
import { tooManyVersionsHint } from '../domain/versions.ts';

export interface Answer {
  /** "vault contoso-payments", "container backups": what the sentence and the hint are about. */
  readonly target: string;
  /** "backup of secrets/db-password", "list of keys". */
  readonly operation: string;
  /** The RBAC data action that the operation needs, for the hint of a 403. */
  readonly permission?: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly innerCode: string | null;
  readonly message: string | null;
  readonly retryAfter: string | null;
  readonly requestId: string | null;
  /** ECONNRESET and friends, when nothing was answered. */
  readonly networkCode: string | null;
  readonly timedOut: boolean;
}

export function mapAnswer(answer: Answer, cause?: unknown): BackupError {
  const { code, hint } = classify(answer);
  const said = answer.timedOut
    ? 'no answer in time'
    : answer.status === null
      ? (answer.networkCode ?? 'no connection')
      : [answer.status, answer.code, answer.innerCode].filter(Boolean).join(' ');
  const conflictVersion = code === 'conflict' ? versionIn(answer.message) : null;
  const retryAfterSeconds = parseRetryAfter(answer.retryAfter, new Date(0));
  return new BackupError(code, `${answer.operation} failed on ${answer.target}: ${said}`, {
    hint,
    cause,
    ...(answer.requestId ? { requestId: answer.requestId } : {}),
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    ...(conflictVersion === null ? {} : { conflictVersion }),
  });
}

/** "There was a conflict restoring the secret 'https://v1…/secrets/n/<version>'": of an identifier, its version. */
const versionIn = (message: string | null): string | null =>
  /\/(?:secrets|keys|certificates)\/[\w-]+\/([0-9a-f]{32})\b/i.exec(message ?? '')?.[1]?.toLowerCase() ??
  null;

function classify(answer: Answer): { code: ErrorCode; hint: string } {
  const { status, target, timedOut } = answer;
  if (status === null || timedOut) return unreachable(answer);
  if (status < 400)
    return { code: 'internal', hint: `The answer of ${target} could not be read; it is tried again.` };
  // No permission is missing: the token is. That passes, like an outage, and must not cost an object its backup.
  if (status === 401) return { code: 'unreachable', hint: tokenHint };
  if (status === 403) return forbidden(answer);
  if (status === 404) return { code: 'notFound', hint: `It is not in ${target} (any more).` };
  if (status === 409)
    return {
      code: 'conflict',
      hint: `Another operation on the same name is under way in ${target}; it is tried again.`,
    };
  if (status === 429)
    return {
      code: 'throttled',
      hint: `${target} is over its limits, by all its clients together. Lower requestsPer10Seconds of the plan if this goes on.`,
    };
  if (status === 408 || status >= 500) return unreachable(answer);
  if (status === 400) return badRequest(answer);
  if (status === 413) return { code: 'tooManyVersions', hint: tooManyVersionsHint };
  return { code: 'invalid', hint: `${target} refused the request; see the service's code in the message.` };
}

const tokenHint =
  "No valid token: check AZURE_CLIENT_ID, that the identity is assigned to the app and of the vault's tenant, and the host's clock; it is tried again until the deadline.";

function unreachable(answer: Answer): { code: ErrorCode; hint: string } {
  if (/Credential|Authentication/.test(answer.networkCode ?? ''))
    return { code: 'unreachable', hint: tokenHint };
  const slow = answer.timedOut
    ? ' A backup of very many versions can time out as well: see the number of versions.'
    : '';
  return {
    code: 'unreachable',
    hint: `Check DNS, network path and firewall to ${answer.target}; it is tried again until the deadline.${slow}`,
  };
}

function forbidden({ code, innerCode, message, target, permission }: Answer): {
  code: ErrorCode;
  hint: string;
} {
  const need = permission ?? 'the data action named in the message';
  if (innerCode?.endsWith('ManagedByKeyVault') || /associated with a certificate/.test(message ?? '')) {
    return { code: 'managed', hint: 'A certificate owns this object; it travels with the certificate.' };
  }
  switch (innerCode) {
    case 'ForbiddenByRbac':
      return {
        code: 'forbidden',
        hint: `Assign a role with ${need} to the app's identity on ${target}; assignments need minutes to take effect.`,
      };
    case 'ForbiddenByPolicy':
      return {
        code: 'forbidden',
        hint: `Add the permission for ${need} to the app's identity in the access policies of ${target}.`,
      };
    case 'ForbiddenByFirewall':
      return {
        code: 'forbidden',
        hint: `The firewall of ${target} does not admit this app: allow its subnet or address, or connect it by private endpoint.`,
      };
    case 'ForbiddenByConnection':
      return {
        code: 'forbidden',
        hint: `${target} admits private link only: integrate the app in a network with a private endpoint to it.`,
      };
    default:
      return {
        code: 'forbidden',
        hint: `${target} refused (${innerCode ?? code ?? '403'}): check ${need} for the app's identity.`,
      };
  }
}

function badRequest({ code, message, target }: Answer): { code: ErrorCode; hint: string } {
  if (/cannot decrypt backup blob/i.test(message ?? '')) {
    return {
      code: 'wrongGeography',
      hint: 'A blob restores only in the subscription and geography it was taken in; use a portable copy.',
    };
  }
  if (code === 'Malformed backup blob')
    return {
      code: 'corruptBlob',
      hint: 'The stored bytes are not what the vault returned; use an earlier recovery point.',
    };
  if (/\bversions\b/i.test(message ?? '')) return { code: 'tooManyVersions', hint: tooManyVersionsHint };
  return { code: 'invalid', hint: `${target} refused the request as malformed (${code ?? 'no code'}).` };
}

/** Seconds, or an HTTP date (only together with a real `now`); anything else counts as absent. */
export function parseRetryAfter(value: string | null, now: Date): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value.trim())) return Number(value.trim());
  const at = value.trim().endsWith('GMT') ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at) || now.getTime() === 0) return null;
  return Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}
