/** A worker or a whole host dies at a moment, or the clock of the workers jumps there and is set right after a while. */
import type { Armed } from './arm.ts';
import type { Making } from './faults.ts';
import { meet, type Scene } from './meet.ts';

/** What a clock needs to be set right. */
const clockIsWrongMs = 3_000;

export function armDeath(making: Extract<Making, { at: 'process' | 'clock' }>, scene: Scene): Armed {
  const { stack, moment } = scene;
  const app = ['backup', 'verify'].includes(moment.work) ? 'backup' : 'restore';
  const begun: Promise<unknown>[] = [];
  let timer: NodeJS.Timeout | null = null;

  const clock = (byMs: number) => {
    begun.push(stack.hosts[app].setClockOffset(byMs));
  };
  const die = async (): Promise<undefined> => {
    if (making.at === 'clock') {
      // The old worker ends what it does first: its request must not wait for that.
      clock(making.byMs);
      timer = setTimeout(() => {
        timer = null;
        clock(0);
      }, clockIsWrongMs);
      return undefined;
    }
    if (making.dies === 'worker') {
      await stack.hosts[app].killWorker('SIGKILL');
      return undefined;
    }
    const { dead, alive } = stack.replaceHost(app);
    begun.push(alive);
    await dead;
    return undefined;
  };
  const met = meet(scene, 1, { after: die, called: () => void begun.push(die()) });
  return {
    made: met.count,
    async lift() {
      met.stop();
      if (timer !== null) {
        clearTimeout(timer);
        clock(0);
      }
      await Promise.all(begun);
    },
  };
}
