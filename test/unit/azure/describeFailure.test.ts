/** What an SDK throws and what went over the wire, put together: the SDK's error alone is often not enough. */
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../../shared/azure/describeFailure.ts';
import type { Exchange } from '../../../shared/azure/exchange.ts';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';

const names = { target: 'vault contoso', operation: 'list of secrets', permission: 'vaults/secrets/read' };
const exchange = (fields: Partial<Exchange> = {}): Exchange => ({
  url: null,
  status: null,
  headers: {},
  text: null,
  timedOut: false,
  ...fields,
});
const body = (code: string, innerCode?: string) =>
  JSON.stringify({
    error: { code, message: 'words', ...(innerCode ? { innererror: { code: innerCode } } : {}) },
  });
const emptyBody = new TypeError("Cannot read properties of null (reading 'error')");

describe('with a noted exchange', () => {
  test.each<[string, unknown, Exchange, Partial<BackupError>]>([
    [
      'an empty error body surfaces as a TypeError; the status is the exchange’s',
      emptyBody,
      exchange({ status: 503 }),
      { code: 'unreachable', message: expect.stringMatching(/: 503$/) },
    ],
    [
      'the same at 429',
      emptyBody,
      exchange({ status: 429, headers: { 'retry-after': '3' } }),
      { code: 'throttled', retryAfterSeconds: 3 },
    ],
    ['the same at 403', emptyBody, exchange({ status: 403 }), { code: 'forbidden' }],
    [
      'a list’s lost innererror is in the noted text',
      new RestError('Pagination failed', { statusCode: 403, code: 'Forbidden' }),
      exchange({ status: 403, text: body('Forbidden', 'ForbiddenByFirewall') }),
      { code: 'forbidden', hint: expect.stringContaining('firewall') },
    ],
    [
      'HTML of a gateway',
      new RestError('Bad gateway', { statusCode: 502 }),
      exchange({ status: 502, text: '<html>Bad Gateway</html>' }),
      { code: 'unreachable' },
    ],
    [
      'HTML of a proxy that refuses',
      new RestError('Forbidden', { statusCode: 403 }),
      exchange({ status: 403, text: '<html>Forbidden</html>' }),
      { code: 'forbidden', hint: expect.stringContaining('vaults/secrets/read') },
    ],
    [
      'an error’s truncated JSON',
      new RestError('Unexpected end', { code: 'PARSE_ERROR', statusCode: 503 }),
      exchange({ status: 503, text: '{"error":{"co' }),
      { code: 'unreachable' },
    ],
    [
      'JSON without an error',
      new RestError('odd', { statusCode: 404 }),
      exchange({ status: 404, text: '{"value":[]}' }),
      { code: 'notFound' },
    ],
    [
      'an answer’s truncated JSON is no refusal',
      new RestError('Unexpected end', { code: 'PARSE_ERROR', statusCode: 200 }),
      exchange({ status: 200, text: '{"value":[' }),
      { code: 'internal' },
    ],
    [
      'a timeout after an answer was begun',
      new DOMException('aborted', 'AbortError'),
      exchange({ status: 200, timedOut: true }),
      { code: 'unreachable', message: expect.stringContaining('no answer in time') },
    ],
    [
      'the service’s request id',
      emptyBody,
      exchange({ status: 500, headers: { 'x-ms-request-id': 'r-9' } }),
      { requestId: 'r-9' },
    ],
    [
      'storage’s code in a header',
      new RestError('x', { statusCode: 404 }),
      exchange({ status: 404, headers: { 'x-ms-error-code': 'QueueNotFound' } }),
      { code: 'notFound', message: expect.stringContaining('404 QueueNotFound') },
    ],
  ])('%s', (_what, error, noted, expected) => {
    expect(describeFailure(error, names, noted)).toMatchObject({ ...expected, cause: error });
  });
});

describe('with nothing noted', () => {
  test.each(['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN'])(
    'network code %s',
    (code) => {
      expect(describeFailure(new RestError('connect failed', { code }), names, exchange())).toMatchObject({
        code: 'unreachable',
        message: `list of secrets failed on vault contoso: ${code}`,
      });
    },
  );

  test('a code of Node’s own errors', () => {
    const error = Object.assign(new Error('certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    expect(describeFailure(error, names, null).message).toContain('SELF_SIGNED_CERT_IN_CHAIN');
  });

  test('an identity without a token is known by its error’s name', () => {
    const error = Object.assign(new Error('IMDS is not there'), { name: 'CredentialUnavailableError' });
    expect(describeFailure(error, names, exchange())).toMatchObject({
      code: 'unreachable',
      message: 'list of secrets failed on vault contoso: CredentialUnavailableError',
      hint: expect.stringContaining('AZURE_CLIENT_ID'),
    });
  });

  test('the SDK’s response is used when there is no exchange', () => {
    const request = createPipelineRequest({ url: 'https://contoso.vault.azure.net' });
    const headers = createHttpHeaders({ 'Retry-After': '9', 'x-ms-request-id': 'r-2' });
    const error = new RestError('slow', {
      statusCode: 429,
      request,
      response: { status: 429, headers, request, bodyAsText: body('Throttled') },
    });
    expect(describeFailure(error, names, null)).toMatchObject({
      code: 'throttled',
      retryAfterSeconds: 9,
      requestId: 'r-2',
      message: expect.stringContaining('429 Throttled'),
    });
  });

  test.each<[string, unknown]>([
    ['a text', 'boom'],
    ['nothing', null],
  ])('%s that was thrown is still an error with a target', (_what, thrown) => {
    expect(describeFailure(thrown, names, null)).toMatchObject({
      code: 'unreachable',
      message: 'list of secrets failed on vault contoso: no connection',
    });
  });
});

test.each([new BackupError('conflict', 'ours'), new NotNow(5)])(
  'what is ours already passes: %s',
  (error) => {
    expect(describeFailure(error, names, exchange({ status: 500 }))).toBe(error);
  },
);
