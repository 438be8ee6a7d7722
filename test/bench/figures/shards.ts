/** Figure 8: eight vaults on four shards and on one, every queue function in a process of its own as on Flex. */
import { shardOf } from '../../../shared/domain/shards.ts';
import { watchCpu } from '../processes.ts';
import { type Figure, numbered, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { only, peak } from '../traffic.ts';

const budget = 1000;

export const shards: Figure = {
  number: 8,
  title: 'Four shards, eight vaults',
  async measure({ quick }) {
    const times = quick ? 1 : 5;
    const four = await repeat(times, () => allVaults(4));
    const one = await repeat(times, () => allVaults(1));
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

/** Two names per shard. */
function names(): string[] {
  const found: string[] = [];
  for (let index = 0; found.length < 8; index += 1) {
    const name = `vault-${index}`;
    const shard = shardOf(name, 4);
    if (found.filter((other) => shardOf(other, 4) === shard).length < 2) found.push(name);
  }
  return found;
}

async function allVaults(count: number) {
  const vaults = names();
  const objects = 50;
  const bench = await startBench({ vaults, budget, shards: count, host: { processes: 'perFunction' } });
  try {
    for (const vault of vaults) await bench.emulator.seed(vault, objects);
    const shares = watchCpu();
    const from = Date.now();
    await Promise.all(vaults.map((vault) => bench.run(vault)));
    const seconds = (Date.now() - from) / 1000;
    const cpu = shares();
    const peaks = await Promise.all(
      numbered(vaults.length, async (index) =>
        peak(only(await bench.emulator.timeline(vaults[index] ?? ''), 'secrets.backup')),
      ),
    );
    return { perSecond: (vaults.length * objects) / seconds, busiest: Math.max(...peaks) / budget, cpu };
  } finally {
    await bench.stop();
  }
}
