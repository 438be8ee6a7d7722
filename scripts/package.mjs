/**
 * `npm run package`: dist/keyvault-backup.zip, what is deployed to both function apps. It holds the bundle, host.json,
 * package.json and plans.json, and is the same, byte by byte, for the same sources: no times, one order, one set of rights.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { bundleApp } from './build.mjs';

const root = path.dirname(import.meta.dirname);

const unix = 3;
const readableFile = 0o100644 << 16;
/** The earliest that a zip can say, in the local time that fflate reads it in. */
const noTime = new Date(1980, 0, 1);

/** Bundles the app and zips it; returns the zip's bytes. */
export async function packageApp() {
  const files = {
    'dist/main.cjs': await bundleApp(),
    'host.json': readFileSync(path.join(root, 'host.json')),
    'package.json': readFileSync(path.join(root, 'package.json')),
    // BACKUP_PLANS_FILE: the same file that the infrastructure reads its roles from.
    'plans.json': readFileSync(path.join(root, 'plans.json')),
  };
  return zipSync(files, { level: 9, mtime: noTime, os: unix, attrs: readableFile });
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(root, 'dist/keyvault-backup.zip');
  const bytes = await packageApp();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  console.log(`${path.relative(root, file)}: ${bytes.length.toLocaleString('en')} bytes`);
}
