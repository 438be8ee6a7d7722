/**
 * A copy is opened only if its bytes are those that were sealed, its header says that it is of this object, and a key
 * that the settings name unwraps it. Whatever is wrong says what, before any vault is asked where that can be known.
 */
import { createPublicKey, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { sealCopy } from '../../../shared/azure/sealCopy.ts';
import { portableCopyName } from '../../../shared/domain/blobNames.ts';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';
import { sha256Hex } from '../../../shared/domain/objects.ts';
import { thumbprintOf } from '../../../shared/domain/openCopy.ts';
import type { CopyContent } from '../../../shared/domain/portableCopy.ts';
import { emptyLine, type PortableLine } from '../../../shared/domain/portablePoint.ts';
import { openPortable } from '../../../shared/restore/openPortable.ts';
import { fakeClock } from '../../fakes/fakeClock.ts';
import { memoryContainer } from '../../fakes/memoryContainer.ts';

const runId = '20261121T020000Z';
const secret = 'Hush-6e1f-do-not-tell';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '', e = '' } = privateKey.export({ format: 'jwk' });
const [first, second] = ['a', 'b'].map(
  (vault) => `https://${vault}.vault.azure.net/keys/portable/${'0'.repeat(32)}`,
) as [string, string];
const offline = thumbprintOf(createPublicKey(privateKey));

const contentOf = (name: string): CopyContent => ({
  format: 1,
  kind: 'secret',
  name,
  policy: null,
  versions: [
    {
      version: 'v1',
      value: secret,
      contentType: null,
      tags: {},
      enabled: true,
      notBefore: null,
      expires: null,
      created: 1_700_000_000,
      updated: 1_700_000_000,
      x5t: null,
    },
  ],
});
const sealedFor = (name: string, kids: readonly string[]) =>
  sealCopy(
    { vault: 'contoso', kind: 'secret', name, version: 'v1', runId },
    contentOf(name),
    kids.map((kid) => ({ kid, n, e })),
  );
const sealed = await sealedFor('db', [first, second, offline]);
const ofOther = await sealedFor('other', [first, second, offline]);

const unwrap = async (encryptedKey: Uint8Array) =>
  privateDecrypt({ key: privateKey, oaepHash: 'sha256' }, encryptedKey);

/** Lies in the container, and its line in the index says just that. */
function placed(bytes: Uint8Array): PortableLine {
  const blob = portableCopyName('contoso', runId, { kind: 'secret', name: 'db' });
  void backups.create(blob, { bytes, contentType: 'application/jose+json' });
  const digest = { blob, size: bytes.length, sha256: sha256Hex(bytes) };
  return {
    ...emptyLine,
    kind: 'secret',
    name: 'db',
    outcome: 'stored',
    ...digest,
    runId,
    currentVersion: 'v1',
  };
}

let backups: ReturnType<typeof memoryContainer>;
let asked: string[];
let allowed: string[];
/** By kid: what its vault does instead of unwrapping. */
let vaults: Record<string, () => Promise<Uint8Array>>;
beforeEach(() => {
  backups = memoryContainer(fakeClock());
  asked = [];
  allowed = [first, second];
  vaults = {};
});

const open = (line: PortableLine) =>
  openPortable(line, {
    backups,
    recipients: {
      allows: (kid) => allowed.includes(kid),
      unwrap: (kid, encryptedKey) => {
        asked.push(kid);
        return (vaults[kid] ?? (() => unwrap(encryptedKey)))();
      },
    },
  });
const refusal = async (line: PortableLine): Promise<BackupError> => {
  const error: unknown = await open(line).catch((thrown: unknown) => thrown);
  if (!(error instanceof BackupError))
    throw new Error('it was opened, or failed in another way', { cause: error });
  expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(secret);
  return error;
};
const lost = () => Promise.reject(new BackupError('notFound', 'no such key', { hint: '' }));
const down = () => Promise.reject(new BackupError('unreachable', 'no answer', { hint: '' }));

