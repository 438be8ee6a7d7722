/** Figure 5: production asks for secrets at half the vault's limit while a backup with the default budget goes on. */
import { Agent, request } from 'node:https';
import { type Figure, pause } from '../rows.ts';
import { startBench } from '../stack.ts';
import { throttledIn } from '../traffic.ts';

const perSecond = 200;

export const production: Figure = {
  number: 5,
  title: 'Production beside a backup',
  async measure({ quick }) {
    const objects = quick ? 120 : 600;
    const vault = 'shared';
    const bench = await startBench({ vaults: [vault], budget: 400 });
    try {
      await bench.emulator.seed(vault, objects);
      const load = await startLoad(bench.urlOf(vault), await bench.emulator.token('production'));
      await bench.run(vault);
      const { asked, seconds, failed } = await load.stop();
      const { rows } = await bench.emulator.counters();
      const refused = rows.filter(({ identity, status }) => identity === 'production' && status === 429);
      const all = throttledIn(await bench.emulator.timeline(vault));
      return [
        {
          name: '429s of production beside a backup',
          target: '0',
          values: [refused.reduce((sum, { count }) => sum + count, 0)],
          digits: 0,
          most: 0,
          note: `${objects} objects, budget 400; production made ${(asked / seconds).toFixed(0)} calls per second (limit 400), ${failed} without an answer; 429s of both ${all}`,
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};

/** Evenly, and catching up when a timer comes late. */
async function startLoad(url: string, token: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const headers = { authorization: `Bearer ${token}` };
  const running = new Set<Promise<void>>();
  let going = true;
  let asked = 0;
  let failed = 0;
  const get = (name: string) =>
    new Promise<void>((resolve) => {
      const gone = () => {
        failed += 1;
        resolve();
      };
      const call = request(`${url}/secrets/${name}?api-version=7.6`, { agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', resolve);
        answer.once('error', gone);
      });
      call.once('error', gone);
      call.end();
    });
  const from = Date.now();
  const loop = (async () => {
    while (going) {
      const due = ((Date.now() - from) / 1000) * perSecond;
      while (asked < due) {
        asked += 1;
        const call = get(`object-${asked % 100}`).finally(() => running.delete(call));
        running.add(call);
      }
      await pause(5);
    }
  })();
  return {
    async stop() {
      going = false;
      const seconds = (Date.now() - from) / 1000;
      await loop;
      await Promise.all(running);
      agent.destroy();
      return { asked, seconds, failed };
    },
  };
}
