/**
 * Holds every answer of an HTTP function to the OpenAPI document that the app serves: its route, status, content type
 * and body. The document lets objects be open; here they are closed, so that a field that nobody documented is found.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { HttpAnswer } from '../host/host.ts';

type Json = Record<string, unknown>;

export interface InterfaceCheck {
  /** What answered differently from what is documented, in words. */
  readonly problems: readonly string[];
  saw(answer: HttpAnswer): void;
  /** What was seen before is checked now. */
  use(document: Json): void;
}

export function interfaceCheck(): InterfaceCheck {
  const problems: string[] = [];
  const early: HttpAnswer[] = [];
  let problemOf: ((answer: HttpAnswer) => string | null) | null = null;
  function check(answer: HttpAnswer): void {
    const problem = problemOf?.(answer) ?? null;
    const told = `${answer.method} /${answer.route} answered ${answer.status}: ${problem}`;
    if (problem !== null && !problems.includes(told)) problems.push(told);
  }
  return {
    problems,
    saw: (answer) => (problemOf ? check(answer) : void early.push(answer)),
    use(document) {
      problemOf = checkerOf(document);
      for (const answer of early.splice(0)) check(answer);
    },
  };
}

export function checkerOf(document: Json): (answer: HttpAnswer) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(closed(document) as Json, 'openapi');
  const compiled = new Map<string, ValidateFunction>();
  function validatorOf(pointer: string): ValidateFunction {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    compiled.set(pointer, validate);
    return validate;
  }

  return ({ method, route, status, contentType, body }) => {
    const at = ['paths', `/${route}`, method.toLowerCase(), 'responses', String(status)];
    const response = within(document, at);
    if (!response)
      return within(document, at.slice(0, 3)) ? 'an undocumented status' : 'an undocumented route';
    const type = contentType?.split(';')[0] ?? 'no content type';
    const media = ['content', type, 'schema'];
    if (!within(response, media)) return `${type} is not documented`;
    const validate = validatorOf(pointerTo([...at, ...media]));
    if (validate(JSON.parse(body))) return null;
    const wrong = (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath || '/', message, JSON.stringify(params)].join(' '),
    );
    return `${wrong.join('; ')}: ${body.slice(0, 500)}`;
  };
}

const within = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);

const pointerTo = (keys: readonly string[]): string =>
  keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

/** Every object that names its properties has no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const names = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return names ? { ...copy, additionalProperties: false } : copy;
}
