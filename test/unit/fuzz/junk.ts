/** What nobody should send or store: junk of every type, and records that were right but for one place. Seeded and bounded. */
import * as fc from 'fast-check';

/** The same inputs every time; how many is said per test. */
export const seed = 20_261_125;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const nastyText = fc.constantFrom(
  '',
  ' ',
  '..',
  '../../etc/passwd',
  'a/b',
  '%2e%2e%2f',
  '\u0000',
  '\ud800',
  '💥',
  '${jndi:x}',
  "'; --",
  '<script>',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '1e999',
  '9999-99-99T99:99:99Z',
  '20261399T999999Z',
  '(a+)+$',
  '*'.repeat(200),
  'x'.repeat(5_000),
);
const nastyNumber = fc.constantFrom(0, -1, 0.5, 1e21, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 53);

export const junk: fc.Arbitrary<Json> = fc.oneof(
  nastyText,
  nastyNumber,
  fc.constantFrom<Json>(null, true, false, [], {}, [[]], { __proto__: 1 }, { length: -1 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

type Change = 'drop' | 'replace' | 'add' | 'double';

/** The value with one place of it changed. */
export const spoiled = (value: unknown): fc.Arbitrary<Json> =>
  fc
    .tuple(fc.nat(), fc.constantFrom<Change>('drop', 'replace', 'add', 'double'), junk)
    .map(([place, change, other]) => {
      const copy = structuredClone(value) as Json;
      const places = placesIn(copy);
      const at = places[place % Math.max(1, places.length)];
      if (!at) return other;
      const [holder, key] = at;
      if (change === 'add' && !Array.isArray(holder)) holder['another'] = other;
      else if (change === 'double' && Array.isArray(holder)) holder.push(...holder);
      else if (change === 'drop' && !Array.isArray(holder)) delete holder[key];
      else put(holder, key, other);
      return copy;
    });

type Holder = Json[] | { [key: string]: Json };

function put(holder: Holder, key: string, value: Json): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

function placesIn(value: Json): [Holder, string][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [Holder, string],
    ...placesIn(inner),
  ]);
}

/** Stored text, cut off, emptied, with a byte changed, or with one place of one of its records spoiled. */
export const spoiledText = (text: string): fc.Arbitrary<string> => {
  const lines = text.split('\n').filter(Boolean);
  const spoiledLine = fc
    .nat({ max: Math.max(0, lines.length - 1) })
    .chain((at) =>
      spoiled(parsedOrText(lines[at] ?? '')).map((line) => lines.with(at, JSON.stringify(line)).join('\n')),
    );
  return fc.oneof(
    fc.constantFrom(
      '',
      'null',
      '[]',
      '{}',
      '{"',
      '\u0000',
      '\ufeff{}',
      '<html>',
      `${text}${text}`,
      `[${text}]`,
    ),
    fc.nat({ max: text.length }).map((at) => text.slice(0, at)),
    fc.nat({ max: text.length }).map((at) => `${text.slice(0, at)}~${text.slice(at + 1)}`),
    lines.length > 0 ? spoiledLine : fc.constant('x'),
  );
};

function parsedOrText(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
