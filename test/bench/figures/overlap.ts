/** Figure 9: two hosts on the same queue, each with the whole limit as its budget, as when a deployment overlaps. */
import { type Figure, numbered, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { steady, throttledIn } from '../traffic.ts';

export const overlap: Figure = {
  number: 9,
  title: 'Two instances of one shard at once',
  async measure({ quick }) {
    const limit = 1000;
    const objects = 600;
    const vaults = numbered(quick ? 1 : 5, (index) => `overlap-${index}`);
    const bench = await startBench({ vaults, budget: limit, limits: { secretOps: limit } });
    try {
      await bench.anotherHost();
      const runs = await repeat(vaults.length, async (index) => {
        const vault = vaults[index] ?? '';
        await bench.emulator.seed(vault, objects);
        const { runId, ended, seconds } = await bench.run(vault);
        const calls = steady(await bench.emulator.timeline(vault));
        const prefix = `${vault}/runs/${runId}/secrets/`;
        const blobs = await Array.fromAsync(bench.container('backups').listBlobsFlat({ prefix }));
        return {
          share: (100 * throttledIn(calls)) / calls.length,
          lost: objects - (ended.stored ?? 0),
          twice: blobs.length - new Set(blobs.map(({ name }) => name)).size,
          extra: blobs.length - objects,
          seconds,
        };
      });
      const seconds = runs.map((run) => run.seconds.toFixed(0)).join(', ');
      return [
        {
          name: 'two instances: 429s in the steady state',
          target: '< 1 % of calls',
          values: runs.map(({ share }) => share),
          digits: 1,
          unit: '%',
          most: 0.9,
          note: `${objects} objects, limit of the vault and budget of each instance ${limit} per 10 s; runs took ${seconds} s`,
        },
        {
          name: 'two instances: lost',
          target: '0',
          values: runs.map(({ lost }) => lost),
          digits: 0,
          least: 0,
          most: 0,
        },
        {
          name: 'two instances: twice',
          target: '0',
          values: runs.map(({ twice, extra }) => twice + extra),
          digits: 0,
          least: 0,
          most: 0,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
