/** Figure 6: vault A of the same shard answers each capture with a 429; does B's run take longer than alone? */
import { type Figure, numbered, pause, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { throttledIn } from '../traffic.ts';

export const fairness: Figure = {
  number: 6,
  title: 'A throttled vault in the same shard',
  async measure({ quick }) {
    const times = quick ? 1 : 5;
    const objects = quick ? 200 : 300;
    // First runs only: a second one looks at more versions.
    const others = numbered(times, (index) => `bravo-${index}`);
    const later = numbered(times, (index) => `charlie-${index}`);
    const throttled = 'alpha';
    const bench = await startBench({ vaults: [throttled, ...others, ...later], budget: 1000 });
    try {
      const { emulator } = bench;
      for (const vault of [throttled, ...others, ...later]) await emulator.seed(vault, objects);
      const alone = await repeat(times, async (index) => (await bench.run(others[index] ?? '')).seconds);
      // Only its captures: a vault that refuses its listing too has no messages in the queue and disturbs nobody.
      await emulator.addFault({ vault: throttled, operation: 'secrets.backup', kind: { status: 429 } });
      await bench.start(throttled);
      await pause(3000);
      const beside = await repeat(times, async (index) => (await bench.run(later[index] ?? '')).seconds);
      const seen = throttledIn(await emulator.timeline(throttled));
      const seconds = (all: number[]) => all.map((one) => one.toFixed(1)).join(', ');
      return [
        {
          name: 'B beside a vault that answers 429 ÷ B alone',
          target: '≤ 1.1',
          values: beside.map((one, index) => one / (alone[index] ?? Number.NaN)),
          digits: 2,
          most: 1.1,
          note: `${objects} objects each, budget 1,000; alone ${seconds(alone)} s, beside ${seconds(beside)} s; A answered ${seen} times 429`,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
