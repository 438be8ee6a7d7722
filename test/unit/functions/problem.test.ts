/** Errors as problem documents: the right status, what to do next, and nothing from inside. */
import { describe, expect, test } from 'vitest';
import { Problem, problemResponse } from '../../../functions/http/problem.ts';
import type { ProblemCode } from '../../../shared/domain/answers.ts';
import { BackupError, type ErrorCode } from '../../../shared/domain/errors.ts';
import { invocation } from './functionApp.ts';

function answer(error: unknown) {
  const { context, logged } = invocation();
  const response = problemResponse(error, context);
  const text = typeof response.body === 'string' ? response.body : '';
  return { response, logged, text, body: JSON.parse(text) as Record<string, unknown> };
}

describe('the status of a problem', () => {
  const statuses: Record<ProblemCode, [number, string]> = {
    badRequest: [400, 'Bad Request'],
    invalid: [400, 'Bad Request'],
    tooLarge: [413, 'Content Too Large'],
    unauthorized: [401, 'Unauthorized'],
    forbidden: [403, 'Forbidden'],
    notFound: [404, 'Not Found'],
    busy: [409, 'Conflict'],
    conflict: [409, 'Conflict'],
    managed: [409, 'Conflict'],
    tooManyVersions: [409, 'Conflict'],
    wrongGeography: [409, 'Conflict'],
    corruptBlob: [500, 'Internal Server Error'],
    internal: [500, 'Internal Server Error'],
    throttled: [503, 'Service Unavailable'],
    unreachable: [503, 'Service Unavailable'],
  };

  test.each(Object.entries(statuses))('%s is %j', (code, [status, title]) => {
    const { response, body } = answer(new Problem(code as ProblemCode, 'what happened', 'what to do'));
    expect(response).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(body).toEqual({
      type: 'about:blank',
      title,
      status,
      code,
      detail: 'what happened',
      hint: 'what to do',
    });
  });

  test('what else the caller needs is beside it', () => {
    const { body } = answer(new Problem('busy', 'going on', 'wait', { run: '20261122T020000Z' }));
    expect(body).toMatchObject({ code: 'busy', run: '20261122T020000Z' });
  });
});

describe('what a store answered to us', () => {
  test.each<[ErrorCode, number, string]>([
    ['forbidden', 503, 'unreachable'],
    ['notFound', 503, 'unreachable'],
    ['unreachable', 503, 'unreachable'],
    ['throttled', 503, 'throttled'],
    ['conflict', 409, 'conflict'],
    ['invalid', 400, 'invalid'],
    ['corruptBlob', 500, 'corruptBlob'],
  ])('%s is the caller’s %i %s, because it was not the caller who was refused', (code, status, told) => {
    const { body } = answer(new BackupError(code, 'reading failed', { hint: 'Look there' }));
    expect(body).toMatchObject({ status, code: told, detail: 'reading failed', hint: 'Look there' });
  });

  test('is logged under its own code', () => {
    const { logged } = answer(new BackupError('forbidden', 'reading failed', { hint: 'Look there' }));
    expect(logged).toEqual([{ level: 'error', text: 'forbidden: reading failed. Look there' }]);
  });
});

describe('what nobody expected', () => {
  const inner = 'AuthorizationFailure RequestId:abc Time:2026 at Object.secretFunction';
  test.each<[string, unknown]>([
    ['an Error', new Error(inner)],
    ['an internal BackupError', new BackupError('internal', inner, { cause: new Error(inner), hint: inner })],
    ['a text', inner],
    ['an object', { toString: () => inner }],
  ])('%s tells the caller the invocation and nothing else', (_what, error) => {
    const { response, body } = answer(error);
    expect(body).toMatchObject({
      status: 500,
      code: 'internal',
      hint: expect.stringContaining('invocation-1'),
    });
    expect(JSON.stringify(response)).not.toMatch(/secretFunction|AuthorizationFailure|RequestId|\bat /);
  });

  test('is logged with its stack', () => {
    const { logged } = answer(new Error('of the SDK'));
    expect(logged).toEqual([
      { level: 'error', text: expect.stringMatching(/of the SDK[^]*problem\.test\.ts/) },
    ]);
  });

  test.each<[string, unknown]>([
    ['a Problem', new Problem('busy', 'going on', 'wait')],
    ['a BackupError', new BackupError('conflict', 'raced', { cause: new Error('of the SDK') })],
  ])('neither stack nor cause of %s gets out', (_what, error) => {
    expect(answer(error).text).not.toMatch(/problem\.test\.ts|of the SDK/);
  });
});
