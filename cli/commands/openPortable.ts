/** `kvb open-portable`: decrypts one portable copy with an offline private key. Talks to nobody. */
import { type Command, Option } from 'commander';
import { NotOpened, openOffline } from '../../shared/domain/openCopy.ts';
import type { CopyContent } from '../../shared/domain/portableCopy.ts';
import { exitCodes, Failure } from '../failure.ts';
import { readNamed, writeSecretly } from '../files.ts';
import type { Kvb, Run } from '../kvb.ts';
import { readPrivateKey } from '../privateKey.ts';
import { instant, table } from '../text.ts';

const help = `
Works offline, without Azure. Shows what the copy holds; a value only if asked: --value prints that of the
current version (of a certificate: its PFX in base64, or PEM), --out writes everything to a new file that only
you can read. A private key with a passphrase asks for it, or takes KVB_PASSPHRASE. --of refuses a copy that is
of something else: name what you look for, a copy may have been swapped.

Examples:
  $ kvb open-portable db-password.jwe --key private.pem
  $ kvb open-portable www.jwe --key private.pem --of contoso-payments/certificates/www --value | base64 -d > www.pfx
  $ kvb open-portable db-password.jwe --key private.pem --out db-password.json`;

interface OpenOptions {
  readonly key: string;
  readonly of?: string;
  readonly value: boolean;
  readonly out?: string;
}

export function addOpenPortable(program: Command, run: Run): void {
  program
    .command('open-portable')
    .summary('decrypt a portable copy, offline')
    .description('Decrypts a portable copy with the private key of one of its offline recipients.')
    .argument('<file>', 'the copy (JWE)')
    .requiredOption('--key <file>', 'the private key, in PEM')
    .option('--of <object>', 'what it must be a copy of, as vault/secrets/name')
    .option('--value', 'print the value of the current version, and nothing else', false)
    .addOption(new Option('--out <file>', 'write the whole content there, as JSON').conflicts('value'))
    .addHelpText('after', help)
    .action(run((kvb, file: string, options: OpenOptions) => open(kvb, file, options)));
}

async function open(kvb: Kvb, file: string, { key, of, value, out }: OpenOptions): Promise<number> {
  const copy = readNamed(kvb.io, file, 'the portable copy');
  const { header, content } = opened(file, copy, await readPrivateKey(kvb.io, key));
  const { kind, name, vault, runId } = header;
  if (of !== undefined && of.toLowerCase() !== `${vault}/${kind}s/${name}`.toLowerCase())
    throw new Failure(
      'notWell',
      `${file} is a copy of ${vault}/${kind}s/${name}`,
      `Look for the copy of ${of}.`,
    );
  if (value) {
    kvb.note(`${kind}s/${name} of ${vault}, run ${runId}`);
    kvb.io.stdout.write(content.versions.at(-1)?.value ?? '');
    return exitCodes.ok;
  }
  if (out !== undefined) writeSecretly(kvb.io, out, `${JSON.stringify(content, null, 2)}\n`);
  // undefined is left out of JSON: no value is shown unasked.
  const shown = content.versions.map((version) => ({ ...version, value: undefined }));
  kvb.answer({ header, versions: shown, policy: content.policy }, () =>
    [
      `${kind}s/${name} of ${vault}, run ${runId}`,
      table([
        ['VERSION', 'CREATED', 'ENABLED', 'EXPIRES', 'CONTENT TYPE', 'TAGS'],
        ...shown.map(({ version, created, enabled, expires, contentType, tags }) => [
          version,
          at(created),
          enabled ? 'yes' : 'no',
          at(expires),
          contentType,
          Object.keys(tags).join(', '),
        ]),
      ]),
      ...(out === undefined ? [] : [`everything, with the values, is in ${out}`]),
    ].join('\n'),
  );
  return exitCodes.ok;
}

function opened(
  file: string,
  copy: Buffer,
  pem: string,
): ReturnType<typeof openOffline> & { content: CopyContent } {
  try {
    return openOffline(copy, pem);
  } catch (error) {
    if (!(error instanceof NotOpened)) throw error;
    throw new Failure(
      'notWell',
      `${file} cannot be opened: ${error.message}`,
      'kvb help open-portable says what is needed.',
    );
  }
}

const at = (epoch: number | null) => (epoch === null ? null : instant(new Date(epoch * 1000).toISOString()));
