/** The command line: its commands, the options that all of them have, and how its help reads. */
import tab from '@bomb.sh/tab/commander';
import { Command, InvalidArgumentError, Option } from 'commander';
import { appVersion } from '../shared/version.ts';
import { addBackup } from './commands/backup.ts';
import { addConfig } from './commands/config.ts';
import { addDiff } from './commands/diff.ts';
import { addMove } from './commands/move.ts';
import { addOpenPortable } from './commands/openPortable.ts';
import { addPoints } from './commands/points.ts';
import { addRestore } from './commands/restore.ts';
import { addStatus } from './commands/status.ts';
import { addVerify } from './commands/verify.ts';
import type { Io } from './io.ts';
import type { Run } from './kvb.ts';

const settingsHelp = `
Settings (a flag wins over the environment):
  KVB_BACKUP_URL, KVB_RESTORE_URL    where the two apps are
  KVB_APP_ID, KVB_RESTORE_APP_ID     client ids of their app registrations: signs in as az login, a managed
                                     identity or whatever else DefaultAzureCredential finds
  KVB_KEY, KVB_RESTORE_KEY           function keys instead, where API_AUTH=key (the second if they differ)

Exit codes:
  0 done, and all is well            3 no answer from the app, or from its storage
  1 ended, and not all is well       4 the app does not allow it
  2 wrong arguments or settings      5 told not to wait longer; it goes on
  130 you said no, or Ctrl-C

Examples:
  $ kvb status                                             how every vault stands
  $ kvb points contoso-payments                            what there is to restore from
  $ kvb restore contoso-payments 'secrets/db-*' --target contoso-payments-dr --reason "INC-4711"
  $ kvb help restore                                       more about a command
  $ source <(kvb complete bash)                            completion; also zsh, fish and powershell`;

const seconds = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 3600)
    throw new InvalidArgumentError('Write seconds, 1 to 3600.');
  return value;
};

/** Also what `kvb complete` answers: the shell completion of every command and option. */
export function programFor(io: Io, run: Run, json = false): Command {
  const program = new Command('kvb')
    .description('Looks after Key Vault backups: what there is, is it sound, bring it back.')
    .version(appVersion)
    .option('--backup-url <url>', 'address of the backup app (KVB_BACKUP_URL)')
    .option('--restore-url <url>', 'address of the restore app (KVB_RESTORE_URL)')
    .option('--app-id <id>', 'client id of the backup app’s registration (KVB_APP_ID)')
    .option('--restore-app-id <id>', 'client id of the restore app’s registration (KVB_RESTORE_APP_ID)')
    .option('--key-file <file>', 'a file with the function key, where KVB_KEY is not set')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for each answer').argParser(seconds).default(60),
    )
    .option('--json', 'the answer as JSON on stdout, a failure as JSON on stderr', false)
    .option('-q, --quiet', 'no progress and no remarks', false)
    .addHelpText('after', settingsHelp)
    .addHelpText('afterAll', ({ command }) =>
      command.parent ? '\nkvb --help has the options, settings and exit codes of all commands.' : '',
    )
    .showHelpAfterError('(kvb --help, or kvb help <command>, says more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // With --json what is wrong is told once, as JSON.
      writeErr: (text) => void (json || io.stderr.write(text)),
    });
  for (const add of [
    addStatus,
    addBackup,
    addPoints,
    addRestore,
    addMove,
    addDiff,
    addConfig,
    addVerify,
    addOpenPortable,
  ])
    add(program, run);
  tab(program);
  return program;
}
