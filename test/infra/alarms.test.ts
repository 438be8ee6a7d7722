/**
 * Every query of the alarms and the workbook, through Kusto's own parser with the columns of the tables it reads; and
 * each field that is read from an event stands in docs/events.md for that event.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './bicep.ts';
import { documentedEvents } from './events.ts';
import { columnsOf, problemsOf } from './kql.ts';

const read = (file: string) => readFileSync(path.join(root, 'infra', file), 'utf8');
interface EventAlarm {
  readonly name: string;
  readonly severity: number;
  readonly events: readonly string[];
  readonly fields: readonly string[];
}
const eventAlarms = JSON.parse(read('alarms/events.json')) as EventAlarm[];
const queryAlarms = JSON.parse(read('alarms/queries.json')) as { name: string; severity: number }[];
const bicep = read('modules/alarms.bicep');
const documented = documentedEvents();
const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** As modules/alarms.bicep fills it in. */
const eventQuery = ({ events, fields }: EventAlarm) =>
  read('alarms/event.kql')
    .replace('__EVENTS__', quoted(events))
    .replace('__FIELDS__', fields.map((field) => `, ${field} = tostring(E.${field})`).join(''));
const ownQuery = (name: string) =>
  read(`alarms/${name}.kql`)
    .replace('__KNOWN__', quoted(['one', 'two']))
    .replace('__ACCOUNT__', 'account');

interface Tile {
  readonly content: { readonly title?: string; readonly query?: string };
}
const tiles = (JSON.parse(read('workbook.json')) as { items: Tile[] }).items.flatMap(({ content }) =>
  content.query ? [{ name: content.title ?? '', query: content.query }] : [],
);

const queries: { name: string; query: string }[] = [
  ...eventAlarms.map((alarm) => ({ name: alarm.name, query: eventQuery(alarm) })),
  ...queryAlarms.map(({ name }) => ({ name, query: ownQuery(name) })),
  ...tiles,
];

/** The events that a query picks, and the fields that it reads from them. */
function readFrom(query: string) {
  const picked = /\bevent\)? (?:==|in) \(?((?:'[a-zA-Z.]+'(?:, )?)+)/.exec(query)?.[1] ?? '';
  const events = [...picked.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
  const fields = [...query.matchAll(/\bE\.(\w+)/g)].map(([, field = '']) => field);
  return { events, fields: new Set(fields.filter((field) => field !== 'event')) };
}

test('the parser finds what is wrong', () => {
  expect(problemsOf('AppTraces | where Nonsense == 1')).not.toEqual([]);
  expect(problemsOf('AppTraces | where (Message')).not.toEqual([]);
  expect(problemsOf('AppTraces | project Message, nofunction(Message)')).not.toEqual([]);
  expect(problemsOf('NoTable | take 1')).not.toEqual([]);
});

describe.each(queries)('$name', ({ query }) => {
  test('parses, with columns and functions that exist', () => {
    expect(problemsOf(query)).toEqual([]);
    expect(columnsOf(query).length).toBeGreaterThan(0);
  });

  test('reads only events and fields of docs/events.md', () => {
    const { events, fields } = readFrom(query);
    // Audit logs are not ours; everything else picks events.
    expect(events.length > 0).toBe(query.startsWith('AppTraces'));
    expect(fields.size > 0 && events.length === 0).toBe(false);
    for (const event of events) {
      expect([...documented.keys()]).toContain(event);
      for (const field of fields) expect([event, ...(documented.get(event) ?? [])]).toContain(field);
    }
  });
});

test('each file of a query is an alarm, and the template fills in what it names', () => {
  const files = readdirSync(path.join(root, 'infra/alarms')).filter((name) => name.endsWith('.kql'));
  const named = queryAlarms.map(({ name }) => `${name}.kql`);
  expect(files.toSorted()).toEqual(['event.kql', ...named].toSorted());
  for (const { name } of queryAlarms)
    expect(bicep).toContain(`'${name}': loadTextContent('../alarms/${name}.kql')`);
  for (const { name, query } of queries) expect([name, query.includes('__')]).toEqual([name, false]);
});

test('every event that docs/operations.md wakes somebody for is an alarm that wakes', () => {
  const [, section = ''] =
    /## Wake somebody\n(.*?)\n## /s.exec(readFileSync(path.join(root, 'docs/operations.md'), 'utf8')) ?? [];
  const woken = [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-zA-Z]+\.[a-zA-Z]+)`/g)].map(([, name = '']) => name),
  );
  const waking = eventAlarms.filter(({ severity }) => severity <= 1).flatMap(({ events }) => events);
  expect(woken.length).toBeGreaterThan(8);
  expect(waking).toEqual(expect.arrayContaining(woken));
});
