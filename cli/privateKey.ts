/** The private key of an offline recipient, as PEM without its passphrase, which is asked for. Only ever in memory. */
import { createPrivateKey } from 'node:crypto';
import { password } from '@clack/prompts';
import { Failure } from './failure.ts';
import { readNamed } from './files.ts';
import { type Io, isInteractive } from './io.ts';

export async function readPrivateKey(io: Io, file: string): Promise<string> {
  const pem = readNamed(io, file, 'the private key, in PEM').toString('utf8');
  if (!/ENCRYPTED/.test(pem)) return pem;
  const passphrase = io.env['KVB_PASSPHRASE'] ?? (await askFor(io, file));
  try {
    return createPrivateKey({ key: pem, passphrase }).export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch {
    throw new Failure(
      'usage',
      `${file} does not open with this passphrase`,
      'Try again, or check the file with openssl.',
    );
  }
}

async function askFor(io: Io, file: string): Promise<string> {
  if (!isInteractive(io))
    throw new Failure(
      'usage',
      `${file} has a passphrase, and nobody can be asked here`,
      'Set KVB_PASSPHRASE, or run it on a terminal.',
    );
  const { stdin: input, stderr: output } = io;
  const given = await password({ message: `Passphrase of ${file}?`, input, output });
  if (typeof given === 'string') return given;
  throw new Failure('interrupted', 'nothing was opened', 'It needs the passphrase.');
}
