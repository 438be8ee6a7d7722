/** `npm run cli:record`: runs every command of docs/cli.md on a local stack, and writes down there what it said. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp } from '../../scripts/build.mjs';
import { sealCopy } from '../../shared/azure/sealCopy.ts';
import { thumbprintOf } from '../../shared/domain/openCopy.ts';
import { recorded } from '../local/cliSessions.ts';
import { type CliStack, startCliStack, vault } from './cliStack.ts';
import { kvb } from './kvb.ts';

export const cliDocument = path.resolve(import.meta.dirname, '../../docs/cli.md');

/** The document, recorded anew on a stack that nothing was done to yet. */
export async function recordOn({ env }: CliStack): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kvb-'));
  try {
    await makeCopy(folder);
    // Files are looked for there.
    const here = { ...env, npm_lifecycle_event: 'kvb', INIT_CWD: folder };
    return await recorded(readFileSync(cliDocument, 'utf8'), (words) => kvb(words, { env: here }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A portable copy, and the private key that opens it. */
async function makeCopy(folder: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = privateKey.export({ format: 'jwk' });
  const version = {
    version: '5f0c3a1e0d1b4c559d0e6f6c1c0f7a11',
    value: 'a recorded value',
    contentType: 'text/plain',
    tags: { team: 'payments' },
    enabled: true,
    notBefore: null,
    expires: null,
    created: 1_763_600_000,
    updated: 1_763_600_000,
    x5t: null,
  };
  const object = { kind: 'secret', name: 'db-password' } as const;
  const copy = await sealCopy(
    { ...object, vault, version: version.version, runId: '20261122T020000Z' },
    { ...object, format: 1, versions: [version], policy: null },
    [{ kid: thumbprintOf(createPublicKey(privateKey)), n, e }],
  );
  writeFileSync(path.join(folder, 'db-password.jwe'), copy);
  writeFileSync(path.join(folder, 'private.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
}

if (process.argv[1] === import.meta.filename) {
  await buildApp();
  const stack = await startCliStack();
  try {
    writeFileSync(cliDocument, await recordOn(stack));
  } finally {
    await stack.e2e.stop();
  }
}
