/** Figure 3: what one object costs, counted at the emulator and at proxies before the storage. */
import { type Figure, type Row } from '../rows.ts';
import { startBench } from '../stack.ts';
import { looksIn, only } from '../traffic.ts';

export const calls: Figure = {
  number: 3,
  title: 'Calls per object',
  async measure({ quick }) {
    const objects = quick ? 200 : 1000;
    const bench = await startBench({ vaults: ['calls'], budget: quick ? 1000 : 2000, proxies: true });
    const { proxies } = bench;
    if (!proxies) throw new Error('no proxies');
    try {
      await bench.emulator.seed('calls', objects);
      let puts = 0;
      proxies.blobs.before(({ container, name, method }) => {
        if (container === 'backups' && method === 'PUT' && name.includes('/secrets/')) puts += 1;
      });
      proxies.blobs.resetCounters();
      proxies.queues.resetCounters();
      await bench.run('calls');
      const timeline = await bench.emulator.timeline('calls');
      const backups = only(timeline, 'secrets.backup');
      const queueCalls = proxies.queues.counters();
      const stateCalls = proxies.blobs.counters().filter(({ container }) => container === 'state');
      const host = [...queueCalls, ...stateCalls];
      const perObject = (count: number) => count / objects;
      const total = host.reduce((sum, { count }) => sum + count, 0);
      const note = host
        .toSorted((a, b) => b.count - a.count)
        .filter(({ count }) => perObject(count) >= 0.005)
        .map(({ operation, container, count }) => `${operation} ${container} ${perObject(count).toFixed(2)}`)
        .join(', ');
      const rows: Row[] = [
        one(
          'vault calls per captured secret, inventory of versions apart',
          perObject(backups.length),
          `${objects} objects; besides ${looksIn(timeline)} calls for the inventory in this first run`,
        ),
        one('blob PUTs per captured object', perObject(puts)),
        {
          name: 'host-storage calls per object',
          target: 'report, and bring down',
          values: [perObject(total)],
          digits: 2,
          note,
        },
      ];
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

const one = (name: string, value: number, note?: string): Row => ({
  name,
  target: '1.00',
  values: [value],
  digits: 2,
  least: 1,
  most: 1,
  ...(note === undefined ? {} : { note }),
});
