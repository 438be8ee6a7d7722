/**
 * Bundles the app into dist/main.cjs. One bundle, because several would each have their own rate limiters.
 * CommonJS, because an ES module that imports @azure/functions-core dies in the real worker.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build, context } from 'esbuild';

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['functions/main.ts'],
  outfile: 'dist/main.cjs',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['@azure/functions-core'],
  sourcemap: true,
  minify: true,
  keepNames: true,
  logLevel: 'warning',
};

/**
 * The command line, for those who install it. ES modules, so that sign-in, which is large, is read only when it is needed.
 * @type {import('esbuild').BuildOptions}
 */
const cliOptions = {
  entryPoints: { kvb: 'cli/main.ts' },
  outdir: 'dist/kvb',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Packages that were written for require ask for Node's own modules by it.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  minify: true,
  keepNames: true,
  logLevel: 'warning',
};

/** Nobody who starts the app meanwhile finds half a file. */
function save({ outputFiles }) {
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
}

export async function buildApp() {
  save(await build({ ...options, write: false }));
}

async function buildCli() {
  save(await build({ ...cliOptions, write: false }));
}

/** The command line's files by name, in memory. */
export async function bundleCli() {
  const { outputFiles } = await build({ ...cliOptions, write: false });
  return Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** The same bundle, in memory: whoever makes it disturbs nobody who runs dist/main.cjs. */
export async function bundleApp() {
  const { outputFiles } = await build({ ...options, write: false });
  return outputFiles.find(({ path }) => path.endsWith('.cjs')).contents;
}

/** Rebuilds on change; `onBuilt` is called after each successful build but the first. */
export async function watchApp(onBuilt) {
  let first = true;
  const notify = {
    name: 'notify',
    setup: (b) => {
      b.onEnd((result) => {
        if (result.errors.length === 0) save(result);
        if (result.errors.length === 0 && !first) onBuilt();
        first = false;
      });
    },
  };
  const watching = await context({ ...options, write: false, plugins: [notify] });
  await watching.watch();
  return () => watching.dispose();
}

if (process.argv[1] === import.meta.filename) await Promise.all([buildApp(), buildCli()]);
