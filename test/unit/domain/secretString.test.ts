/** A secret does not print by accident. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../../shared/domain/secretString.ts';

const value = 'AccountKey=abcdefghij';
const secret = new Secret(value);

test.each<[string, () => string]>([
  ['String()', () => String(secret)],
  ['a template', () => `${secret as unknown as string}`],
  ['concatenation', () => '' + (secret as unknown as string)],
  ['JSON', () => JSON.stringify({ secret })],
  ['inspect', () => inspect({ nested: { secret } }, { depth: 9 })],
  ['inspect with hidden members', () => inspect(secret, { showHidden: true, customInspect: true })],
  ['inspect without the custom text', () => inspect(secret, { showHidden: true, customInspect: false })],
  [
    'its keys',
    () => JSON.stringify([Object.keys(secret), Object.entries(secret), Object.assign({}, secret)]),
  ],
  ['an error that names it', () => new Error(`bad: ${secret as unknown as string}`).message],
])('%s does not tell it', (_how, print) => {
  expect(print()).not.toContain('abcdefghij');
});

test('printed, it says that something was left out', () => {
  expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
    '[redacted]',
    '"[redacted]"',
    '[redacted]',
  ]);
});

test('revealed on purpose, it is the value', () => {
  expect(secret.reveal()).toBe(value);
});
