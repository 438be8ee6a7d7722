/**
 * Pairs of vaults for moves: `<pair>-from` has a plan, `<pair>-to` is its target. With `portable` the plans ask for copies
 * and the portable app runs; its looks for new points are the test's to fire.
 */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { MoveReport } from '../../shared/domain/moveReport.ts';
import { callApp } from './callApp.ts';
import { type E2e, type E2eOptions, startE2e, waitFor } from './harness.ts';
import { kvb, type Said } from './kvb.ts';

export interface Pair {
  /** Of the target's vault, such as its geography. */
  readonly spec?: object;
  readonly target?: object;
  /** Its plan asks for portable copies. */
  readonly portable?: boolean;
}

export interface MoveE2e extends E2e {
  readonly env: Record<string, string>;
  /** A run of the source, and with `portable` its copies. */
  backUp(pair: string): Promise<void>;
  /** The portable app looks for new points of the source, as its timer has it do. */
  copyNow(pair: string): Promise<unknown>;
  /** What the newest moves of a pair have left in `audit`, by record. */
  auditOf(pair: string): Promise<Record<string, Record<string, unknown>>>;
  /** `kvb move` of a pair, with these words besides. */
  move(pair: string, words: readonly string[], world?: Parameters<typeof kvb>[1]): Promise<Said>;
}

export const fromOf = (pair: string) => `${pair}-from`;
export const toOf = (pair: string) => `${pair}-to`;
const recovery = 'recovery';

export async function startMoves(
  pairs: Record<string, Pair>,
  options: Partial<E2eOptions> = {},
): Promise<MoveE2e> {
  const names = Object.keys(pairs);
  const copies = names.some((pair) => pairs[pair]?.portable);
  const vaults = Object.fromEntries(
    names.flatMap((pair) => [
      [fromOf(pair), {}],
      [toOf(pair), { spec: pairs[pair]?.spec ?? {} }],
    ]),
  );
  const budgets = { requestsPer10Seconds: 4000, keyRequestsPer10Seconds: 1000 };
  const e2e = await startE2e({
    ...options,
    vaults: { ...vaults, ...(copies ? { [recovery]: {} } : {}) },
    stack: {
      plans: (addresses) => {
        const urlOf = (wanted: string) => addresses.find(({ name }) => name === wanted)?.url ?? '';
        return names.map((pair) => ({
          name: fromOf(pair),
          schedule: '0 0 2 * * *',
          vaults: [{ name: fromOf(pair), url: urlOf(fromOf(pair)) }],
          justification: 'an end-to-end test of moves',
          ...budgets,
          ...(pairs[pair]?.portable
            ? { portable: { recipients: [`${urlOf(recovery)}/keys/portable`], versions: 9 } }
            : {}),
        }));
      },
      restoreTargets: (addresses) =>
        Object.fromEntries(
          names.map((pair) => [
            fromOf(pair),
            addresses
              .filter(({ name }) => name === toOf(pair))
              .map(({ name, url }) => ({
                name,
                url,
                allowReplace: true,
                portable: pairs[pair]?.portable === true,
                ...budgets,
                creatingRequestsPer10Seconds: 300,
                ...pairs[pair]?.target,
              })),
          ]),
        ),
      portable: copies,
      restoreEnv: (addresses) => ({
        RECIPIENT_KEYS: copies ? `${addresses.find(({ name }) => name === recovery)?.url}/keys/portable` : '',
      }),
      ...options.stack,
    },
  });
  if (copies) await e2e.stack.emulator.control.seed.key(recovery, { name: 'portable', kty: 'RSA' });
  const env = {
    KVB_BACKUP_URL: e2e.stack.host.url,
    KVB_RESTORE_URL: e2e.stack.restoreHost?.url ?? '',
  };
  const copyNow = (pair: string) =>
    callApp(e2e.stack.portableHost?.url ?? '', 'POST', 'portable-copies', { vault: fromOf(pair) });
  return {
    ...e2e,
    env,
    copyNow,
    async backUp(pair) {
      const vault = fromOf(pair);
      const before = await e2e.points(vault);
      await e2e.call('POST', 'backups', { vault, full: true });
      const { runId } = await e2e.waitForPoint(
        vault,
        (point) => !before.some((name) => name.includes(point.runId)),
      );
      if (!pairs[pair]?.portable) return;
      await copyNow(pair);
      await waitFor(
        async () => (await e2e.callRestore('GET', `vaults/${vault}/portable-copies/${runId}`)).status === 200,
      );
    },
    async auditOf(pair) {
      const audit = e2e.stack.container('audit');
      const records: Record<string, Record<string, unknown>> = {};
      for await (const { name } of audit.listBlobsFlat({ prefix: `moves/${fromOf(pair)}.${toOf(pair)}.` })) {
        const bytes = await audit.getBlobClient(name).downloadToBuffer();
        records[path.basename(name, '.json')] = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
      }
      return records;
    },
    move: (pair, words, world) =>
      kvb(['move', '--from', fromOf(pair), '--to', toOf(pair), ...words], {
        env,
        // Looks more often than people need; and meanwhile the portable app does too.
        async sleep() {
          if (pairs[pair]?.portable) await copyNow(pair);
          await setTimeout(200);
        },
        ...world,
      }),
  };
}

export const reportIn = (said: Said): MoveReport => said.json()['report'] as MoveReport;
