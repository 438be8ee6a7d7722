/**
 * How far long work is, on stderr: a bar that is drawn over itself on a terminal, one line per step elsewhere. No
 * library: those that are kept take the keyboard, and end with 0 on Ctrl-C.
 */
import { clearLine, cursorTo } from 'node:readline';
import { type Io, plain } from './io.ts';

export interface Progress {
  /** `total` null: not known yet. */
  show(at: { readonly step: string; readonly done: number; readonly total: number | null }): void;
  end(): void;
}

const barWidth = 24;

export function barOf(done: number, total: number | null): string {
  const share = total === null ? 0 : total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.floor(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${total === null ? '' : `${done} of ${total}`}`;
}

export function progressOf({ stderr }: Io, title: string, quiet: boolean): Progress {
  if (quiet) return { show: () => {}, end: () => {} };
  const wipe = () => {
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
  };
  if (stderr.isTTY === true)
    return {
      show({ step, done, total }) {
        wipe();
        const line = plain(`${title}  ${barOf(done, total)}  ${step}`);
        // A line that wraps could not be drawn over.
        stderr.write(line.slice(0, (stderr.columns ?? 80) - 1));
      },
      end: wipe,
    };
  let last = '';
  return {
    show({ step, done, total }) {
      if (step === last) return;
      last = step;
      stderr.write(plain(`… ${title}: ${step}${total === null ? '' : `, ${done} of ${total}`}\n`));
    },
    end: () => {},
  };
}
