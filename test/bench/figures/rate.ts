/** Figure 1: the rate achieved ÷ the budget in the steady part of a run, and of the governor with the adapter alone. */
import { keyVault } from '../../../shared/azure/keyVault.ts';
import { processCeilings } from '../../../shared/policies/ceilings.ts';
import { governedVault } from '../../../shared/policies/governedVault.ts';
import { createGovernor } from '../../../shared/policies/governor.ts';
import { atOnce, credentialOf } from '../clients.ts';
import { watchCpu } from '../processes.ts';
import { type Figure, numbered, type Options, type Row, repeat } from '../rows.ts';
import { startBench } from '../stack.ts';
import { only, steadyRate, throttledIn } from '../traffic.ts';

const target = '≥ 0.95, with zero 429s';

export const rate: Figure = {
  number: 1,
  title: 'Rate achieved ÷ budget, steady part of a run',
  async measure(options) {
    return [...(await throughEverything(options)), ...(await alone(options))];
  },
};

async function throughEverything({ quick }: Options): Promise<Row[]> {
  const times = quick ? 1 : 5;
  const budgets = [400, 1000, 2000];
  const nameOf = (budget: number, index: number) => `rate-${budget}-${index}`;
  const budget = Object.fromEntries(
    budgets.flatMap((each) => numbered(times, (index) => [nameOf(each, index), each])),
  );
  const bench = await startBench({ vaults: Object.keys(budget), budget });
  try {
    const rows: Row[] = [];
    for (const each of budgets) {
      // Five seconds of the budget, less in a hurry.
      const objects = quick ? each * 0.4 : each * 0.5;
      let cpu = '';
      const runs = await repeat(times, async (index) => {
        const vault = nameOf(each, index);
        await bench.emulator.seed(vault, objects);
        const shares = watchCpu();
        await bench.run(vault);
        cpu = shares();
        const calls = await bench.emulator.timeline(vault);
        return {
          share: steadyRate(only(calls, 'secrets.backup')) / (each / 10),
          throttled: throttledIn(calls),
        };
      });
      rows.push(...ratioAnd429s(`through everything, ${each} per 10 s`, runs, `${objects} objects; ${cpu}`));
    }
    return rows;
  } finally {
    await bench.stop();
  }
}

/** The governor, its ceilings and the adapter in one process, against the emulator in another. */
async function alone({ quick }: Options): Promise<Row[]> {
  const budget = 4000;
  const calls = quick ? 1600 : 2000;
  const vaults = numbered(quick ? 1 : 5, (index) => `alone-${index}`);
  const bench = await startBench({ vaults, budget });
  try {
    await bench.host.stop();
    const cpu: string[] = [];
    const runs = await repeat(vaults.length, async (index) => {
      const name = vaults[index] ?? '';
      await bench.emulator.seed(name, 100);
      const clock = { now: () => new Date() };
      const ceilings = processCeilings(1);
      const governor = createGovernor({ budgets: { objects: budget }, clock, random: Math.random, ceilings });
      const credential = credentialOf(bench.emulator, 'app');
      const adapter = keyVault({ name, url: bench.urlOf(name), credential, timeoutMs: 30_000 });
      const vault = governedVault(adapter, governor, { turnMs: 60_000, pauseMs: 60_000 });
      const shares = watchCpu();
      const refs = numbered(calls, (call) => ({ kind: 'secret' as const, name: `object-${call % 100}` }));
      await atOnce(64, refs, (ref) => vault.backup(ref));
      cpu.push(shares());
      const rows = await bench.emulator.timeline(name);
      return {
        share: steadyRate(only(rows, 'secrets.backup')) / (budget / 10),
        throttled: throttledIn(rows),
      };
    });
    return ratioAnd429s('governor and adapter alone, 4,000 per 10 s', runs, `${calls} calls; ${cpu.at(-1)}`);
  } finally {
    await bench.stop();
  }
}

const ratioAnd429s = (name: string, runs: { share: number; throttled: number }[], note: string): Row[] => [
  {
    name: `rate ÷ budget, ${name}`,
    target,
    values: runs.map(({ share }) => share),
    digits: 2,
    least: 0.95,
    note,
  },
  { name: `429s, ${name}`, target: '0', values: runs.map(({ throttled }) => throttled), digits: 0, most: 0 },
];
