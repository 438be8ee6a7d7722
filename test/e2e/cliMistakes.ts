/** What people type that cannot be done, and what the command line says to it; each ends with 2 and changes nothing. */
import { target, vault } from './cliStack.ts';

export const into = ['--target', target, '--reason', 'an end-to-end test'];

export const mistakes: readonly (readonly [readonly string[], string])[] = [
  [
    ['status', 'contoso-paymnts'],
    'no plan has a vault "contoso-paymnts"\n  The vaults are: contoso-payments, ',
  ],
  [['statsu'], "unknown command 'statsu'\n(Did you mean status?)"],
  [['status', '--verbose'], "unknown option '--verbose'"],
  [['status', '--timeout', 'soon'], 'Write seconds, 1 to 3600.'],
  [['status', '--backup-url', 'not a url'], 'is no URL'],
  [['status', '--backup-url', 'http://example.test'], 'is not encrypted'],
  [['backup'], 'name either a vault or a plan'],
  [['backup', vault, '--plan', vault], 'name either a vault or a plan'],
  [['backup', 'no_vault'], 'Write the name of a vault'],
  [['backup', 'contoso-paymnts'], 'no plan has a vault "contoso-paymnts"'],
  [['backup', '--plan', 'nobody'], 'there is no plan "nobody"'],
  [['backup', vault, '--follow', '20010101T000000Z'], 'has no run "20010101T000000Z"'],
  [['points'], "missing required argument 'vault'"],
  [['points', vault, 'yesterday'], 'Write a run id such as 20261122T020000Z, or latest.'],
  [['points', vault, '20010101T000000Z'], 'there is no recovery point "20010101T000000Z"'],
  [['points', 'contoso-paymnts'], 'no plan has a vault "contoso-paymnts"'],
  [['restore'], 'missing: <vault>, <objects...> (** for all), --target, --reason'],
  [['restore', vault, '**', ...into, '--at', '2026-02-30T00:00:00Z'], 'Write an instant with its zone'],
  [['restore', vault, '**', ...into, '--at', 'noon'], 'Write an instant with its zone'],
  [['restore', vault, '**', ...into, '--at', '2001-01-01T00:00:00Z'], 'has no fitting recovery point'],
  [
    ['restore', vault, '**', ...into, '--at', '2026-11-22T02:30:00Z', '--point', '20261122T020000Z'],
    'cannot be used with',
  ],
  [
    ['restore', vault, '**', ...into, '--on-conflict', 'overwrite'],
    'Allowed choices are fail, skip, replace',
  ],
  [['restore', vault, 'secrets/db-pasword', ...into], '"secrets/db-pasword" matches nothing'],
  [['restore', '--follow', 'none-of-that-id'], 'there is no restore "none-of-that-id"'],
  [['diff', vault], 'compare with what?'],
  [['diff', vault, 'last-week'], 'an instant such as 2026-11-22T05:00:00Z'],
  [['diff', vault, 'latest', 'latest', '--live'], 'a live vault is compared with one point'],
  [['diff', vault, '--live', '--target', target], 'cannot be used with'],
  [['diff', 'contoso-paymnts', '--live'], 'no plan has a vault'],
  [['diff', vault, '2001-01-01T00:00:00Z'], 'recovery point'],
  [['verify'], 'missing: <vault>'],
  [['verify', vault, '--point', 'newest'], 'Write a run id such as'],
  [['verify', 'contoso-paymnts'], 'recovery point'],
  [['verify', '--follow', 'nonsense'], 'that is no verification id'],
];
