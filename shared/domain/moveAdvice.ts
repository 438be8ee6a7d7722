/** What a move's report advises: what to do before it, what to set again, how to lead the applications over. Pure. */
import type { MovedObject, MoveReport, Told } from './moveReport.ts';
import { movable } from './moveTravel.ts';
import type { IndexLine } from './recoveryPoint.ts';
import { inOtherGeography } from './restorePlan.ts';
import { noCopies } from './restorePlanPortable.ts';
import type { ConfigRow, VaultConfig } from './vaultConfig.ts';

export interface NeedsFacts {
  readonly from: string;
  readonly to: string;
  readonly mode: MoveReport['mode'];
  readonly lines: readonly IndexLine[];
  readonly target: { readonly allowReplace: boolean; readonly portable: boolean };
  /** The source's plan asks for portable copies. */
  readonly planPortable: boolean;
}

export function needsOf(
  objects: readonly MovedObject[],
  { from, to, mode, lines, target, planPortable }: NeedsFacts,
): Told[] {
  const needs: Told[] = [];
  const wanting: readonly string[] = [noCopies.why, inOtherGeography];
  const without = objects.filter(({ travels, why }) => travels === 'not' && wanting.includes(why)).length;
  if (without > 0 && mode === 'native')
    needs.push({
      object: '**',
      why: `${without} objects can only travel by portable copies, which mode native does not use`,
      todo: 'Ask with --mode auto.',
    });
  else if (without > 0 && !planPortable)
    needs.push({
      object: '**',
      why: `${without} objects can only travel by portable copies, and the plan of ${from} makes none`,
      todo: 'Add portable to its plan (docs/portable-copies.md), wait for the next recovery point and its copies, then look again.',
    });
  else if (without > 0 && !target.portable)
    needs.push({
      object: '**',
      why: `${without} objects can only travel by portable copies, and ${to} takes none`,
      todo: `Set portable for ${to} in RESTORE_TARGETS, and give the restore app the copies role on it.`,
    });
  else if (without > 0)
    needs.push({
      object: '**',
      why: `the copies of the recovery point are not made yet, so how ${without} objects travel is not known`,
      todo: 'They are made minutes after a recovery point: look again then.',
    });
  if (!target.allowReplace)
    needs.push({
      object: '**',
      why: `${to} does not allow replacements: what changes in ${from} between the two passes stays stale in ${to}`,
      todo: `Set allowReplace for ${to} in RESTORE_TARGETS and give the restore app the replace role on it, or let nothing write to ${from} while the move goes on.`,
    });
  const uncounted = movable(lines).filter(({ blob, versions }) => blob !== null && versions === null).length;
  if (uncounted > 0)
    needs.push({
      object: '**',
      why: `the versions of ${uncounted} objects are not counted yet, so nothing is known of the size of their backups`,
      todo: `kvb backup ${from} --full counts them; the move does so too.`,
    });
  return needs;
}

const byHand = (setting: string, todo: string): ConfigRow => ({
  setting,
  source: null,
  target: null,
  change: 'unknown',
  command: null,
  removes: false,
  byHand: todo,
});

/** Where nobody has looked at the two vaults' own settings: they are not known. */
export const settingsByHand: readonly ConfigRow[] = [
  byHand('access', 'assign the roles, or set the access policies, again on the target'),
  byHand('network', 'set the firewall rules and private endpoints again'),
  byHand('soft delete', 'its retention is chosen when the vault is made'),
  byHand(
    'purge protection',
    'switch it on after the final pass: it cannot be switched off, and forbids replacing',
  ),
  byHand('rotation', 'see that keys with a rotation policy have it: restored keys do, others not'),
  byHand('issuers', 'create the certificate issuers again, with their credentials'),
  byHand('contacts', 'set the certificate contacts again'),
  byHand('diagnostics', 'set diagnostic settings, alerts and event subscriptions again'),
];

/** What differs or is not known, in the order in which it is to be set; by hand what a gap in a record hides. */
export const settingsAgain = (rows: readonly ConfigRow[], gaps: VaultConfig['gaps']): ConfigRow[] => {
  const differing = rows.filter(({ change, byHand }) => change === 'differs' || byHand !== null);
  const isHidden = gaps.some(({ part }) => part === 'settings');
  return isHidden ? [...differing, ...settingsByHand] : differing;
};

export function cutOverOf(objects: readonly MovedObject[], from: string, to: string): MoveReport['cutOver'] {
  const has = (kind: string) =>
    objects.some(({ object, travels }) => object.startsWith(kind) && travels !== 'not');
  const newIds = objects.some(({ travels }) => travels === 'portable' || travels === 'either');
  return [
    {
      what: 'find what uses the vault',
      how: `az graph query -q "resources | where tostring(properties) contains '${from}.vault.'"; who calls it is in its diagnostic log`,
    },
    {
      what: 'addresses with the vault’s name',
      how: `${from}.vault.… becomes ${to}.vault.…: names of vaults are unique worldwide, so the old one cannot come along`,
    },
    ...(newIds
      ? [
          {
            what: 'addresses with a version',
            how: 'what came by a copy has new version ids: leave the version out, or write the new one',
          },
        ]
      : []),
    ...(has('secrets/')
      ? [
          {
            what: 'secrets',
            how: 'App Service and Container Apps references, CSI drivers, pipelines, connection strings',
          },
        ]
      : []),
    ...(has('keys/')
      ? [
          {
            what: 'keys',
            how: 'customer-managed keys of storage, disks, databases: point them at the new key and let them wrap again before the old vault goes',
          },
        ]
      : []),
    ...(has('certificates/')
      ? [
          {
            what: 'certificates',
            how: 'listeners of Application Gateway, Front Door, App Service, API Management; renewal by an issuer goes on in the target alone',
          },
        ]
      : []),
    {
      what: 'write to the target alone',
      how: `stop what writes to ${from}, run the final pass, then start the applications on ${to}`,
    },
    { what: 'purge protection', how: `switch it on in ${to} after the final pass` },
    {
      what: 'backups',
      how: `put ${to} into a plan; keep the one of ${from} until its last recovery point may go`,
    },
  ];
}
