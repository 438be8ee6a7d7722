/** What a command has of the world, so that a test can give it another one. */
import type { Readable, Writable } from 'node:stream';

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** For people: progress, questions, what went wrong. Only the answer goes to stdout. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Names and reasons come from elsewhere: nothing in them may steer the terminal. */
export const plain = (text: string): string => text.replaceAll(/[^\P{C}\n]/gu, '�');

export const isInteractive = ({ stdin, stderr }: Io): boolean =>
  stdin.isTTY === true && stderr.isTTY === true;
