/** The stack that all tests of the command line share: a vault, its secondary, and one with an object that cannot be backed up. */
import { bare, everything } from '../local/armVaultExample.ts';
import { startArmVaults, vaultId } from '../local/armVaults.ts';
import { configurationControl } from '../local/grants.ts';
import { type E2e, startE2e } from './harness.ts';

export const [vault, target, legacy] = ['contoso-payments', 'contoso-payments-dr', 'contoso-legacy'] as const;
/** Where docs/cli.md moves the vault to. */
const moved = 'contoso-payments-we';
export const [plan, legacyPlan] = ['payments', 'legacy'] as const;
const functionKey = 'the-function-key';
/** Long before any backup: versions made in the second of a capture could not be told apart from later ones. */
const created = 1_760_000_000;

export interface CliStack {
  readonly e2e: E2e;
  readonly env: Record<string, string>;
}

export async function startCliStack(): Promise<CliStack> {
  const placed = ({ name, url }: { name: string; url: string }) =>
    name === legacy ? { name, url } : { name, url, resourceId: vaultId(name) };
  const grants = new Map([
    ['backup', { [vault]: configurationControl }],
    ['restore', { [target]: configurationControl, [moved]: configurationControl }],
  ]);
  const e2e = await startE2e({
    vaults: { [vault]: {}, [target]: {}, [moved]: {}, [legacy]: {} },
    stack: {
      plans: (vaults) =>
        [
          { name: plan, of: vault },
          { name: legacyPlan, of: legacy },
        ].map(({ name, of }) => ({
          name,
          schedule: '0 0 2 * * *',
          vaults: vaults.filter((one) => one.name === of).map(placed),
          justification: 'an end-to-end test of the command line',
          requestsPer10Seconds: 4000,
          keyRequestsPer10Seconds: 1000,
        })),
      restoreTargets: (vaults) => ({
        [vault]: vaults
          .filter(({ name }) => name === target || name === moved)
          .map((to) => ({ ...placed(to), allowReplace: true })),
      }),
      controlPlane: (tls) =>
        startArmVaults({ tls, vaults: [everything(vault), bare(target), bare(moved)], grants }),
      emulator: { settleMs: 0, purgeLimboMs: 0 },
    },
    host: { enableAuth: true, keys: { master: 'the-master-key', host: functionKey, functions: {} } },
  });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(vault, { name: 'db-password', value: 'one', tags: { team: 'payments' }, created });
  seed.secret(vault, { name: 'db-user', value: 'ledger', created });
  seed.secret(vault, { name: 'taken', value: 'ours', created });
  await seed.key(vault, { name: 'signing', kty: 'EC', created });
  await seed.certificate(vault, { name: 'www', kty: 'EC', created });
  seed.secret(target, { name: 'taken', value: 'theirs', created: created + 1 });
  seed.secret(legacy, { name: 'token', value: 'v', created });
  seed.secret(legacy, { name: 'crowded', value: 'v', versions: 502, created: created - 10_000 });
  const env = {
    KVB_BACKUP_URL: e2e.stack.host.url,
    KVB_RESTORE_URL: `${e2e.stack.restoreHost?.url}/api/`,
    KVB_KEY: functionKey,
  };
  return { e2e, env };
}
