/**
 * The recorded sessions of docs/cli.md. A ```text block whose lines begin with `$ kvb` is one: `recorded` runs its
 * commands in the order of the document and gives the document with what they said, and the exit code if it is not 0.
 */
import { shellWords } from './shellWords.ts';

export interface Heard {
  readonly exitCode: number;
  /** Stdout and stderr, as they came. */
  readonly all: string;
}
export type Speak = (words: readonly string[]) => Promise<Heard>;

const blocks = /^```text\n(\$ kvb [^]*?)^```$/gm;

/** A command may go on after a backslash. */
const commandsOf = (block: string): string[] =>
  [...block.matchAll(/^\$ ((?:.*\\\n)*.*)$/gm)].map(([, command = '']) => command);

export async function recorded(document: string, speak: Speak): Promise<string> {
  let [text, at] = ['', 0];
  for (const match of document.matchAll(blocks)) {
    const sessions: string[] = [];
    for (const command of commandsOf(match[1] ?? '')) {
      const { exitCode, all } = await speak(shellWords(command).slice(1));
      sessions.push(`$ ${command}\n${all}${exitCode === 0 ? '' : `(exit code ${exitCode})\n`}`);
    }
    text += `${document.slice(at, match.index)}\`\`\`text\n${sessions.join('\n')}\`\`\``;
    at = match.index + match[0].length;
  }
  return text + document.slice(at);
}

/** What is the same in every recording: no times, ids, counts of requests, nor how often there was something to say. */
export const timeless = (document: string): string =>
  document
    .replaceAll(/^… .*\n/gm, '')
    .replaceAll(/\d{8}T\d{6}Z(-[0-9a-f]{12})?/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'INSTANT')
    .replaceAll(/\b[0-9a-f]{32}\b/g, 'VERSION')
    .replaceAll(/[\d,]+ (s|min|h)\b/g, 'AGE')
    .replaceAll(/\d[\d,]*/g, '0')
    .replaceAll(/ +/g, ' ');
