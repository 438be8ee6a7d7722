/** docs/events.md as data: each event with its fields, "the same" being those of the row above. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bicep.ts';

export function documentedEvents(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let above: string[] = [];
  const text = readFileSync(path.join(root, 'docs/events.md'), 'utf8');
  for (const [, names = '', fields = ''] of text.matchAll(/^\| (`[^|]*) \| [^|]* \| ([^|]*) \|$/gm)) {
    const words = fields.replaceAll(/\([^)]*\)/g, '').match(/[a-z][A-Za-z]*/g) ?? [];
    const own = words.filter((word) => !['and', 'or', 'the', 'same'].includes(word));
    above = fields.startsWith('the same') ? [...above, ...own] : own;
    for (const [, name = ''] of names.matchAll(/`([a-zA-Z]+\.[a-zA-Z]+)`/g)) found.set(name, above);
  }
  return found;
}
