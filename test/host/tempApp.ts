/** Throw-away apps written by a test: files in a temporary folder that finds this project's node_modules. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const folders: string[] = [];

/** `files` by path; package.json (main: app.cjs) and host.json are added where they are not given. */
export function writeApp(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'host-app-'));
  folders.push(folder);
  symlinkSync(NODE_MODULES, path.join(folder, 'node_modules'), 'junction');
  const all = { 'package.json': '{"main":"app.cjs"}', 'host.json': '{"version":"2.0"}', ...files };
  for (const [name, content] of Object.entries(all)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

export function removeApps(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
