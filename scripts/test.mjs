/**
 * Every check and test, in order, stopping at the first check that fails. Arguments go to vitest:
 * `npm test -- --project unit`. The last line is `N passed, N failed`, over all of vitest's tests.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
/** The program of a package, to start it with this Node: the links in .bin are batch files on Windows. */
const program = (name, file) => path.join(root, 'node_modules', name, file);

const checks = [
  ['format', program('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings'],
  ['lint', program('oxlint', 'bin/oxlint'), '--type-aware', 'cli', 'functions', 'shared', 'test', 'scripts'],
  ['types', program('typescript', 'bin/tsc'), '--noEmit', '-p', '.'],
  ['unused', program('knip', 'bin/knip.js')],
  ['build', path.join(root, 'scripts/build.mjs')],
];

function run(args) {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => done(code === 0));
  });
}

const results = [];

async function timed(name, args) {
  console.log(`\n── ${name}`);
  const from = performance.now();
  const ok = await run(args);
  results.push({ name, ok, seconds: (performance.now() - from) / 1000 });
  return ok;
}

/** A test file that does not even load has no failed test of its own, and counts as one. */
function countsOf(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function runTests() {
  const folder = mkdtempSync(path.join(tmpdir(), 'keyvault-backup-test-'));
  try {
    const report = path.join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = program('vitest', 'vitest.mjs');
    const ok = await timed('tests', [vitest, 'run', ...reporters, ...process.argv.slice(2)]);
    const counts = countsOf(report);
    // Vitest fails for more than tests: an error that nobody handled, no test found.
    return { ...counts, failed: ok ? counts.failed : Math.max(1, counts.failed) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let allChecksPassed = true;
for (const [name, ...args] of checks) {
  allChecksPassed &&= await timed(name, args);
  if (!allChecksPassed) break;
}
const totals = allChecksPassed ? await runTests() : { passed: 0, failed: 1, skipped: 0 };

console.log('');
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`);
}
if (!allChecksPassed) console.log('A check failed, so no test ran; it counts as the one failure.');
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 ? 0 : 1;
