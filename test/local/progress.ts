/**
 * Shows how far something is: a bar that redraws itself on a terminal, otherwise plain lines, at most one a second.
 * `done` leaves one last line; nothing stands half-drawn when the caller prints on.
 */
import type { WriteStream } from 'node:tty';

export interface ProgressState {
  readonly done: number;
  /** Null while it is not known yet. */
  readonly total: number | null;
  readonly note: string;
}

export interface Progress {
  show(state: ProgressState): void;
  done(state: ProgressState): void;
  /** Ends the line that is being drawn, so that an error starts on its own. */
  stop(): void;
}

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

const barWidth = 30;
const plainEveryMs = 1000;
const backToLineStart = '\r\u001B[K';

export function bar({ done, total }: ProgressState): string {
  const filled = total === null || total === 0 ? 0 : Math.floor((Math.min(done, total) / total) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
}

const countOf = ({ done, total }: ProgressState): string => {
  const of = total === null ? '?' : String(total);
  return `${String(done).padStart(of.length)} of ${of}`;
};

export function createProgress(label: string, output: Output = process.stdout): Progress {
  const startedAt = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  const plain = (state: ProgressState) => `${label}${countOf(state)}  ${state.note}`;
  const full = (state: ProgressState) =>
    `${label}${bar(state)} ${countOf(state)}  ${state.note}  ${seconds()}`.slice(
      0,
      (output.columns ?? 80) - 1,
    );
  let shown = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  let drawing = false;

  return {
    show(state) {
      if (output.isTTY) {
        output.write(`${backToLineStart}${full(state)}`);
        drawing = true;
        return;
      }
      const now = performance.now();
      if (now - shownAt < plainEveryMs || plain(state) === shown) return;
      shown = plain(state);
      shownAt = now;
      output.write(`${shown}\n`);
    },
    done(state) {
      output.write(output.isTTY ? `${backToLineStart}${full(state)}\n` : `${plain(state)}  ${seconds()}\n`);
      drawing = false;
    },
    stop() {
      if (drawing) output.write('\n');
      drawing = false;
    },
  };
}
