/**
 * What a test can see and turn while the emulator runs; admin.ts offers the same over HTTP.
 */
import type { Identity, Tokens } from './auth.ts';
import type { Counters, CountFilter, Counts, TimelineRow } from './counters.ts';
import type { Fault, Faults } from './faults.ts';
import { objectsOf, type VaultObjects } from './objects.ts';
import type { ReplyListener, RequestListener } from './pipeline.ts';
import { type Seed, seedInto } from './seed.ts';
import type { Network, Vault } from './vault.ts';

export interface EmulatorControl {
  counters(): Counts;
  resetCounters(): void;
  count(filter?: CountFilter): number;
  /** Changing calls that succeeded. */
  writes(vault: string): number;
  timeline(vault: string): TimelineRow[];
  addFault(fault: Fault): string;
  /** How many calls a fault has hit so far. */
  faultHits(id: string): number;
  removeFault(id: string): void;
  clearFaults(): void;
  /** False: every connection to the vault is reset. */
  setReachable(vault: string, reachable: boolean): void;
  /** What a new connection to the vault is shown; open ones are closed. */
  showCertificate(vault: string, which: 'valid' | 'expired'): void;
  setNetwork(vault: string, network: Network): void;
  setRegion(vault: string, region: string): void;
  /** Called after authorization and awaited before the operation is executed. Returns the unsubscribe. */
  onRequest(listener: RequestListener): () => void;
  /** Called with what an operation answered, before faults change it. Returns the unsubscribe. */
  onReply(listener: ReplyListener): () => void;
  setGrants(identity: string, grants: Record<string, string[]>): void;
  expireTokens(): void;
  seed: Seed;
  objects(vault: string): VaultObjects;
}

export interface ControlParts {
  vaults: Map<string, Vault>;
  identities: Map<string, Identity>;
  tokens: Tokens;
  counters: Counters;
  faults: Faults;
  listeners: Set<RequestListener>;
  replyListeners: Set<ReplyListener>;
  showCertificate: EmulatorControl['showCertificate'];
}

export function createControl(parts: ControlParts): EmulatorControl {
  const { counters, faults, listeners, replyListeners } = parts;
  const vaultNamed = (name: string): Vault => {
    const vault = parts.vaults.get(name);
    if (vault === undefined) throw new Error(`The emulator has no vault ${name}.`);
    return vault;
  };
  return {
    counters: () => counters.read(),
    resetCounters: () => counters.reset(),
    count: (filter = {}) => counters.count(filter),
    writes: (vault) => counters.writes(vault),
    timeline: (vault) => counters.timeline(vault),
    addFault: (fault) => faults.add(fault),
    faultHits: (id) => faults.hitsOf(id),
    removeFault: (id) => faults.remove(id),
    clearFaults: () => faults.clear(),
    setReachable: (vault, reachable) => {
      vaultNamed(vault).reachable = reachable;
    },
    showCertificate: parts.showCertificate,
    setNetwork: (vault, network) => {
      vaultNamed(vault).network = network;
    },
    setRegion: (vault, region) => {
      vaultNamed(vault).spec.region = region;
    },
    onRequest: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onReply: (listener) => {
      replyListeners.add(listener);
      return () => replyListeners.delete(listener);
    },
    setGrants: (name, grants) => {
      const identity = parts.identities.get(name);
      if (identity === undefined) throw new Error(`The emulator has no identity ${name}.`);
      identity.grants = grants;
    },
    expireTokens: () => parts.tokens.expireAll(),
    seed: seedInto(vaultNamed),
    objects: (vault) => objectsOf(vaultNamed(vault)),
  };
}
