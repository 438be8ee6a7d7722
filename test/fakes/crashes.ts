/**
 * The process dies before or after its n-th write, as SIGKILL between two writes would. Everything that a test may die
 * around goes through `around`; what plays the host catches the Crash and forgets it with `survive`.
 */
import type { MemoryContainer } from './memoryContainer.ts';

/** Stands for the process's death: nothing may catch it. */
export class Crash extends Error {}

export type CrashMoment = 'before' | 'after';

export interface Crashes {
  /** Writes since the start. */
  writes(): number;
  /** The process dies at its n-th write from now (1 is the next), before or after the write took effect. */
  crashAtWrite(n: number, when: CrashMoment): void;
  around<T>(write: () => Promise<T>): Promise<T>;
  /** The same container, whose writes the process may die around. */
  guard(container: MemoryContainer): MemoryContainer;
  /** Died, whatever the code under test made of it. */
  isDead(): boolean;
  /** The process is a new one. */
  survive(): void;
}

export function createCrashes(): Crashes {
  let writes = 0;
  let crash: { at: number; when: CrashMoment } | null = null;
  let dead = false;
  const die = () => {
    dead = true;
    return new Crash();
  };
  const crashes: Crashes = {
    writes: () => writes,
    crashAtWrite(n, when) {
      crash = { at: writes + n, when };
    },
    async around(write) {
      // Whatever catches the first Crash: a dead process writes no more.
      if (dead) throw new Crash();
      writes += 1;
      const dies = crash?.at === writes ? crash.when : null;
      if (dies === 'before') throw die();
      const result = await write();
      if (dies === 'after') throw die();
      return result;
    },
    guard: (container) => ({
      ...container,
      create: (...args) => crashes.around(() => container.create(...args)),
      replace: (...args) => crashes.around(() => container.replace(...args)),
      immutability: () => container.immutability(),
    }),
    isDead: () => dead,
    survive() {
      crash = null;
      dead = false;
    },
  };
  return crashes;
}
