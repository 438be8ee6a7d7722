/**
 * What of a vault's settings differs from another vault's, or from the same vault's at another moment, and what would
 * make the target what the source is. In the order in which it is to be done: what could lock somebody out comes late,
 * purge protection last, because it cannot be switched off again. Pure.
 */
import { azCommands } from './azCommands.ts';
import type { ConfigPart, ConfigRow, VaultConfig, VaultSettings } from './vaultConfig.ts';
import { listedRows } from './vaultConfigLists.ts';

export function configRows(source: VaultConfig, target: VaultConfig): ConfigRow[] {
  const az = azCommands(target);
  const lists = listedRows(source, target, az);
  const single = (scalars: readonly Scalar[]) => scalars.map((scalar) => scalarRow(scalar, source, target));
  const update = (...words: string[]): Way => ({ command: az.update(...words) });
  const onOff = (setting: string, of: (settings: VaultSettings) => boolean, name: string): Scalar => ({
    setting,
    of: (settings) => switched(of(settings)),
    way: (settings) => update(name, String(of(settings))),
  });

  return [
    ...single([
      fixed('region', ({ region }) => region),
      fixed('tenant', ({ tenantId }) => tenantId),
      {
        setting: 'sku',
        of: ({ sku }) => sku,
        way: ({ sku }) => update('--set', `properties.sku.name=${sku}`),
      },
      {
        setting: 'soft delete',
        of: ({ softDelete }) => switched(softDelete),
        way: ({ softDelete }) =>
          softDelete
            ? update('--set', 'properties.enableSoftDelete=true')
            : { byHand: 'Soft delete cannot be switched off.' },
      },
      {
        setting: 'soft delete days',
        of: ({ softDeleteDays }) => (softDeleteDays === null ? null : String(softDeleteDays)),
        way: ({ softDeleteDays }) => ({
          byHand: `Cannot be changed later: make the vault with az keyvault create --retention-days ${softDeleteDays}.`,
        }),
      },
    ]),
    ...lists('tag'),
    ...single([
      onOff('for deployment', (of) => of.enabledForDeployment, '--enabled-for-deployment'),
      onOff('for disk encryption', (of) => of.enabledForDiskEncryption, '--enabled-for-disk-encryption'),
      onOff('for templates', (of) => of.enabledForTemplateDeployment, '--enabled-for-template-deployment'),
    ]),
    ...lists('access policy', 'role'),
    ...single([
      {
        setting: 'authorization',
        of: ({ rbacAuthorization }) => (rbacAuthorization ? 'roles' : 'access policies'),
        way: ({ rbacAuthorization }) => update('--enable-rbac-authorization', String(rbacAuthorization)),
      },
    ]),
    ...lists('issuer'),
    contacts(source, target),
    ...lists('rotation policy', 'diagnostic setting', 'network rule', 'private endpoint'),
    ...single([
      {
        setting: 'network bypass',
        of: ({ networkBypass }) => networkBypass,
        way: ({ networkBypass }) => update('--bypass', networkBypass),
      },
      {
        setting: 'network default action',
        of: ({ networkDefaultAction }) => networkDefaultAction,
        way: ({ networkDefaultAction }) => update('--default-action', networkDefaultAction),
      },
      {
        setting: 'public network access',
        of: ({ publicNetworkAccess }) => publicNetworkAccess,
        way: ({ publicNetworkAccess }) => update('--public-network-access', publicNetworkAccess),
      },
      {
        setting: 'purge protection',
        of: ({ purgeProtection }) => switched(purgeProtection),
        way: ({ purgeProtection }) =>
          purgeProtection
            ? {
                ...update('--enable-purge-protection', 'true'),
                byHand:
                  'Last of all: it cannot be switched off again, and nothing that was deleted can be purged then.',
              }
            : { byHand: 'Purge protection cannot be switched off.' },
      },
    ]),
  ];
}

/** What makes the target what the source is; what it lacks is null in the row. */
interface Way {
  readonly command?: string | null;
  readonly byHand?: string;
}

interface Scalar {
  readonly setting: string;
  readonly of: (settings: VaultSettings) => string | null;
  readonly way: (source: VaultSettings) => Way;
}

const fixed = (setting: string, of: Scalar['of']): Scalar => ({
  setting,
  of,
  way: () => ({ byHand: 'Chosen when a vault is made.' }),
});

const switched = (on: boolean) => (on ? 'on' : 'off');

const gapOf = ({ vault, gaps }: VaultConfig, of: ConfigPart) =>
  `Of ${vault} this is not known: ${gaps.find(({ part }) => part === of)?.reason ?? 'it was not read'}`;

function scalarRow({ setting, of, way }: Scalar, source: VaultConfig, target: VaultConfig): ConfigRow {
  const from = source.settings && of(source.settings);
  const to = target.settings && of(target.settings);
  const row = { setting, source: from, target: to, command: null, removes: false, byHand: null };
  if (!source.settings) return { ...row, change: 'unknown', byHand: gapOf(source, 'settings') };
  if (target.settings && from === to) return { ...row, change: 'same' };
  const { command = null, byHand = null } = way(source.settings);
  if (target.settings) return { ...row, change: 'differs', command, byHand };
  return { ...row, change: 'unknown', command, byHand: byHand ?? gapOf(target, 'settings') };
}

/** Reading them needs the right to write them, which this service does not have. */
const contacts = ({ vault: from }: VaultConfig, { vault: to }: VaultConfig): ConfigRow => ({
  setting: 'certificate contacts',
  source: null,
  target: null,
  change: 'unknown',
  command: null,
  removes: false,
  byHand: `Nobody may read them without the right to write them: az keyvault certificate contact list --vault-name ${from} shows them to somebody who may; az keyvault certificate contact add --vault-name ${to} --email … sets them.`,
});
