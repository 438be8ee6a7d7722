/** Figure 4: a second run after one object in a hundred was changed. */
import { secretsOf } from '../clients.ts';
import { watchCpu } from '../processes.ts';
import { type Figure, pause } from '../rows.ts';
import { startBench } from '../stack.ts';
import { looksIn, only } from '../traffic.ts';

export const incremental: Figure = {
  number: 4,
  title: 'Second run, 1 % changed',
  async measure({ quick }) {
    const objects = quick ? 500 : 10_000;
    // The default budget in the full bench: 4,000 would measure Azurite's limit and not the vault's.
    const budget = quick ? 1000 : 400;
    const vault = 'second';
    const bench = await startBench({ vaults: [vault], budget });
    try {
      const { emulator } = bench;
      await emulator.seed(vault, objects);
      await pause(2500); // Captures within 2 s of a change are racy, and would be made again.
      const full = await bench.run(vault);
      const lists = only(await emulator.timeline(vault), 'secrets.list').length;
      const allLists = (await emulator.timeline(vault)).filter(({ operation }) =>
        operation.endsWith('.list'),
      ).length;
      const secrets = secretsOf(emulator, bench.urlOf(vault), 'operator');
      for (let index = 0; index < objects; index += 100)
        await secrets.setSecret(`object-${index}`, 'changed');
      await pause(2500);
      await emulator.resetCounters();
      const shares = watchCpu();
      const second = await bench.run(vault);
      const cpu = shares();
      const { totals } = await emulator.counters();
      const looks = looksIn(await emulator.timeline(vault));
      const expected = allLists + objects / 100;
      return [
        {
          name: 'second run, 1 % changed: vault calls, inventory of versions apart',
          target: `${expected.toLocaleString('en-US')} (list pages twice + changed)`,
          values: [totals.calls - looks],
          digits: 0,
          most: expected,
          note: `${objects} objects; ${lists} pages of secrets were listed in the full run, ${second.ended.stored} objects captured in the second; besides ${looks} for the inventory`,
        },
        {
          name: 'second run, 1 % changed: time ÷ full run',
          target: '≤ 0.10',
          values: [second.seconds / full.seconds],
          digits: 2,
          most: 0.1,
          note: `budget ${budget}; full ${full.seconds.toFixed(1)} s, second ${second.seconds.toFixed(1)} s; ${cpu}`,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};
