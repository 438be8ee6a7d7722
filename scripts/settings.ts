/** `npm run settings`: writes docs/settings.md anew. With `-- --check` it only says whether it is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsDocument } from './settingsDocument.ts';

const file = path.join(path.dirname(import.meta.dirname), 'docs/settings.md');
if (!process.argv.includes('--check')) writeFileSync(file, settingsDocument());
const current = readFileSync(file, 'utf8') === settingsDocument();
console.log(`docs/settings.md is ${current ? 'current' : 'not current: npm run settings'}`);
process.exitCode = current ? 0 : 1;
