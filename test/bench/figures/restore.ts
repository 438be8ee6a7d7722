/** Figure 11: a restore into an empty vault; what counts is the budget for calls that create. */
import { type Figure, numbered, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { only, steadyRate, throttledIn } from '../traffic.ts';

/** What a target has by default, per 10 s. */
const creating = 250;

export const restore: Figure = {
  number: 11,
  title: 'Restore',
  async measure({ quick }) {
    const objects = quick ? 120 : 150;
    const targets = numbered(quick ? 1 : 5, (index) => `target-${index}`);
    const vault = 'source';
    const bench = await startBench({ vaults: [vault], targets, budget: 2000 });
    try {
      await bench.emulator.seed(vault, objects);
      await bench.run(vault);
      const runs = await repeat(targets.length, async (index) => {
        const target = targets[index] ?? '';
        const seconds = await bench.restore({ vault, objects: ['**'], target });
        const rows = await bench.emulator.timeline(target);
        const restores = only(rows, 'secrets.restore');
        return {
          share: steadyRate(restores) / (creating / 10),
          throttled: throttledIn(rows),
          seconds,
          calls: rows.length / objects,
        };
      });
      const seconds = runs.map((run) => run.seconds.toFixed(0)).join(', ');
      return [
        {
          name: 'restore: rate ÷ budget',
          target: '≥ 0.95, zero 429s',
          values: runs.map(({ share }) => share),
          digits: 2,
          least: 0.95,
          note: `${objects} objects, ${creating} creating calls per 10 s; ${seconds} s; ${runs[0]?.calls.toFixed(2)} calls of the target per object`,
        },
        {
          name: 'restore: 429s',
          target: '0',
          values: runs.map(({ throttled }) => throttled),
          digits: 0,
          most: 0,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
