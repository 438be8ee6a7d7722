/**
 * The format of a portable copy: what is sealed here opens here, with another JOSE library, and with one in another
 * language where it is installed; and what is not a whole copy for this key says so, without a word of its content.
 */
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { generalDecrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { sealCopy } from '../../../shared/azure/sealCopy.ts';
import { NotOpened, openOffline, readCopy, thumbprintOf } from '../../../shared/domain/openCopy.ts';
import { boundToOther, type CopyContent, copyContent } from '../../../shared/domain/portableCopy.ts';

const secret = 'Hush-b1a5-do-not-tell';
const bound = {
  vault: 'contoso',
  kind: 'secret',
  name: 'db',
  version: 'v2',
  runId: '20261121T020000Z',
} as const;

function person() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = privateKey.export({ format: 'jwk' });
  const recipient = { kid: thumbprintOf(createPublicKey(privateKey)), n, e };
  return { recipient, privateKey, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}
const [alice, bob, carol] = [person(), person(), person()];

function contentOf(values: readonly string[]): CopyContent {
  const facts = {
    contentType: null,
    tags: { team: 'x' },
    enabled: true,
    notBefore: null,
    expires: 4_102_444_800,
  };
  const versions = values.map((value, at) => ({
    ...facts,
    version: `v${at + 1}`,
    value,
    created: 1_700_000_000 + at,
    updated: 1_700_000_000 + at,
    x5t: null,
  }));
  return { format: 1, kind: 'secret', name: 'db', versions, policy: null };
}
const content = contentOf(['first', secret]);
const sealed = await sealCopy(bound, content, [alice.recipient, bob.recipient]);
const changed = (change: (jwe: Record<string, string>) => void): Uint8Array => {
  const jwe = JSON.parse(Buffer.from(sealed).toString()) as Record<string, string>;
  change(jwe);
  return Buffer.from(JSON.stringify(jwe));
};
const refusal = (open: () => unknown): string => {
  try {
    open();
  } catch (error) {
    if (error instanceof NotOpened) return error.message;
  }
  throw new Error('it was opened, or failed in another way');
};

describe('a copy for two recipients', () => {
  test.each([
    ['one', alice],
    ['the other', bob],
  ])('opens with the key of %s', (_which, { pem }) => {
    const opened = openOffline(sealed, pem);
    expect(opened.content).toEqual(content);
    expect(opened.header).toMatchObject(bound);
  });

  test('opens with the library jose', async () => {
    const { plaintext } = await generalDecrypt(JSON.parse(Buffer.from(sealed).toString()), bob.privateKey);
    expect(copyContent.parse(JSON.parse(Buffer.from(plaintext).toString()))).toEqual(content);
  });

  test('shows nothing of its content, and a new content key each time', async () => {
    const again = await sealCopy(bound, content, [alice.recipient, bob.recipient]);
    for (const bytes of [sealed, again]) expect(Buffer.from(bytes).toString('latin1')).not.toContain(secret);
    expect(Buffer.from(again).equals(Buffer.from(sealed))).toBe(false);
  });
});

const python = spawnSync('python3', ['-c', 'import jwcrypto'], { encoding: 'utf8' });
const missing = python.error
  ? 'there is no python3'
  : python.status === 0
    ? null
    : 'jwcrypto is not installed';
const open = `
import sys, json
from jwcrypto import jwe, jwk
given = json.load(sys.stdin)
token = jwe.JWE()
token.deserialize(given['jwe'], jwk.JWK.from_pem(given['pem'].encode()))
sys.stdout.write(token.payload.decode())
`;
test.skipIf(missing !== null)(
  `a copy opens with jwcrypto, another JOSE implementation${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    for (const { pem } of [alice, bob]) {
      const input = JSON.stringify({ jwe: Buffer.from(sealed).toString(), pem });
      const { stdout, stderr } = spawnSync('python3', ['-c', open], { input, encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(copyContent.parse(JSON.parse(stdout))).toEqual(content);
    }
  },
);

describe('what is no whole copy for this key is refused, and says nothing of the content', () => {
  test('another key', () => {
    const why = refusal(() => openOffline(sealed, carol.pem));
    expect(why).toContain(carol.recipient.kid);
    expect(why).toContain(alice.recipient.kid);
  });

  test('no key', () => {
    expect(refusal(() => openOffline(sealed, 'nonsense'))).toMatch(/no private key/);
  });

  test.each([1, 100, 400])('truncated by %d bytes', (bytes) => {
    expect(refusal(() => openOffline(sealed.slice(0, -bytes), alice.pem))).toMatch(/truncated/);
  });

  test('the name of another recipient on a wrapped key', () => {
    const stolen = changed((jwe) => {
      const recipients = jwe['recipients'] as unknown as { header: { kid: string } }[];
      for (const one of recipients) one.header.kid = carol.recipient.kid;
    });
    expect(refusal(() => openOffline(stolen, carol.pem))).toMatch(/not wrapped for this key/);
  });

  test('a header of another object over this content: the header is authenticated', () => {
    const other = changed((jwe) => {
      const header = JSON.parse(Buffer.from(jwe['protected'] ?? '', 'base64url').toString()) as object;
      jwe['protected'] = Buffer.from(JSON.stringify({ ...header, name: 'dc' })).toString('base64url');
    });
    expect(refusal(() => openOffline(other, alice.pem))).toMatch(/does not decrypt/);
  });

  test.each(['ciphertext', 'iv', 'tag'])('an altered %s', (part) => {
    const altered = changed((jwe) => {
      const text = jwe[part] ?? '';
      jwe[part] = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
    });
    const why = refusal(() => openOffline(altered, alice.pem));
    expect(why).toMatch(/does not decrypt/);
    expect(why).not.toContain(secret);
  });

  test('a header that is not of format 1', async () => {
    const other = changed((jwe) => {
      jwe['protected'] = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url');
    });
    expect(refusal(() => readCopy(other))).toMatch(/format 1/);
  });
});

test('a whole copy of another object is told apart by its header', () => {
  const { header } = readCopy(sealed);
  expect(boundToOther(header, { ...bound, name: 'DB' })).toBeNull();
  for (const other of [
    { vault: 'fabrikam' },
    { name: 'dc' },
    { version: 'v1' },
    { runId: '20261122T020000Z' },
  ])
    expect(boundToOther(header, { ...bound, ...other })).toBe('secrets/db of contoso, run 20261121T020000Z');
});

test('a hundred versions of 25 KB each come back as they were, in their order', async () => {
  const large = contentOf(Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(25_600, 'ü')));
  const bytes = await sealCopy({ ...bound, version: 'v100' }, large, [alice.recipient]);
  expect(openOffline(bytes, alice.pem).content).toEqual(large);
});
