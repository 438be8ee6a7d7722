/** docs/settings.md is what the schemas say, of every setting that there is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { settingsDocument } from '../../scripts/settingsDocument.ts';
import { settingsSchema } from '../../shared/settings.ts';

const file = path.resolve(import.meta.dirname, '../../docs/settings.md');

test('the document is current: npm run settings writes it', () => {
  expect(readFileSync(file, 'utf8')).toBe(settingsDocument());
});

test('it has every setting, with its default', () => {
  const rows = [...settingsDocument().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(expect.arrayContaining(Object.keys(settingsSchema.shape)));
  expect(settingsDocument()).toContain('| `RETENTION_DAYS` | 1 to 3650 | `90` |');
  expect(settingsDocument()).toContain('| `APP_ROLE` | `backup`, `restore`, `portable`, `all` | `all` |');
});
