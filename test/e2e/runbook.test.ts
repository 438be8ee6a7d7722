/**
 * The restore runbook, run as it is written: every `curl` line of its ```sh blocks (and the README's), in order, on the
 * worst night: the backup app is down, the source unreachable, the state empty. A comment below a line that begins with
 * a status is a promise: JSON of which every field must be in the answer, or the lines that its `jq` prints. Ids,
 * instants, digests and durations may differ, and `…` stands for what was left out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, startE2e, waitFor } from './harness.ts';

const [source, target] = ['contoso-payments', 'contoso-payments-dr'];
const key = 'the key of this test';
const root = path.resolve(import.meta.dirname, '../..');
const jq = 'jq';
const noJq = spawnSync(jq, ['--version']).status === 0 ? '' : ' (without jq, which is not on PATH)';

interface Step {
  readonly title: string;
  readonly command: string;
  readonly az: string[];
  /** The comment lines below it, without their `# `. */
  readonly promises: string[];
}

function stepsOf(file: string): Step[] {
  const steps: Step[] = [];
  let inSh = false;
  readFileSync(path.join(root, file), 'utf8')
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.startsWith('```')) inSh = line === '```sh';
      const last = steps.at(-1);
      const title = `${path.basename(file)}:${index + 1} ${line.slice(0, 110)}`;
      if (!inSh) return;
      if (/^(curl|jq) /.test(line)) steps.push({ title, command: line, az: [], promises: [] });
      else if (line.startsWith('az rest ')) last?.az.push(line);
      else if (line.startsWith('# ')) last?.promises.push(line.slice(2));
    });
  return steps;
}

const variables: Record<string, string> = { AUTH: `x-functions-key: ${key}`, APP: 'api://test' };

/** Words as a shell makes them of a line: quotes, and variables outside of single ones. A `|` outside of quotes stays. */
function words(line: string): string[] {
  const value = (name: string) => {
    const found = variables[name];
    if (found === undefined) throw new Error(`the line uses $${name}, which nothing has set`);
    return found;
  };
  return [...line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\$(\w+)/g, (_, single, double, name) => {
      if (single !== undefined) return single;
      if (name !== undefined) return value(name);
      return double
        .replaceAll(/\$(\w+)/g, (_all: string, inner: string) => value(inner))
        .replaceAll(/\\(.)/g, '$1');
    }),
  );
}

interface Call {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  /** The arguments of the `jq` behind it. */
  jq: string[] | null;
}

function callOf(line: string): Call {
  const call: Call = { method: 'GET', url: '', headers: {}, body: null, jq: null };
  const all = words(line);
  const pipe = all.indexOf('|');
  const args = pipe < 0 ? all.slice(1) : all.slice(1, pipe);
  if (pipe >= 0) call.jq = all.slice(pipe + 2);
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    if (word === '-sS') continue;
    if (word === '-X') call.method = args.shift() ?? '';
    else if (word === '-d') call.body = args.shift() ?? '';
    else if (word === '-H') {
      const [, name = '', text = ''] = /^([^:]+): (.*)$/.exec(args.shift() ?? '') ?? [];
      call.headers[name.toLowerCase()] = text;
    } else if (word.startsWith('http')) call.url = word;
    else throw new Error(`this test does not know curl’s ${word}`);
  }
  return call;
}

/** What differs from one night to the next. */
const mask = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
    .replaceAll(/\d{8}T\d{6}Z/g, '<run>')
    .replaceAll(/\b[0-9a-f]{12,}(…|\b)/g, '<hex>')
    .replaceAll(/\b\d{9,}\b/g, '<number>');

/** Where `promised` is not in `found`; null if all of it is. */
function missing(promised: unknown, found: unknown, at = 'the answer'): string | null {
  const told = `${at} is ${JSON.stringify(found)}, not ${JSON.stringify(promised)}`;
  if (Array.isArray(promised)) {
    if (!Array.isArray(found)) return told;
    const lost = promised.filter((wanted) => found.every((one) => missing(wanted, one) !== null));
    return lost.length === 0 ? null : `${at} has no ${JSON.stringify(lost[0])} in ${JSON.stringify(found)}`;
  }
  if (promised !== null && typeof promised === 'object') {
    if (found === null || typeof found !== 'object') return told;
    const fields = Object.entries(promised).map(([name, value]) =>
      missing(value, (found as Record<string, unknown>)[name], `${at}.${name}`),
    );
    return fields.find((problem) => problem !== null) ?? null;
  }
  if (promised === '…') return typeof found === 'string' && found.length > 0 ? null : told;
  if (at.endsWith('.durationSeconds')) return typeof found === 'number' ? null : told;
  const same =
    typeof promised === 'string' && typeof found === 'string'
      ? mask(promised) === mask(found)
      : promised === found;
  return same ? null : told;
}

let e2e: E2e;
let moment = '';
let folder = '';

async function send({ method, url, headers, body }: Call): Promise<{ status: number; text: string }> {
  // The text names a moment of its own night.
  const sent = body?.replace(/"at":"[^"]*"/, `"at":"${moment}"`);
  const answer = await fetch(url, { method, headers, ...(sent === undefined ? {} : { body: sent }) });
  return { status: answer.status, text: await answer.text() };
}

