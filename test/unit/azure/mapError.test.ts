/**
 * What an answer means: status, code, inner code and message, as recorded traffic has them, to a code and a hint that names what the operator must touch.
 */
import { describe, expect, test } from 'vitest';
import { type Answer, mapAnswer, parseRetryAfter } from '../../../shared/azure/mapError.ts';
import type { ErrorCode } from '../../../shared/domain/errors.ts';

const permission = 'Microsoft.KeyVault/vaults/secrets/backup/action';
const target = 'vault contoso';
const answer = (fields: Partial<Answer> = {}): Answer => ({
  target,
  operation: 'backup of secrets/db-password',
  permission,
  status: null,
  code: null,
  innerCode: null,
  message: null,
  retryAfter: null,
  requestId: null,
  networkCode: null,
  timedOut: false,
  ...fields,
});

const rbacText =
  "Caller is not authorized to perform action on resource.\r\nAction: 'Microsoft.KeyVault/vaults/secrets/backup/action'\r\nVault: contoso;location=westeurope";
const policyText =
  "The user, group or application 'appid=1' does not have secrets backup permission on key vault 'contoso;location=westeurope'.";

describe('what the vault answers', () => {
  type Row = [number, string | null, string | null, string | null, ErrorCode, string[]];
  test.each<Row>([
    [
      400,
      'BadParameter',
      null,
      'The request URI contains an invalid name: a_b',
      'invalid',
      [target, 'BadParameter'],
    ],
    [
      400,
      'BadParameter',
      null,
      'The specified version (9.9) is not recognized. Consider using the latest supported version (7.6).',
      'invalid',
      [target],
    ],
    [400, 'BadParameter', null, 'Property  has invalid value\r\n', 'invalid', [target]],
    [
      400,
      'Malformed backup blob',
      null,
      'Backup blob is corrupt.',
      'corruptBlob',
      ['earlier recovery point'],
    ],
    [
      400,
      'Malformed backup blob',
      null,
      'Backup blob contains invalid or corrupt version.',
      'corruptBlob',
      ['earlier recovery point'],
    ],
    [
      400,
      'BadParameter',
      null,
      'Cannot decrypt backup blob.',
      'wrongGeography',
      ['subscription and geography', 'portable'],
    ],
    [
      400,
      'BadParameter',
      null,
      'The object has too many versions to back up.',
      'tooManyVersions',
      ['500', 'new object'],
    ],
    [400, null, null, null, 'invalid', [target, 'no code']],
    [401, 'Unauthorized', null, 'AKV10032: Invalid issuer.', 'unreachable', ['AZURE_CLIENT_ID', 'clock']],
    [401, 'Unauthorized', null, '[TokenExpired] Error validating token', 'unreachable', ['token']],
    [403, 'Forbidden', 'ForbiddenByRbac', rbacText, 'forbidden', ['Assign a role', permission, target]],
    [403, 'Forbidden', 'ForbiddenByPolicy', policyText, 'forbidden', ['access policies', permission, target]],
    [
      403,
      'Forbidden',
      'ForbiddenByFirewall',
      'Client address is not authorized',
      'forbidden',
      ['firewall', target],
    ],
    [
      403,
      'Forbidden',
      'ForbiddenByConnection',
      'Public network access is disabled',
      'forbidden',
      ['private endpoint', target],
    ],
    [403, 'Forbidden', 'AccessDenied', null, 'forbidden', ['AccessDenied', permission, target]],
    [
      403,
      'Forbidden',
      'SecretDisabled',
      'Operation get is not allowed on a disabled secret.',
      'forbidden',
      ['SecretDisabled', target],
    ],
    [403, 'KeyOperationForbidden', null, null, 'forbidden', ['KeyOperationForbidden', target]],
    [403, 'Forbidden', 'SecretManagedByKeyVault', null, 'managed', ['certificate']],
    [403, 'Forbidden', 'KeyManagedByKeyVault', null, 'managed', ['certificate']],
    [
      403,
      'Forbidden',
      null,
      'Backup is not allowed on a secret associated with a certificate',
      'managed',
      ['certificate'],
    ],
    [403, null, null, null, 'forbidden', ['403', permission, target]],
    [
      404,
      'SecretNotFound',
      null,
      'A secret with (name/id) x was not found in this key vault.',
      'notFound',
      [target],
    ],
    [404, 'KeyNotFound', null, 'Deleted Key not found: x', 'notFound', [target]],
    [405, 'MethodNotAllowed', null, 'HTTP PUT not allowed', 'invalid', [target]],
    [408, null, null, null, 'unreachable', ['network path', target]],
    [409, 'Conflict', 'ObjectIsBeingDeleted', 'Secret x is currently being deleted', 'conflict', [target]],
    [409, 'Conflict', 'ObjectIsDeletedButRecoverable', null, 'conflict', [target]],
    [409, 'Conflict', null, null, 'conflict', [target]],
    [413, 'RequestEntityTooLarge', null, null, 'tooManyVersions', ['500', 'new object']],
    [
      429,
      'Throttled',
      null,
      'Request was not processed because too many requests were received.',
      'throttled',
      [target, 'requestsPer10Seconds'],
    ],
    [500, 'InternalServerError', null, null, 'unreachable', [target]],
    [502, null, null, null, 'unreachable', [target]],
    [503, null, null, null, 'unreachable', [target]],
    [504, null, null, null, 'unreachable', [target]],
  ])('%i %s %s: "%s" → %s', (status, code, innerCode, message, expected, hints) => {
    const error = mapAnswer(answer({ status, code, innerCode, message }));
    expect(error.code).toBe(expected);
    for (const part of hints) expect(error.hint).toContain(part);
  });

  test.each([200, 204, 302])('%i that could not be read is no refusal, and is tried again', (status) => {
    expect(mapAnswer(answer({ status, code: 'PARSE_ERROR' })).code).toBe('internal');
  });

  test('a 403 on something without a known permission still says where to look', () => {
    const { permission: _permission, ...rest } = answer({ status: 403, innerCode: 'ForbiddenByRbac' });
    expect(mapAnswer(rest).hint).toContain('the data action named in the message');
  });
});

