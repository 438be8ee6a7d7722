/** Figure 7: what an object costs in a small and in a large vault: time, memory of the worker, length of the queue. */
import { peakMemoryMb, watchCpu } from '../processes.ts';
import { type Figure, type Row } from '../rows.ts';
import { startBench } from '../stack.ts';
import { only } from '../traffic.ts';

interface Measured {
  readonly objects: number;
  readonly msPerObject: number;
  readonly captureMs: number;
  readonly memoryMb: number;
  readonly longest: number;
  readonly cpu: string;
}

export const size: Figure = {
  number: 7,
  title: 'From a small vault to a large one',
  async measure({ quick }) {
    const [few, many] = quick ? [300, 1200] : [1000, 30_000];
    const small = await measureSize(few);
    const large = await measureSize(many);
    const said = ({ objects, msPerObject, captureMs, memoryMb, longest }: Measured) =>
      `${objects} objects: ${msPerObject.toFixed(1)} ms per object (${captureMs.toFixed(1)} in capture), ` +
      `peak ${memoryMb.toFixed(0)} MB, queue ${longest}`;
    const rows: Row[] = [
      {
        name: `time per object, ${many} ÷ ${few} objects`,
        target: '0.90 to 1.10',
        values: [large.msPerObject / small.msPerObject],
        digits: 2,
        least: 0.9,
        most: 1.1,
        note: `budget 2,000. ${said(small)}. ${said(large)}`,
      },
      {
        name: `capture per object, ${many} ÷ ${few} objects`,
        target: '0.90 to 1.10',
        values: [large.captureMs / small.captureMs],
        digits: 2,
        least: 0.9,
        most: 1.1,
        note: large.cpu,
      },
      {
        name: `peak memory of the worker, ${many} − ${few} objects`,
        target: '≤ 150 MB',
        values: [large.memoryMb - small.memoryMb],
        digits: 0,
        unit: 'MB',
        most: 150,
      },
      { name: 'longest queue', target: '≤ 1,000 messages', values: [large.longest], digits: 0, most: 1000 },
    ];
    return rows;
  },
};

async function measureSize(objects: number): Promise<Measured> {
  const bench = await startBench({ vaults: ['size'], budget: 2000 });
  const queue = bench.queue('backup-jobs-0');
  let longest = 0;
  const look = setInterval(() => {
    queue.getProperties().then(
      ({ approximateMessagesCount = 0 }) => {
        longest = Math.max(longest, approximateMessagesCount);
      },
      () => undefined,
    );
  }, 500);
  try {
    await bench.emulator.seed('size', objects);
    const shares = watchCpu();
    const { seconds } = await bench.run('size');
    const cpu = shares();
    const at = only(await bench.emulator.timeline('size'), 'secrets.backup').map((row) => row.at);
    const span = at.reduce((a, b) => Math.max(a, b), 0) - at.reduce((a, b) => Math.min(a, b), Infinity);
    const memory = bench.host.workerPids().map((pid) => peakMemoryMb(pid) ?? Number.NaN);
    return {
      objects,
      msPerObject: (seconds * 1000) / objects,
      captureMs: span / objects,
      memoryMb: Math.max(...memory),
      longest,
      cpu,
    };
  } finally {
    clearInterval(look);
    await bench.stop();
  }
}
