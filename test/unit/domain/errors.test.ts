/** What becomes of a job for each error. */
import { describe, expect, test } from 'vitest';
import {
  asBackupError,
  BackupError,
  type Disposition,
  dispositionOf,
  type ErrorCode,
  errorCodes,
  NotNow,
} from '../../../shared/domain/errors.ts';

describe('the disposition table', () => {
  const expected: Record<ErrorCode, Disposition> = {
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
  };

  test('has a line for every code and no other', () => {
    expect(Object.keys(dispositionOf).toSorted()).toEqual([...errorCodes].toSorted());
  });

  test.each(Object.entries(expected))('%s → %s', (code, disposition) => {
    expect(dispositionOf[code as ErrorCode]).toBe(disposition);
  });
});

describe('errors', () => {
  test('a BackupError stays what it is', () => {
    const error = new BackupError('forbidden', 'refused', { hint: 'Assign the role' });
    expect(asBackupError(error)).toBe(error);
  });

  test.each<[string, unknown, string]>([
    ['an Error', new RangeError('out of range'), 'out of range'],
    ['a text', 'boom', 'boom'],
    ['nothing', undefined, 'undefined'],
  ])('%s becomes internal, with its cause and a hint', (_what, thrown, message) => {
    const error = asBackupError(thrown);
    expect(error).toMatchObject({ code: 'internal', message, cause: thrown });
    expect(error.hint).toMatch(/logs/);
  });

  test('carries what the service said for the operator', () => {
    const cause = new Error('wire');
    const error = new BackupError('throttled', 'slow', { retryAfterSeconds: 7, requestId: 'r-1', cause });
    expect(error).toMatchObject({ retryAfterSeconds: 7, requestId: 'r-1', hint: '', cause });
    expect(error).toBeInstanceOf(Error);
  });

  test('NotNow is no BackupError, so nobody takes it for a failure', () => {
    const notNow = new NotNow(2_100);
    expect(notNow).not.toBeInstanceOf(BackupError);
    expect(notNow).toMatchObject({ delayMs: 2_100, message: expect.stringContaining('3 s') });
  });
});