/** "Ask again until status is not running." */
const sendUntilEnded = (call: Call) =>
  waitFor(async () => {
    const answer = await send(call);
    return call.method === 'GET' && answer.text.includes('"status":"running"') ? null : answer;
  });

/** What jq does not print of what is promised. */
function missingFromJq(args: readonly string[], input: string, promises: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(jq, args, { input, encoding: 'utf8', cwd: folder });
  if (status !== 0) return [`jq ended with ${status}: ${stderr}`];
  const printed = stdout.split(/\r?\n/).map((line) => mask(line).trim());
  return promises
    .filter((line) => !printed.includes(mask(line).trim()))
    .map((line) => `no "${line}" in ${stdout}`);
}

/** What an `az rest` line asks for that its `curl` line does not, or the other way round. */
function differsFromCurl(line: string, { method, url, body, headers }: Call): string[] {
  const args = words(line);
  const after = (option: string) => args[args.indexOf(option, 1) + 1];
  const same = [
    after('--method') === method.toLowerCase(),
    after('--url') === url,
    body === null || after('--body') === body,
    (headers['idempotency-key'] ?? '') ===
      (line.includes('--headers') ? after('--headers')?.split('=')[1] : ''),
  ];
  return same.every(Boolean) ? [] : [`not what its curl line asks for: ${line}`];
}

async function problemsOf({ command, promises, az }: Step): Promise<string[]> {
  const call = callOf(command);
  const { status, text } = await sendUntilEnded(call);
  if (status === 202) variables['ID'] = (JSON.parse(text) as { id: string }).id;
  const [, promised, rest = ''] = /^(\d{3})\b ?(.*)$/.exec(promises[0] ?? '') ?? [];
  if (promised !== String(status))
    return [`${status} instead of ${promised ?? 'a status, which it must promise'}: ${text}`];
  const others = az.flatMap((line) => differsFromCurl(line, call));
  if (call.jq) return noJq ? others : [...others, ...missingFromJq(call.jq, text, promises.slice(1))];
  const json = [rest, ...promises.slice(1)].join(' ').replaceAll(/,\s*…/g, '');
  return [...others, ...[missing(JSON.parse(json), JSON.parse(text))].filter((problem) => problem !== null)];
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbook-'));
  const spec = { region: 'westeurope', geography: 'Europe', subscription: 'one' };
  e2e = await startE2e({
    vaults: { [source]: { spec }, [target]: { spec } },
    stack: {
      restoreTargets: (vaults) => ({
        [source]: vaults
          .filter(({ name }) => name === target)
          .map(({ name, url }) => ({ name, url, allowReplace: true, keyRequestsPer10Seconds: 1000 })),
      }),
    },
    host: { enableAuth: true, keys: { master: 'the master', host: key, functions: {} } },
  });
  const { control } = e2e.stack.emulator;
  const rotation = { trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' } };
  control.seed.secret(source, { name: 'db-password', value: 'one', versions: 3, tags: { team: 'payments' } });
  control.seed.secret(source, { name: 'db-user', value: 'ledger', created: 1_700_000_000 });
  await control.seed.key(source, {
    name: 'signing',
    kty: 'EC',
    rotationPolicy: { lifetimeActions: [rotation], expiryTime: 'P90D' },
  });
  await control.seed.certificate(source, { name: 'www', kty: 'EC' });
  control.seed.secret(target, { name: 'db-user', value: 'stale', created: 1_700_000_001 });
  await e2e.fire(source);
  const point = await e2e.waitForPoint(source);
  moment = point.sealedAt;
  const backups = e2e.stack.container('backups');
  const save = async (file: string, blob: string) =>
    writeFileSync(path.join(folder, file), await backups.getBlobClient(blob).downloadToBuffer());
  await save('point.json', `${source}/recovery-points/${point.runId}.json`);
  await save('objects.ndjson', point.index.blob);

  await e2e.stack.host.killHost();
  control.setReachable(source, false);
  const state = e2e.stack.container('state');
  for await (const { name } of state.listBlobsFlat()) await state.getBlobClient(name).delete();
  variables['RESTORE'] = `${e2e.stack.restoreHost?.url}/api`;
  variables['ID'] = 'none-yet';
});
afterAll(async () => {
  await e2e?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const runbook = stepsOf('docs/restore-runbook.md');
const curls = [...runbook, ...stepsOf('README.md')].filter(({ command }) => command.startsWith('curl '));
const files = runbook.filter(({ command }) => command.startsWith('jq '));

test('the runbook has lines to run, and fits on a page or two', () => {
  expect(curls.length).toBeGreaterThanOrEqual(8);
  expect(files.length).toBeGreaterThanOrEqual(2);
  const lines = readFileSync(path.join(root, 'docs/restore-runbook.md'), 'utf8').split('\n');
  expect(lines.length).toBeLessThanOrEqual(151);
});

describe('every line does what the text says', () => {
  test.each(
    curls.map((step) => ({ ...step, title: step.title + (step.command.includes('| jq ') ? noJq : '') })),
  )('$title', async (step) => {
    expect(await problemsOf(step)).toEqual([]);
  });

  test.skipIf(noJq).each(files.map((step) => ({ ...step, title: step.title + noJq })))(
    '$title',
    ({ command, promises }) => {
      expect(missingFromJq(words(command).slice(1), '', promises)).toEqual([]);
    },
  );
});
