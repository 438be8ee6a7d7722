/** Figure 12: the chart. A run that meets 429s half-way: it pauses, goes on at half the rate and recovers in steps. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Figure, pause } from '../rows.ts';
import { startBench } from '../stack.ts';
import { rateChart } from '../svg.ts';
import { only, peak, throttledIn } from '../traffic.ts';

const file = path.resolve(import.meta.dirname, '../../../docs/rate.svg');

export const chart: Figure = {
  number: 12,
  title: 'A run with 429s in it, as a chart',
  async measure({ quick, write }) {
    const budget = 1000;
    const objects = quick ? 450 : 900;
    const bench = await startBench({ vaults: ['chart'], budget });
    try {
      await bench.emulator.seed('chart', objects);
      const run = bench.run('chart');
      await pause(4000);
      const kind = { status: 429, retryAfterSeconds: 3 };
      await bench.emulator.addFault({ vault: 'chart', operation: 'secrets.backup', count: 2, kind });
      const { seconds } = await run;
      const rows = only(await bench.emulator.timeline('chart'), 'secrets.backup');
      if (write) await writeFile(file, rateChart(rows, budget));
      return [
        {
          name: 'busiest 10 s ÷ budget in a run with 429s',
          target: '≤ 1.0',
          values: [peak(rows) / budget],
          digits: 2,
          most: 1,
          note: `${objects} objects in ${seconds.toFixed(0)} s, ${throttledIn(rows)} answers 429`,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
