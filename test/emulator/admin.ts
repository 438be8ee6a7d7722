/**
 * The control as JSON over HTTP, for tests whose emulator runs in another process. Loopback only, no auth.
 *   GET /counters · POST /counters/reset · GET /timeline/<vault> · POST /faults · DELETE /faults[/<id>]
 *   PUT /identities/<name>/grants · POST /tokens/expire · PUT /vaults/<name> · GET /objects/<vault>
 *   POST /seed/<vault>/{secret,key,certificate} · POST /seed/<vault>/many {count, prefix}
 */
import { createServer, type Server } from 'node:http';
import type { EmulatorControl } from './control.ts';
import type { Fault } from './faults.ts';
import type { SeedCertificate, SeedKey, SeedSecret } from './seed.ts';
import type { Network } from './vault.ts';

export function createAdminServer(control: EmulatorControl): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const path = new URL(request.url ?? '/', 'http://admin').pathname;
      handle(control, request.method ?? 'GET', path, text)
        .then((body) => [200, body ?? {}] as const)
        .catch(
          (error: unknown) => [400, { message: error instanceof Error ? error.message : 'failed' }] as const,
        )
        .then(([status, body]) => {
          response.writeHead(status, { 'Content-Type': 'application/json' });
          response.end(JSON.stringify(body));
        })
        .catch(() => response.destroy());
    });
  });
}

interface VaultChange {
  network?: Network;
  region?: string;
  reachable?: boolean;
}

async function handle(
  control: EmulatorControl,
  method: string,
  path: string,
  text: string,
): Promise<unknown> {
  const body = text === '' ? undefined : (JSON.parse(text) as unknown);
  const [, root = '', first = '', second = ''] = path.split('/').map(decodeURIComponent);
  switch (`${method} /${root}`) {
    case 'GET /counters':
      return control.counters();
    case 'POST /counters':
      return control.resetCounters();
    case 'GET /timeline':
      return control.timeline(first);
    case 'POST /faults':
      return { id: control.addFault(body as Fault) };
    case 'DELETE /faults':
      return first === '' ? control.clearFaults() : control.removeFault(first);
    case 'PUT /identities':
      return control.setGrants(first, body as Record<string, string[]>);
    case 'POST /tokens':
      return control.expireTokens();
    case 'PUT /vaults':
      return change(control, first, body as VaultChange);
    case 'GET /objects':
      return control.objects(first);
    case 'POST /seed':
      return seed(control, first, second, body);
    default:
      throw new Error(`The admin endpoint has no ${method} ${path}.`);
  }
}

function change(control: EmulatorControl, vault: string, { network, region, reachable }: VaultChange): void {
  if (network !== undefined) control.setNetwork(vault, network);
  if (region !== undefined) control.setRegion(vault, region);
  if (reachable !== undefined) control.setReachable(vault, reachable);
}

async function seed(control: EmulatorControl, vault: string, what: string, body: unknown): Promise<void> {
  if (what === 'secret') control.seed.secret(vault, body as SeedSecret);
  else if (what === 'key') await control.seed.key(vault, body as SeedKey);
  else if (what === 'certificate') await control.seed.certificate(vault, body as SeedCertificate);
  else {
    const { count, prefix } = body as { count: number; prefix: string };
    control.seed.many(vault, count, (index) => `${prefix}${index}`);
  }
}
