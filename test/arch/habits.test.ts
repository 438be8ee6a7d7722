/** What people expect beside the code holds together: F5, its tasks, and a CI that runs what the README says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const json = <T>(file: string) => JSON.parse(read(file)) as T;

const { scripts, license } = json<{ scripts: Record<string, string>; license: string }>('package.json');
const { tasks } = json<{ tasks: { label: string; command: string }[] }>('.vscode/tasks.json');

test('F5 attaches to the ports that npm start -- --inspect opens, after the task that starts it', () => {
  const { configurations } = json<{
    configurations: { name: string; port: number; preLaunchTask: string }[];
  }>('.vscode/launch.json');
  const ports = /\[(\d+), (\d+)\]\.map\(/.exec(read('test/local/start.ts'))?.slice(1).map(Number);
  expect(configurations.map(({ port }) => port)).toEqual(ports);
  for (const { preLaunchTask } of configurations)
    expect(tasks.find(({ label }) => label === preLaunchTask)?.command).toBe('npm start -- --inspect');
});

test('every task runs a script that there is', () => {
  expect(tasks.length).toBeGreaterThan(3);
  const named = tasks.map(({ command }) => /^npm (?:run )?([\w-]+)/.exec(command)?.[1] ?? command);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('CI runs the README’s test command on Node 22 and 24, the fault suite, and reads the Bicep', () => {
  const workflow = read('.github/workflows/check.yml');
  expect(read('README.md')).toContain('| `npm test` |');
  expect(workflow).toMatch(/node: \[22, 24\]/);
  expect(workflow).toMatch(/^ {6}- run: npm test$/m);
  expect(workflow).toMatch(/^ {6}- run: npm run test:faults$/m);
  expect(workflow).toMatch(/az bicep build --file infra\/main\.bicep/);
});

test('the licence is the one that package.json names', () => {
  expect(license).toBe('MIT');
  expect(read('LICENSE')).toMatch(/^MIT License\n/);
});
