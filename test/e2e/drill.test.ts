/** Restore drills through everything real: timer and HTTP, a scratch vault with only the drill's rights, records in WORM. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drillActions, restoreActions } from '../local/grants.ts';
import { seedMix } from '../local/seedMix.ts';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { unusedActions, unusedOnContainer } from './rights.ts';

const place = { subscription: 'the-subscription', geography: 'Europe', region: 'westeurope' };
const source = 'drilled';
const scratch = 'scratch';
let e2e: E2e;

beforeAll(async () => {
  e2e = await startE2e({
    vaults: { [source]: { spec: place }, [scratch]: { spec: place } },
    stack: {
      restorePlans: true,
      plans: (vaults) => [
        {
          name: source,
          schedule: '0 0 2 * * *',
          vaults: vaults.filter(({ name }) => name === source),
          justification: 'an end-to-end test of restore drills',
          requestsPer10Seconds: 4000,
          keyRequestsPer10Seconds: 1000,
          drill: {
            schedule: '0 0 4 * * *',
            target: scratch,
            sample: 6,
            canaries: ['certificates/*', 'keys/rotated-*'],
          },
        },
      ],
      restoreTargets: (vaults) => ({
        [source]: vaults.flatMap(({ name, url }) =>
          name === scratch
            ? [{ name, url, drill: true, requestsPer10Seconds: 4000, keyRequestsPer10Seconds: 1000 }]
            : [],
        ),
      }),
      emulator: { settleMs: 300, purgeLimboMs: 1_500 },
    },
  });
  await seedMix(e2e.stack.emulator.control, source);
  await e2e.fire(source);
  await e2e.waitForPoint(source);
}, 180_000);
afterAll(() => e2e?.stop());

interface Drill {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly objects: number;
  readonly counts: Record<string, number>;
  readonly rtoSeconds: number;
  readonly rpoSeconds: number;
  readonly cleaned: boolean;
}
/** None while the worker that was killed comes back: then the host answers for it. */
const drills = async (): Promise<Drill[]> =>
  ((await e2e.callRestore('GET', `drills/${source}`)).body as { drills?: Drill[] }).drills ?? [];
const held = () => {
  const { secrets, keys, certificates } = e2e.stack.emulator.control.objects(scratch);
  return [...secrets, ...keys, ...certificates].map(({ name }) => name);
};
const endOf = (id: string) => waitFor(async () => (await drills()).find((drill) => drill.id === id));

async function drillNow(): Promise<Drill> {
  const { status, body } = await e2e.callRestore('POST', 'drills', { vault: source });
  expect(status).toBe(202);
  return endOf(String(body['id']));
}

test('the plan’s timer drills: restored, compared, removed again, recorded, told', async () => {
  expect(await drills()).toEqual([]);
  await e2e.stack.restoreHost?.invoke(`runDrills-${source}`);
  const [drill] = await waitFor(async () => {
    const found = await drills();
    return found.length > 0 && found;
  });
  expect(drill).toMatchObject({ status: 'complete', reason: null, cleaned: true });
  expect(drill?.objects).toBeGreaterThan(6);
  expect(drill?.counts).toEqual({ restored: drill?.objects });
  expect(drill?.rtoSeconds).toBeGreaterThan(0);
  expect(drill?.rpoSeconds).toBeGreaterThanOrEqual(0);
  expect(held()).toEqual([]);
  expect(e2e.events('drill.complete')).toMatchObject([{ vault: source, id: drill?.id, target: scratch }]);
});

test('its record cannot be altered, and the backup app shows it', async () => {
  const [drill] = await drills();
  const name = `drills/${source}/${drill?.id}/ended.json`;
  await expect(e2e.stack.container('audit').getBlobClient(name).delete()).rejects.toMatchObject({
    statusCode: 409,
  });
  const { vaults } = (await e2e.call('GET', 'vaults')).body as { vaults: object[] };
  expect(vaults).toMatchObject([{ vault: source, latestDrill: { id: drill?.id, status: 'complete' } }]);
});

test('a scratch vault that holds something else refuses the drill, and nothing is touched', async () => {
  const { secrets } = e2e.operator(scratch);
  await secrets.setSecret('of-somebody', 'a value');
  const writes = e2e.stack.emulator.control.writes(scratch);
  const drill = await drillNow();
  expect(drill).toMatchObject({ status: 'failed', objects: 0 });
  expect(drill.reason).toMatch(/holds what no drill put there: secrets\/of-somebody/);
  expect(e2e.stack.emulator.control.writes(scratch)).toBe(writes);
  expect(held()).toEqual(['of-somebody']);
  expect(e2e.events('drill.failed')).toMatchObject([{ id: drill.id, reason: drill.reason }]);
  await (await secrets.beginDeleteSecret('of-somebody')).pollUntilDone();
  await secrets.purgeDeletedSecret('of-somebody');
});

test('a worker killed in the middle of the removal: the drill goes on and ends clean', async () => {
  const { control } = e2e.stack.emulator;
  let killed = false;
  const stop = control.onRequest(({ vault, operation }) => {
    if (killed || vault !== scratch || !operation.endsWith('.purge')) return;
    killed = true;
    void e2e.stack.restoreHost?.killWorker();
  });
  const drill = await drillNow();
  stop();
  expect(killed).toBe(true);
  expect(drill).toMatchObject({ status: 'complete', cleaned: true });
  expect(held()).toEqual([]);
});

test.each([
  ['no plan’s vault', { vault: 'nobody' }, 404, /no plan has the vault nobody/],
  ['no name', { vault: '../x' }, 400, /vault: write the name of a vault/],
])('%s is refused by name', async (_what, body, status, detail) => {
  const answer = await e2e.callRestore('POST', 'drills', body);
  expect(answer.status).toBe(status);
  expect(answer.body['detail']).toMatch(detail);
});

test('drills needed every action of the target and the drill role, and of storage on audit', () => {
  expect(unusedOnContainer(e2e.stack, 'restore', 'audit')).toEqual([]);
  expect(unusedActions(e2e.stack, 'restore', [...restoreActions, ...drillActions])).toEqual([]);
});
