/**
 * A strict local stand-in of the Key Vault data plane: a judge for tests, not an accomplice. It shares no code
 * with shared/, because an oracle that shares code shares mistakes. README.md lists what it covers and where
 * it deviates from Azure.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { createAdminServer } from './admin.ts';
import { type Identity, Tokens } from './auth.ts';
import { type ControlParts, createControl, type EmulatorControl } from './control.ts';
import { Counters } from './counters.ts';
import { Faults } from './faults.ts';
import { createIdentityServer } from './identity.ts';
import { allOperations } from './operations/all.ts';
import { type EmulatorOptions, settingsOf } from './options.ts';
import type { Pipeline, ReplyListener, RequestListener } from './pipeline.ts';
import { Router } from './router.ts';
import { close, listen, startVaultServer } from './server.ts';
import { Throttle } from './throttle.ts';
import { newVault, type Vault } from './vault.ts';

export type { EmulatorControl } from './control.ts';
export type { TimelineRow } from './counters.ts';
export type { VaultObjects } from './objects.ts';
export type { EmulatorOptions, IdentitySpec, VaultSpec } from './options.ts';

export interface Emulator {
  vaults: { name: string; url: string }[];
  adminUrl: string;
  /** For IDENTITY_ENDPOINT. */
  identityEndpoint: string;
  /** For IDENTITY_HEADER. */
  identityHeader: string;
  control: EmulatorControl;
  stop(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const settings = settingsOf(options);
  const identities = new Map<string, Identity>();
  for (const { name, clientId, grants } of options.identities) {
    identities.set(name, { name, clientId: clientId ?? randomUUID(), objectId: randomUUID(), grants });
  }
  const vaults = new Map<string, Vault>();
  for (const spec of options.vaults) {
    vaults.set(spec.name, newVault(spec, settings, new Throttle(settings.limits)));
  }
  const tokens = new Tokens(settings, identities);
  const counters = new Counters();
  const faults = new Faults();
  const listeners = new Set<RequestListener>();
  const replyListeners = new Set<ReplyListener>();
  const pipeline: Pipeline = { tokens, router: new Router(allOperations), faults, listeners, replyListeners };
  const vaultServers = new Map<string, SecureServer[]>();
  const { cert, key, expiredCert = '' } = options.tls;
  /** For new connections; the open ones end, and nothing of them is resumed. */
  const showCertificate: EmulatorControl['showCertificate'] = (vault, which) => {
    for (const server of vaultServers.get(vault) ?? []) {
      server.setSecureContext({ key, cert: which === 'expired' ? expiredCert : cert });
      server.closeAllConnections();
    }
  };
  const parts: ControlParts = {
    vaults,
    identities,
    tokens,
    counters,
    faults,
    listeners,
    replyListeners,
    showCertificate,
  };
  const control = createControl(parts);

  const servers: Server[] = [];
  const open = async (server: Server, port: number): Promise<string> => {
    servers.push(server);
    return `http://127.0.0.1:${await listen(server, port, '127.0.0.1')}`;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(close));
  };
  try {
    for (const spec of options.vaults) {
      const vault = vaults.get(spec.name);
      if (vault === undefined) continue;
      const started = await startVaultServer(vault, options.tls, spec.port ?? 0, pipeline, counters);
      vaultServers.set(spec.name, started);
      servers.push(...started);
    }
    const identityHeader = randomBytes(16).toString('hex');
    const identityUrl = await open(
      createIdentityServer(tokens, identities, identityHeader),
      options.identityPort ?? 0,
    );
    const adminUrl = await open(createAdminServer(control), options.adminPort ?? 0);
    return {
      vaults: [...vaults.values()].map(({ spec, origin }) => ({ name: spec.name, url: origin })),
      adminUrl,
      identityEndpoint: `${identityUrl}/token`,
      identityHeader,
      control,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
