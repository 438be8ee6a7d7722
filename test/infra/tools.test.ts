/**
 * The tools that some machines have: checkov, and the Bicep CLI. Where one is missing its test is skipped, and CI's own
 * job runs it (.github/workflows). checkov's parser knows no lambdas, so two files are beyond it; no checked resource is
 * in them.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './bicep.ts';

const infra = path.join(root, 'infra');
const run = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 });
const isThere = (command: string) => run(command, ['--version']).status === 0;

test.skipIf(!isThere('checkov'))(
  'checkov finds nothing that is not skipped with its reason (skipped where checkov is not installed)',
  () => {
    const args = ['-d', infra, '--framework', 'bicep', '--output', 'json', '--skip-download'];
    const { summary, results } = JSON.parse(run('checkov', args).stdout) as {
      summary: { failed: number; passed: number };
      results: { failed_checks: { check_id: string; file_path: string }[]; parsing_errors: string[] };
    };
    expect(results.failed_checks.map(({ check_id, file_path }) => `${file_path} ${check_id}`)).toEqual([]);
    expect(summary.passed).toBeGreaterThan(25);
    expect(results.parsing_errors.map((file) => path.basename(file)).toSorted()).toEqual([
      'alarms.bicep',
      'main.bicep',
    ]);
  },
  120_000,
);

test.skipIf(!isThere('bicep'))(
  'the compiler builds and lints it (skipped where the Bicep CLI is not installed)',
  () => {
    for (const args of [
      ['build', '--stdout', path.join(infra, 'main.bicep')],
      ['lint', path.join(infra, 'main.bicep')],
    ]) {
      const { status, stderr } = run('bicep', args);
      expect([status, / Error /.test(stderr)]).toEqual([0, false]);
    }
  },
  120_000,
);