describe('no answer', () => {
  test.each([
    ['ECONNRESET', 'ECONNRESET'],
    ['ENOTFOUND', 'ENOTFOUND'],
    [null, 'no connection'],
  ])('network code %s', (networkCode, said) => {
    const error = mapAnswer(answer({ networkCode }));
    expect(error).toMatchObject({
      code: 'unreachable',
      message: `backup of secrets/db-password failed on vault contoso: ${said}`,
      hint: expect.stringMatching(/DNS, network path and firewall to vault contoso/),
    });
    expect(error.hint).not.toContain('versions');
  });

  test.each(['CredentialUnavailableError', 'AuthenticationError'])(
    '%s points to the identity',
    (networkCode) => {
      expect(mapAnswer(answer({ networkCode }))).toMatchObject({
        code: 'unreachable',
        hint: expect.stringContaining('AZURE_CLIENT_ID'),
      });
    },
  );

  test('a timeout is unreachable, whatever was heard before, and hints at many versions', () => {
    expect(mapAnswer(answer({ status: 200, timedOut: true }))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer in time'),
      hint: expect.stringContaining('number of versions'),
    });
  });
});

describe('the error', () => {
  test('says operation, target, status and codes, and never the service’s own text', () => {
    const error = mapAnswer(
      answer({ status: 403, code: 'Forbidden', innerCode: 'ForbiddenByPolicy', message: policyText }),
    );
    expect(error.message).toBe(
      'backup of secrets/db-password failed on vault contoso: 403 Forbidden ForbiddenByPolicy',
    );
    expect(`${error.message} ${error.hint}`).not.toContain('appid=1');
  });

  test('keeps the cause, the request id and Retry-After', () => {
    const cause = new Error('of the SDK');
    const error = mapAnswer(answer({ status: 429, requestId: 'r-1', retryAfter: '7' }), cause);
    expect(error).toMatchObject({ cause, requestId: 'r-1', retryAfterSeconds: 7 });
  });

  test('knows no Retry-After where none was sent', () => {
    expect(mapAnswer(answer({ status: 429 })).retryAfterSeconds).toBeUndefined();
    expect(mapAnswer(answer({ status: 429, retryAfter: 'soon' })).retryAfterSeconds).toBeUndefined();
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-22T02:00:00Z');
  test.each<[string | null, number | null]>([
    [null, null],
    ['', null],
    ['soon', null],
    ['0', 0],
    ['7', 7],
    [' 120 ', 120],
    ['Sun, 22 Nov 2026 02:00:30 GMT', 30],
    ['Sun, 22 Nov 2026 01:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
  ])('%j is %s seconds', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });

  test('a date is rounded up, so that nobody is early', () => {
    expect(parseRetryAfter('Sun, 22 Nov 2026 02:00:30 GMT', new Date(now.getTime() + 1))).toBe(30);
  });

  test('a date is nothing to somebody without a clock', () => {
    expect(parseRetryAfter('Sun, 22 Nov 2026 02:00:30 GMT', new Date(0))).toBeNull();
  });
});
