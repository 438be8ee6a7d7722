/**
 * A source vault whose plan asks for portable copies, the vault of the recipient's key, and target vaults that a
 * test names. Three apps run, each with its identity and exactly its roles.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { PortableLine, PortablePoint } from '../../shared/domain/portablePoint.ts';
import { type Answer, callApp } from './callApp.ts';
import { type E2e, type E2eOptions, startE2e, waitFor } from './harness.ts';

export const source = 'source';
export const recovery = 'recovery';

export interface PortableE2e extends E2e {
  /** The private key of the offline recipient, PEM. */
  readonly offlineKey: string;
  callPortable(method: string, route: string, body?: unknown): Promise<Answer>;
  /** A run by hand and then its copies, to their seal. */
  copyNow(): Promise<Copies>;
}

export interface Copies {
  readonly runId: string;
  readonly copies: PortablePoint;
  readonly objects: readonly PortableLine[];
  /** By `secrets/name`. */
  readonly line: (object: string) => PortableLine;
}

export async function startPortableE2e(
  vaults: E2eOptions['vaults'],
  portable: Record<string, unknown> = {},
  options: Partial<E2eOptions> = {},
): Promise<PortableE2e> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const e2e = await startE2e({
    ...options,
    vaults: { [source]: {}, [recovery]: {}, ...vaults },
    stack: {
      plans: (addresses) => [
        {
          name: source,
          schedule: '0 0 2 * * *',
          vaults: addresses.filter(({ name }) => name === source),
          justification: 'an end-to-end test of portable copies',
          requestsPer10Seconds: 4000,
          keyRequestsPer10Seconds: 1000,
          portable: {
            recipients: [
              `${addresses.find(({ name }) => name === recovery)?.url}/keys/portable`,
              { publicKey: publicKey.export({ format: 'pem', type: 'spki' }) },
            ],
            ...portable,
          },
        },
      ],
      portable: true,
      ...(Object.keys(vaults).length === 0
        ? {}
        : {
            restoreTargets: (addresses) => ({
              [source]: addresses
                .filter(({ name }) => name in vaults)
                .map(({ name, url }) => ({
                  name,
                  url,
                  portable: true,
                  allowReplace: true,
                  requestsPer10Seconds: 4000,
                  keyRequestsPer10Seconds: 1000,
                  creatingRequestsPer10Seconds: 300,
                })),
            }),
            restoreEnv: (addresses) => ({
              RECIPIENT_KEYS: `${addresses.find(({ name }) => name === recovery)?.url}/keys/portable`,
            }),
          }),
      ...options.stack,
    },
  });
  await e2e.stack.emulator.control.seed.key(recovery, { name: 'portable', kty: 'RSA' });
  const callPortable = (method: string, route: string, body?: unknown) =>
    callApp(e2e.stack.portableHost?.url ?? '', method, route, body);

  return {
    ...e2e,
    offlineKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    callPortable,
    async copyNow() {
      const before = await e2e.points(source);
      const { status, body } = await e2e.call('POST', 'backups', { vault: source });
      if (status !== 202) throw new Error(JSON.stringify(body));
      const { runId } = await e2e.waitForPoint(
        source,
        (point) => !before.some((name) => name.includes(point.runId)),
      );
      await callPortable('POST', 'portable-copies', { vault: source });
      return waitFor(async () => {
        const answer = await callPortable('GET', `vaults/${source}/portable-copies/${runId}`);
        if (answer.status !== 200) return null;
        const { copies, objects } = answer.body as unknown as Omit<Copies, 'runId' | 'line'>;
        const line = (object: string) => {
          const found = objects.find(({ kind, name }) => `${kind}s/${name}` === object);
          if (!found) throw new Error(`there is no line of ${object}`);
          return found;
        };
        return { runId, copies, objects, line };
      }).catch((error: unknown) => {
        throw new Error(`no portable copies of ${runId}: ${JSON.stringify(e2e.events('object.failed'))}`, {
          cause: error,
        });
      });
    },
  };
}
