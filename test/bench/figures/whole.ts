/** Figure 2: a whole run at a budget of 4,000, side by side with the loop of a script and with the floors. */
import { watchCpu } from '../processes.ts';
import { type Figure, numbered, repeat, summaryOf } from '../rows.ts';
import { startBench } from '../stack.ts';
import { phasesOf } from '../traffic.ts';
import { floorWithoutQueue, floorWithQueue, scriptLoop } from './loops.ts';

export const whole: Figure = {
  number: 2,
  title: 'A whole run ÷ script loop, ÷ floors',
  async measure({ quick }) {
    const objects = quick ? 400 : 1000;
    const vaults = numbered(quick ? 1 : 5, (index) => `whole-${index}`);
    const widths = quick ? [64] : [64, 96]; // Tried in the first round; the later ones take the better.
    const bench = await startBench({ vaults, budget: 4000 });
    try {
      let cpu = '';
      let phases = '';
      let floorCpu = '';
      let best = widths;
      const rounds = await repeat(vaults.length, async (index) => {
        const vault = vaults[index] ?? '';
        await bench.emulator.seed(vault, objects);
        const shares = watchCpu();
        const from = Date.now();
        const { seconds: run } = await bench.run(vault);
        cpu = shares();
        phases = phasesOf(await bench.emulator.timeline(vault), from, run);
        // The vault's limit is 4,000 per 10 s, and the floors know no limiter: their calls stay below it by their number.
        const floorShares = watchCpu();
        const withQueue = await repeat(best.length, (i) => floorWithQueue(bench, vault, best[i] ?? 64));
        floorCpu = floorShares();
        best = [best[withQueue.indexOf(Math.min(...withQueue))] ?? 64];
        const loop = await scriptLoop(bench, vault);
        const without = await repeat(2, (i) => floorWithoutQueue(bench, vault, [32, 64][i] ?? 64));
        return { run, loop, withQueue: Math.min(...withQueue), without: Math.min(...without) };
      });
      const median = (pick: (round: (typeof rounds)[number]) => number) =>
        summaryOf(rounds.map(pick)).median.toFixed(1);
      const note =
        `${objects} objects; run ${median(({ run }) => run)} s, loop ${median(({ loop }) => loop)} s (four times every fourth object), ` +
        `floor with queue ${median(({ withQueue }) => withQueue)} s, without ${median(({ without }) => without)} s`;
      return [
        {
          name: 'run ÷ script loop',
          target: '≤ 0.25',
          values: rounds.map(({ run, loop }) => run / loop),
          digits: 2,
          most: 0.25,
          note,
        },
        {
          name: 'run ÷ floor with queue',
          target: '≤ 1.3',
          values: rounds.map(({ run, withQueue }) => run / withQueue),
          digits: 2,
          most: 1.3,
          note: `the last run: ${phases}; ${cpu}. Floor: ${floorCpu}`,
        },
        {
          name: 'run ÷ floor without queue',
          target: 'report',
          values: rounds.map(({ run, without }) => run / without),
          digits: 2,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
