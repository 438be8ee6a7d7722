/** Records of vaults' settings: asks for one, and reads what is there. What `kvb config` and `kvb move` share. */
import { configAccepted, configView } from '../shared/domain/answers.ts';
import { type Answer, type Request, routeOf } from './call.ts';
import { Failure } from './failure.ts';
import { follow } from './follow.ts';
import type { Kvb } from './kvb.ts';
import type { AppName } from './settings.ts';

const isThere = (kvb: Kvb, name: AppName) => kvb.apps.some((app) => app.name === name);

/** Only the restore app has the records of its targets; it reads those of sources as well. */
export const askConfig = <T>(kvb: Kvb, request: Request<T>): Promise<Answer<T>> =>
  isThere(kvb, 'restore') ? kvb.call('restore', request) : kvb.callEither(request);

/** Asks the app that calls the vault for a record, `first` before the other one, and waits until it is there. */
export async function recordConfig(
  kvb: Kvb,
  vault: string,
  first: AppName = isThere(kvb, 'backup') ? 'backup' : 'restore',
): Promise<void> {
  const post = { method: 'POST' as const, route: 'configurations', body: { vault }, answer: configAccepted };
  const asks = async (name: AppName) => ({ name, ...(await kvb.call(name, post)).value });
  const { name, id } = await asks(first).catch((error: unknown) => {
    const isTarget = error instanceof Failure && error.ending === 'usage' && isThere(kvb, 'restore');
    if (isTarget) return asks('restore');
    throw error;
  });
  const route = `${routeOf`vaults/${vault}/configuration`}?${new URLSearchParams({ at: id }).toString()}`;
  await follow<boolean>(
    kvb,
    { wait: true, waitMinutes: 10 },
    {
      title: `settings of ${vault}`,
      look: async () => ({ value: await isRecorded(kvb, name, route), raw: null, retryAfterSeconds: 2 }),
      hasEnded: (recorded) => recorded,
      at: () => ({ step: 'reading', done: 0, total: null }),
      again: `kvb config ${vault}`,
    },
  );
}

async function isRecorded(kvb: Kvb, app: AppName, route: string): Promise<boolean> {
  try {
    await kvb.call(app, { route, answer: configView });
    return true;
  } catch (error) {
    if (error instanceof Failure && error.ending === 'usage') return false;
    throw error;
  }
}
