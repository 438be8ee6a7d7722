/**
 * The record of a vault's own settings, format version 1: what no backup of an object holds. Every field is present,
 * null where it is not known; `gaps` says why. Nothing here is a secret: an issuer's account and the contacts are not read.
 */
import { z } from 'zod';
import { rotationPolicy } from './recoveryPoint.ts';

export const configParts = [
  'settings',
  'roleAssignments',
  'diagnosticSettings',
  'issuers',
  'rotationPolicies',
] as const;
export type ConfigPart = (typeof configParts)[number];

const permissions = z.array(z.string());
export const accessPolicy = z.object({
  tenantId: z.string(),
  objectId: z.string(),
  applicationId: z.string().nullable(),
  keys: permissions,
  secrets: permissions,
  certificates: permissions,
  storage: permissions,
});
export type AccessPolicy = z.infer<typeof accessPolicy>;

export const vaultSettings = z.object({
  region: z.string().nullable(),
  tenantId: z.string().nullable(),
  sku: z.string(),
  softDelete: z.boolean(),
  softDeleteDays: z.int().nullable(),
  purgeProtection: z.boolean(),
  rbacAuthorization: z.boolean(),
  accessPolicies: z.array(accessPolicy),
  enabledForDeployment: z.boolean(),
  enabledForDiskEncryption: z.boolean(),
  enabledForTemplateDeployment: z.boolean(),
  publicNetworkAccess: z.string(),
  networkDefaultAction: z.string(),
  networkBypass: z.string(),
  ipRules: z.array(z.string()),
  subnets: z.array(z.string()),
  /** Resource ids. */
  privateEndpoints: z.array(z.object({ id: z.string(), status: z.string().nullable() })),
  tags: z.record(z.string(), z.string()),
});
export type VaultSettings = z.infer<typeof vaultSettings>;

/** Of the vault and of single objects in it; what is inherited from above is not the vault's own. */
export const roleAssignment = z.object({
  id: z.string(),
  /** Below the vault's resource id: empty for the whole vault, or such as `/secrets/db-password`. */
  below: z.string(),
  principalId: z.string(),
  principalType: z.string().nullable(),
  /** A GUID. */
  role: z.string(),
  condition: z.string().nullable(),
  conditionVersion: z.string().nullable(),
});
export type RoleAssignment = z.infer<typeof roleAssignment>;

const logSetting = z.object({
  category: z.string().nullable(),
  categoryGroup: z.string().nullable(),
  enabled: z.boolean(),
});
export const diagnosticSetting = z.object({
  name: z.string(),
  workspaceId: z.string().nullable(),
  storageAccountId: z.string().nullable(),
  eventHubRuleId: z.string().nullable(),
  eventHub: z.string().nullable(),
  partnerId: z.string().nullable(),
  resourceSpecific: z.boolean(),
  logs: z.array(logSetting),
  metrics: z.array(logSetting),
});
export type DiagnosticSetting = z.infer<typeof diagnosticSetting>;

export const certificateIssuer = z.object({ name: z.string(), provider: z.string().nullable() });
export type CertificateIssuer = z.infer<typeof certificateIssuer>;

/** `seenAt`: of a vault that is backed up, when the key was captured. */
export const keyRotation = z.object({
  key: z.string(),
  policy: rotationPolicy,
  seenAt: z.string().nullable(),
});
export type KeyRotation = z.infer<typeof keyRotation>;

const configGap = z.object({ part: z.enum(configParts), reason: z.string() });

export const vaultConfig = z
  .object({
    format: z.literal(1),
    vault: z.string(),
    vaultUrl: z.string(),
    resourceId: z.string().nullable(),
    takenAt: z.iso.datetime(),
    settings: vaultSettings.nullable(),
    roleAssignments: z.array(roleAssignment).nullable(),
    diagnosticSettings: z.array(diagnosticSetting).nullable(),
    issuers: z.array(certificateIssuer).nullable(),
    rotationPolicies: z.array(keyRotation).nullable(),
    /** What could not be read, and why. */
    gaps: z.array(configGap),
    app: z.string(),
  })
  .meta({ id: 'VaultConfiguration' });
export type VaultConfig = z.infer<typeof vaultConfig>;

/** What is known of a vault before anything was read, or of one that cannot be read: its name. */
export const unreadConfig = (
  of: Pick<VaultConfig, 'vault' | 'vaultUrl' | 'resourceId' | 'takenAt' | 'app'>,
  reason: string,
): VaultConfig => ({
  format: 1,
  ...of,
  settings: null,
  roleAssignments: null,
  diagnosticSettings: null,
  issuers: null,
  rotationPolicies: null,
  gaps: configParts.map((part) => ({ part, reason })),
});

/** One setting of two vaults, or of one vault at two moments. */
export const configRow = z
  .object({
    /** Such as `sku`, `tag team`, `access policy 0f3c…`. */
    setting: z.string(),
    /** Null: not set there, or not known (`change` tells). */
    source: z.string().nullable(),
    target: z.string().nullable(),
    change: z.enum(['same', 'differs', 'unknown']),
    /** Makes the target what the source is; never run by this service. Null where nothing is to do or no command can. */
    command: z.string().nullable().describe('For a POSIX shell. This service never runs it.'),
    /** The command takes away what only the target has: look before you run it. */
    removes: z.boolean(),
    /** What a person does instead of the command, or knows before it. */
    byHand: z.string().nullable(),
  })
  .meta({ id: 'ConfigurationRow' });
export type ConfigRow = z.infer<typeof configRow>;
