/**
 * Every command that a document tells somebody to type is run by a test, or needs what no test has and says so. A new
 * command fails here until it stands in one of the two lists; a test that is named must run it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface RunBy {
  readonly command: RegExp;
  /** The file that runs it, and what in that file shows so. */
  readonly file: string;
  readonly shows: RegExp;
}

const runBy: readonly RunBy[] = [
  { command: /^npm test$/, file: '.ci/run', shows: /^npm test$/m },
  // The same script as npm test, with fewer of its tests.
  {
    command: /^npm run check$/,
    file: 'package.json',
    shows: /"check": ".*scripts\/test\.mjs --project unit"/,
  },
  { command: /^npm run demo$/, file: 'test/e2e/commands.test.ts', shows: /npmRun\(context, 'demo'\)/ },
  {
    command: /^npm (start|run start)( --silent)?( -- --json)?$/,
    file: 'test/e2e/commands.test.ts',
    shows: /npmRun\(context, 'start', '--json'\)/,
  },
  {
    command: /^npm run bench( -- (--quick|--only [\d,]+))*$/,
    file: 'test/e2e/commands.test.ts',
    shows: /'bench', \['--quick', '--only'/,
  },
  { command: /^npm run build$/, file: 'test/e2e/commands.test.ts', shows: /\['build', / },
  { command: /^npm run package$/, file: 'test/e2e/commands.test.ts', shows: /\['package', / },
  { command: /^npm run settings$/, file: 'test/e2e/commands.test.ts', shows: /\['settings', / },
  {
    command: /^(BACKUP_STORAGE_RESOURCE_ID=.* )?npm run lock-retention( -- backups)?$/,
    file: 'test/contract/retention.test.ts',
    shows: /'lockRetention\.ts'/,
  },
  // test/unit/cli/program.test.ts parses each of these lines.
  {
    command: /^npm run (--silent )?kvb -- /,
    file: 'test/e2e/commands.test.ts',
    shows: /\['kvb', \['--version'\]/,
  },
  { command: /^npm run cli:record$/, file: 'test/e2e/cli.test.ts', shows: /recordOn\(stack\)/ },
  // The runbook test takes every line of these two files that begins so.
  { command: /^curl -sS .*\$RESTORE\//, file: 'test/e2e/runbook.test.ts', shows: /\^\(curl\|jq\) / },
  { command: /^jq -r /, file: 'test/e2e/runbook.test.ts', shows: /\^\(curl\|jq\) / },
  {
    command: /^(AUTH="x-functions-key|ID=|RESTORE=|APP=)/,
    file: 'test/e2e/runbook.test.ts',
    shows: /variables\['(ID|RESTORE)'\]/,
  },
];

/** With the reason. */
const notRun: readonly { readonly command: RegExp; readonly because: string }[] = [
  { command: /^(az|azd|func) /, because: 'it needs an Azure subscription' },
  { command: /^AUTH=.*\$\(az /, because: 'it needs an Azure subscription' },
  { command: /^sha256sum /, because: 'it looks at a file that the az line before it brings' },
  {
    command: /^npm run test:faults$/,
    because: 'npm test runs some of its cells, in test/faults; all of them take minutes',
  },
  {
    command: /^npm run soak( -- --minutes \d+( --seed \d+)?)?$/,
    because: 'it runs for as long as it is told, and what it is told is minutes',
  },
  {
    command: /^npm run test:mutations$/,
    because: 'it runs tests that must fail, in a copy of the tree: minutes, and by hand',
  },
  { command: /^npm pack$/, because: 'test/unit/cli/bundle.test.ts runs what it would pack' },
  { command: /^npm (ci|install|rebuild) /, because: 'it needs the network' },
  {
    command: /^npx (vitest|biome) /,
    because: 'it is the tool that runs this test, or that npm test runs first',
  },
];

/** The lines of ```sh blocks, and what stands as code in the text and begins as a command does. */
function commandsOf(file: string): string[] {
  const text = read(file);
  const lines = [...text.matchAll(/^```(?:sh|bash|shell|console)\n([^]*?)^```$/gm)].flatMap(
    ([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'),
  );
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  const inline = [...prose.matchAll(/`((?:npm|npx|node|az|azd|func|curl|jq) [^`]+)`/g)].map(
    ([, command = '']) => command,
  );
  return [...lines, ...inline]
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const commands = documents.flatMap((file) => commandsOf(file).map((command) => ({ file, command })));

test('there are documents with commands to look at', () => {
  expect(documents.length).toBeGreaterThan(8);
  expect(commands.length).toBeGreaterThan(50);
});

test('every command is run by a test, or says why not', () => {
  const known = [...runBy, ...notRun];
  const unknown = commands.filter(({ command }) => !known.some((entry) => entry.command.test(command)));
  expect(unknown.map(({ file, command }) => `${file}: ${command}`)).toEqual([]);
});

test.each(runBy)('$command is run by $file', ({ file, shows, command }) => {
  expect(existsSync(path.join(root, file))).toBe(true);
  expect(read(file)).toMatch(shows);
  expect(commands.some((found) => command.test(found.command))).toBe(true);
});

test.each(notRun)('$command is not run, because $because: it is in a document at least', ({ command }) => {
  expect(commands.some((found) => command.test(found.command))).toBe(true);
});

test('lines that the runbook test runs stand where it looks for them', () => {
  const looked = new Set(['docs/restore-runbook.md', 'README.md'].flatMap(commandsOf));
  const elsewhere = commands.filter(({ command }) => /^(curl|jq) /.test(command) && !looked.has(command));
  expect(elsewhere.map(({ file, command }) => `${file}: ${command}`)).toEqual([]);
});