describe('a copy for several recipients', () => {
  test('opens with the first that may be asked, and asks no other', async () => {
    expect(await open(placed(sealed))).toEqual(contentOf('db'));
    expect(asked).toEqual([first]);
  });

  test.each<[string, () => Promise<never>]>([
    ['lost', lost],
    ['out of reach', down],
    ['busy', () => Promise.reject(new NotNow(5_000))],
  ])('opens with the other when the first key is %s', async (_what, how) => {
    vaults[first] = how;
    expect(await open(placed(sealed))).toEqual(contentOf('db'));
    expect(asked).toEqual([first, second]);
  });

  test('asks only keys that the settings name, whatever the copy says of its recipients', async () => {
    allowed = [second];
    expect(await open(placed(sealed))).toEqual(contentOf('db'));
    expect(asked).toEqual([second]);
  });
});

describe('recipients’ keys', () => {
  test('wrong recipients: who they are is told, and no vault is asked', async () => {
    allowed = [];
    const { code, message, hint } = await refusal(placed(sealed));
    expect([code, asked]).toEqual(['forbidden', []]);
    expect(message).toMatch(/none of its recipients is in RECIPIENT_KEYS/);
    for (const kid of [first, second, offline]) expect(message).toContain(kid);
    expect(hint).toMatch(/RECIPIENT_KEYS/);
  });

  test('lost keys: each is told, with a way out', async () => {
    vaults = { [first]: lost, [second]: lost };
    const { code, message, hint } = await refusal(placed(sealed));
    expect(code).toBe('forbidden');
    expect(message.match(/notFound/g)).toHaveLength(2);
    expect(asked).toEqual([first, second]);
    expect(hint).toMatch(/Recover.*open-portable/);
  });

  test('one lost and one out of reach: that is waited for', async () => {
    vaults = { [first]: lost, [second]: down };
    expect((await refusal(placed(sealed))).code).toBe('unreachable');
    vaults = { [first]: () => Promise.reject(new NotNow(5_000)), [second]: lost };
    await expect(open(placed(sealed))).rejects.toBeInstanceOf(NotNow);
  });

  test('a content key that is not this copy’s opens nothing', async () => {
    const other = async () => new Uint8Array(32);
    vaults = { [first]: other, [second]: other };
    expect(await refusal(placed(sealed))).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/does not decrypt/),
    });
  });
});

describe('bytes that are not the copy: corruptBlob, and no vault is asked', () => {
  const expectCorrupt = async (line: PortableLine, why: RegExp) => {
    const { code, message } = await refusal(line);
    expect([code, asked]).toEqual(['corruptBlob', []]);
    expect(message).toMatch(why);
  };

  test('missing', () => expectCorrupt({ ...placed(sealed), blob: 'contoso/portable/none' }, /is missing/));
  test('another digest', () =>
    expectCorrupt({ ...placed(sealed), sha256: '0'.repeat(64) }, /SHA-256 and size/));
  test('another size', () => expectCorrupt({ ...placed(sealed), size: 1 }, /SHA-256 and size/));
  test('truncated before it was written down', () =>
    expectCorrupt(placed(sealed.slice(0, -1)), /no whole JWE/));

  // Whoever can write an index can write its digest too: then only the header tells.
  test('the copy of another object, digest and all', () =>
    expectCorrupt(placed(ofOther), /is the copy of another object: secrets\/other of contoso/));

  test.each<[string, Partial<PortableLine>]>([
    ['another version', { currentVersion: 'v2' }],
    ['another run', { runId: '20261122T020000Z' }],
    ['another kind', { kind: 'certificate' }],
  ])('the copy of %s', (_what, changed) =>
    expectCorrupt({ ...placed(sealed), ...changed }, /is the copy of another object/),
  );

  test('the copy of another vault', async () => {
    const line = placed(sealed);
    const blob = portableCopyName('fabrikam', runId, line);
    await backups.create(blob, { bytes: sealed, contentType: 'application/jose+json' });
    await expectCorrupt({ ...line, blob }, /is the copy of another object: secrets\/db of contoso/);
  });
});
