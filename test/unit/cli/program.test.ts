/** What help and documents tell people to type is understood: every `kvb` line in them is parsed, and nothing is run. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { exitCodes } from '../../../cli/failure.ts';
import { programFor } from '../../../cli/program.ts';
import { kvb } from '../../e2e/kvb.ts';
import { shellWords } from '../../local/shellWords.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ from: name, text: readFileSync(path.join(root, name), 'utf8') }));

const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });
const program = (): Command =>
  programFor({ ...streams(), env: {}, sleep: async () => {} }, () => async () => {});
const commands = program()
  .commands.map((command) => command.name())
  .filter((name) => name !== 'complete');

async function helpOf(name: string) {
  const { exitCode, out } = await kvb(['help', name]);
  expect(exitCode).toBe(0);
  return { from: `kvb help ${name}`, text: out };
}
const helps = await Promise.all(commands.map(helpOf));
const [{ out: mainHelp }, { out: noWords }] = await Promise.all([kvb(['--help']), kvb([])]);

/** `$ kvb …` and `npm run kvb -- …`; in text also what stands as code and begins as a command does. */
function linesOf({ from, text }: { from: string; text: string }) {
  const lines = [...text.matchAll(/^ *(?:\$ kvb|npm run (?:--silent )?kvb --) ((?:.*\\\n)*.*)$/gm)];
  const inline = [...text.matchAll(/`(?:kvb|npm run (?:--silent )?kvb --) ([^`]+)`/g)];
  return [...lines, ...inline].map(([, rest = '']) => ({ from, line: rest.replace(/ {3,}[a-z].*$/, '') }));
}
const lines = [...documents, ...helps, { from: 'kvb --help', text: mainHelp }].flatMap(linesOf);

test('there are lines to look at: each command’s help has an example, each command is in docs/cli.md', () => {
  expect(commands).toHaveLength(9);
  expect(helps.filter((help) => linesOf(help).length < 2)).toEqual([]);
  const shown = lines.filter(({ from }) => from === 'docs/cli.md').map(({ line }) => shellWords(line)[0]);
  expect(shown).toEqual(expect.arrayContaining(commands));
});

test.each(lines)('$from: kvb $line', async ({ line }) => {
  // Help ends the parsing by an error too, of code 0.
  const problem = await program()
    .parseAsync(shellWords(line), { from: 'user' })
    .then(
      () => null,
      (error: CommanderError) => (error.exitCode === 0 ? null : error.message),
    );
  expect(problem).toBeNull();
});

test('without words it shows its help', () => {
  expect(noWords + mainHelp).toContain('Usage: kvb [options] [command]');
});

test('with --json wrong words are told as JSON alone', async () => {
  const { exitCode, out, err } = await kvb(['restore', '--on-conflict', 'overwrite', '--json']);
  expect([exitCode, out, JSON.parse(err)]).toEqual([
    2,
    '',
    expect.objectContaining({
      ending: 'usage',
      message: expect.stringContaining('Allowed choices are fail'),
    }),
  ]);
});

test('docs/cli.md and the help tell the exit codes that there are', () => {
  const shown = documents.find(({ from }) => from === 'docs/cli.md')?.text ?? '';
  const rows = [...shown.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(rows).toEqual(Object.values(exitCodes));
  expect(rows.filter((code) => !new RegExp(`(^| ) ${code} [a-z]`, 'm').test(mainHelp))).toEqual([]);
});
