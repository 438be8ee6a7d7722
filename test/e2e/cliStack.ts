/** The stack that all tests of the command line share: a vault, its secondary, and one with an object that cannot be backed up. */
import { type E2e, startE2e } from './harness.ts';

export const [vault, target, lame] = ['contoso-payments', 'contoso-payments-dr', 'contoso-lame'] as const;
export const functionKey = 'the-function-key';

export async function startCliStack(): Promise<{ e2e: E2e; env: Record<string, string> }> {
  const e2e = await startE2e({
    vaults: { [vault]: {}, [target]: {}, [lame]: {} },
    stack: {
      restoreTargets: (vaults) => ({
        [vault]: vaults.filter(({ name }) => name === target).map((to) => ({ ...to, allowReplace: true })),
      }),
      emulator: { settleMs: 0, purgeLimboMs: 0 },
    },
    host: { enableAuth: true, keys: { master: 'the-master-key', host: functionKey, functions: {} } },
  });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(vault, { name: 'db-password', value: 'one', versions: 2, tags: { team: 'payments' } });
  seed.secret(vault, { name: 'db-user', value: 'ledger' });
  await seed.key(vault, { name: 'signing', kty: 'EC' });
  await seed.certificate(vault, { name: 'www', kty: 'EC' });
  seed.secret(vault, { name: 'taken', value: 'ours', created: 1_700_000_000 });
  seed.secret(target, { name: 'taken', value: 'theirs', created: 1_700_000_001 });
  seed.secret(lame, { name: 'token', value: 'v' });
  seed.secret(lame, { name: 'crowded', value: 'v', versions: 502, created: 1_700_000_000 });
  const env = {
    KVB_BACKUP_URL: e2e.stack.host.url,
    KVB_RESTORE_URL: `${e2e.stack.restoreHost?.url}/api/`,
    KVB_KEY: functionKey,
  };
  return { e2e, env };
}
