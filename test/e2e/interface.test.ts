/** The check that holds answers to the OpenAPI document finds each kind of difference. */
import { expect, test } from 'vitest';
import { interfaceCheck } from './interface.ts';

const document = {
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        properties: { at: { type: 'string', format: 'date-time' }, size: { type: ['integer', 'null'] } },
        required: ['at'],
      },
    },
  },
};
const good = {
  method: 'GET',
  route: 'things/{id}',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: '{"at":"2026-11-22T02:00:00Z","size":null}',
};

test('an answer that is as documented is no problem', () => {
  const check = interfaceCheck();
  check.use(document);
  check.saw(good);
  expect(check.problems).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ['a route', { route: 'others' }, /GET \/others answered 200: an undocumented route/],
  ['a method', { method: 'POST' }, /an undocumented route/],
  ['a status', { status: 202 }, /an undocumented status/],
  ['a content type', { contentType: 'text/plain' }, /text\/plain is not documented/],
  ['no content type', { contentType: undefined }, /no content type is not documented/],
  ['a field that is missing', { body: '{"size":1}' }, /required property 'at'/],
  ['a field that nobody documented', { body: '{"at":"2026-11-22T02:00:00Z","colour":"red"}' }, /"colour"/],
  ['a wrong type', { body: '{"at":"2026-11-22T02:00:00Z","size":"1"}' }, /\/size must be integer/],
  ['a wrong format', { body: '{"at":"yesterday"}' }, /\/at must match format "date-time"/],
])('%s is found, also when it was seen before the document', (_what, changed, problem) => {
  const check = interfaceCheck();
  check.saw({ ...good, ...changed });
  check.use(document);
  check.saw({ ...good, ...changed });
  expect(check.problems).toEqual([expect.stringMatching(problem)]);
});
