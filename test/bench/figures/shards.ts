/** Figure 8: eight vaults on four shards and on one, every queue function in a process of its own as on Flex. */
import { shardOf } from '../../../shared/domain/shards.ts';
import { watchCpu } from '../processes.ts';
import { type Figure, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { only, peak } from '../traffic.ts';

const budget = 1000;

export const shards: Figure = {
  number: 8,
  title: 'Four shards, eight vaults',
  async measure({ quick }) {
    const times = quick ? 1 : 5;
    const four = await timesAllVaults(times, 4);
    const one = await timesAllVaults(times, 1);
    const speeds = (all: typeof one) => all.map(({ perSecond }) => perSecond.toFixed(0)).join(', ');
    return [
      {
        name: 'objects per second, 4 shards ÷ 1',
        target: '≥ 3, or what is saturated',
        values: four.map(({ perSecond }, index) => perSecond / (one[index]?.perSecond ?? Number.NaN)),
        digits: 2,
        least: 3,
        note: `8 vaults, budget ${budget} each; 4 shards ${speeds(four)}/s, 1 shard ${speeds(one)}/s. 4 shards: ${four[0]?.cpu}. 1 shard: ${one[0]?.cpu}`,
      },
      {
        name: 'each vault’s busiest 10 s ÷ its budget, the highest',
        target: '≤ 1.0',
        values: four.map(({ busiest }) => busiest),
        digits: 2,
        most: 1,
        note: 'even spacing allows budget + 1 calls in a window, whose ends both count',
      },
    ];
  },
};

/** So many names for each of four shards. */
function names(perShard: number): string[][] {
  const found: string[][] = [[], [], [], []];
  for (let index = 0; found.some((some) => some.length < perShard); index += 1) {
    const name = `vault-${index}`;
    const some = found[shardOf(name, 4)];
    if (some && some.length < perShard) some.push(name);
  }
  return found;
}

/** Each time with eight vaults that no run has seen, two of each shard. */
async function timesAllVaults(times: number, shards: number) {
  const byShard = names(2 * times);
  const objects = 50;
  const vaults = byShard.flat();
  const bench = await startBench({ vaults, budget, shards, host: { processes: 'perFunction' } });
  try {
    return await repeat(times, async (index) => {
      const eight = byShard.flatMap((some) => some.slice(2 * index, 2 * index + 2));
      for (const vault of eight) await bench.emulator.seed(vault, objects);
      const shares = watchCpu();
      const from = Date.now();
      await Promise.all(eight.map((vault) => bench.run(vault)));
      const seconds = (Date.now() - from) / 1000;
      const cpu = shares();
      const peaks = await Promise.all(
        eight.map(async (vault) => peak(only(await bench.emulator.timeline(vault), 'secrets.backup'))),
      );
      return { perSecond: (eight.length * objects) / seconds, busiest: Math.max(...peaks) / budget, cpu };
    });
  } finally {
    await bench.stop();
  }
}
