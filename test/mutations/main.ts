/**
 * `npm run test:mutations`: takes each of the ten away, in a copy of the tree, and expects its tests to fail. Prints the
 * first test that fails; a change that no test notices is the failure here.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Mutation, mutations } from './mutations.ts';

const root = path.resolve(import.meta.dirname, '../..');
const parts = [
  'shared',
  'functions',
  'test',
  'docs',
  'host.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

async function failingTest(tree: string, { tests }: Mutation): Promise<string | null> {
  const report = path.join(tree, 'report.json');
  await rm(report, { force: true });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', tests, '--bail=1', '--reporter=json', `--outputFile.json=${report}`];
  await new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: tree, stdio: 'ignore' });
    child.once('error', fail);
    child.once('exit', done);
  });
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') return `${path.relative(tree, name)}: ${fullName}`;
  return null;
}

const tree = await mkdtemp(path.join(tmpdir(), 'keyvault-mutations-'));
const counts = { passed: 0, failed: 0 };
try {
  for (const part of parts) await cp(path.join(root, part), path.join(tree, part), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
  for (const mutation of mutations) {
    const file = path.join(tree, mutation.file);
    const text = await readFile(file, 'utf8');
    if (text.split(mutation.from).length !== 2)
      throw new Error(`${mutation.file} does not hold this once: ${mutation.from}`);
    await writeFile(
      file,
      text.replace(mutation.from, () => mutation.to),
    );
    const failing = await failingTest(tree, mutation);
    await writeFile(file, text);
    counts[failing === null ? 'failed' : 'passed'] += 1;
    console.log(
      `${failing === null ? 'UNNOTICED' : 'noticed  '}  without ${mutation.promise}: ${failing ?? 'no test fails'}`,
    );
  }
} finally {
  await rm(tree, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
