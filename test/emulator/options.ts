/**
 * What a caller gives to startEmulator: vaults, identities and the dials for time, paging and throttling.
 * Defaults are the documented behaviour of the service, with all waiting times at zero.
 */
export interface VaultSpec {
  name: string;
  /** 0 or absent: a free port. Each vault has its own origin, https://localhost:<port>. */
  port?: number;
  subscription?: string;
  geography?: string;
  region?: string;
  sku?: 'standard' | 'premium';
  /** 7..90 */
  retentionDays?: number;
  purgeProtection?: boolean;
  authorization?: 'rbac' | 'accessPolicy';
}

export interface IdentitySpec {
  name: string;
  clientId?: string;
  /** Vault name ('*': every vault) to RBAC data actions ('*' stands for any run of characters). */
  grants: Record<string, string[]>;
}

export interface Limits {
  secretOps: number;
  createOps: number;
  keyOther: number;
  keyCreate: number;
}

export interface EmulatorOptions {
  vaults: VaultSpec[];
  identities: IdentitySpec[];
  adminPort?: number;
  identityPort?: number;
  /** Without an expired certificate none can be shown. */
  tls: { cert: string; key: string; expiredCert?: string };
  latencyMs?: number;
  /** delete → deleted and recover → live; 0 settles at the next request. */
  settleMs?: number;
  /** After a purge, restore still answers 409 for this long. */
  purgeLimboMs?: number;
  certificateIssueMs?: number;
  /** 1..25 */
  pageSize?: number;
  emptyPages?: boolean;
  throttling?: boolean;
  limits?: Partial<Limits>;
  tokenLifetimeSeconds?: number;
  now?: () => number;
}

export interface Settings {
  latencyMs: number;
  settleMs: number;
  purgeLimboMs: number;
  certificateIssueMs: number;
  pageSize: number;
  emptyPages: boolean;
  throttling: boolean;
  limits: Limits;
  tokenLifetimeSeconds: number;
  now: () => number;
}

/** Limits per vault and 10 seconds, "Azure Key Vault service limits" (2025-07-23). */
const documentedLimits: Limits = { secretOps: 4000, createOps: 300, keyOther: 4000, keyCreate: 20 };

export function settingsOf(options: EmulatorOptions): Settings {
  const pageSize = options.pageSize ?? 25;
  if (pageSize < 1 || pageSize > 25) throw new RangeError('pageSize must be 1..25');
  return {
    latencyMs: options.latencyMs ?? 0,
    settleMs: options.settleMs ?? 0,
    purgeLimboMs: options.purgeLimboMs ?? 0,
    certificateIssueMs: options.certificateIssueMs ?? 0,
    pageSize,
    emptyPages: options.emptyPages ?? true,
    throttling: options.throttling ?? true,
    limits: { ...documentedLimits, ...options.limits },
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 86_400,
    now: options.now ?? Date.now,
  };
}
