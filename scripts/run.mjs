/**
 * Runs a script of this repository with nothing prepared: `node scripts/run.mjs <script> [arguments]`. Installs what
 * package-lock.json asks for and node_modules lacks, then starts the script on the Node 22 that comes as a package, so
 * that any Node from 20 on can start it. Plain JavaScript and no packages, because nothing is installed yet.
 * Standard output belongs to the script: everything said here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bundledNode = path.join(
  root,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);
/** The first that runs TypeScript without a flag and lets a process trust one more certificate authority. */
const oldestThatRunsIt = [22, 19];

const say = (text) => process.stderr.write(`${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

/** Why an install is needed; undefined if node_modules is what the lock asks for. */
function whatIsMissing() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'nothing is installed yet';
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const differs = Object.keys(wanted).find((name) => {
    if (name === '') return false;
    // Packages of other platforms are optional, and rightly absent.
    if (installed[name] === undefined) return wanted[name].optional !== true;
    return installed[name].version !== wanted[name].version;
  });
  return differs && `${differs.replace(/^.*node_modules\//, '')} is not the version of package-lock.json`;
}

/** npm's own script, to start it with node: on Windows npm is a batch file, which needs a shell. */
function npmScript() {
  const named = process.env.npm_execpath;
  if (named !== undefined && path.basename(named).startsWith('npm-cli')) return named;
  const beside = path.dirname(process.execPath);
  const places = ['node_modules', '../lib/node_modules', '../share/nodejs', '../share'];
  return places.map((place) => path.join(beside, place, 'npm/bin/npm-cli.js')).find(existsSync);
}

function install(why) {
  if (process.platform === 'win32' && process.execPath.startsWith(path.join(root, 'node_modules'))) {
    // npm ci removes node_modules first, and Windows does not remove a program that runs.
    fail(`The installed packages are out of date (${why}). Run \`npm ci\`, then this command again.`);
  }
  say(`Installing packages (${why}). This takes about a minute ...`);
  const script = npmScript();
  const node = process.env.npm_node_execpath ?? process.execPath;
  const command = script === undefined ? ['npm'] : [node, script];
  return run(
    [...command, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    ['ignore', 2, 2],
  );
}

/**
 * Calls back when our parent is gone. npm passes a SIGTERM to the shell that it runs scripts in, and that shell does
 * not pass it on: without this, what a program started with npm would outlive it.
 */
function whenOrphaned(callBack) {
  const parent = process.ppid;
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  const look = () => {
    if (underNpm && process.ppid !== parent) callBack();
  };
  const timer = setInterval(look, 300);
  return () => clearInterval(timer);
}

/** Ends as the child ends; what asks us to stop asks the child. */
function run([command, ...args], stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio });
    const forward = (signal) => {
      // On Windows the child gets Ctrl-C from the console itself, and a kill would give it no time to clean up.
      if (process.platform !== 'win32') child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, forward);
    const stopLooking = whenOrphaned(() => {
      stopLooking();
      forward('SIGTERM');
    });
    const settle = (finish) => {
      stopLooking();
      for (const signal of signals) process.off(signal, forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => resolve(code ?? (signal === 'SIGINT' ? 130 : 1))));
  });
}

function nodeToUse() {
  if (existsSync(bundledNode)) return bundledNode;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestThatRunsIt;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return process.execPath;
  return fail(
    [
      `This needs Node ${oldestThatRunsIt.join('.')} or newer; ${process.version} is running, and the one that comes as the package "node" is not there:`,
      `  ${bundledNode}`,
      'Its install script did not run, or could not reach the registry. Do one of these, then run this command again:',
      '  npm rebuild node --ignore-scripts=false   (install scripts are switched off on some machines)',
      '  install Node 22 or newer from https://nodejs.org',
    ].join('\n'),
  );
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail('usage: node scripts/run.mjs <script> [arguments]');
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`This needs Node 20 or newer; ${process.version} is running. See https://nodejs.org`);
}
const missing = whatIsMissing();
if (missing !== undefined && (await install(missing)) !== 0) {
  fail('npm ci did not succeed; its messages are above. It needs the network, or a filled npm cache.');
}
try {
  process.exitCode = await run([nodeToUse(), path.join(root, script), ...args], 'inherit');
} catch (error) {
  fail(`${nodeToUse()} could not be started: ${error.message}`);
}
