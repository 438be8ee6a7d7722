/** `npm run settings`: writes docs/settings.md anew. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsDocument } from './settingsDocument.ts';

writeFileSync(path.join(path.dirname(import.meta.dirname), 'docs/settings.md'), settingsDocument());
