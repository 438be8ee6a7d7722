/**
 * PKCS#12 files by pkijs: written without a password for a certificate's secret, read from an import.
 */
import { createPrivateKey, type JsonWebKey, webcrypto, X509Certificate } from 'node:crypto';
import {
  AuthenticatedSafe,
  CertBag,
  Certificate,
  CryptoEngine,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
  setEngine,
} from 'pkijs';
import { badParameter } from './errors.ts';
import { privateJwk } from './keyMaterial.ts';
import { type KeyAndChain, noPrivateKey } from './pem.ts';

const keyBagId = '1.2.840.113549.1.12.10.1.1';
const shroudedBagId = '1.2.840.113549.1.12.10.1.2';
const certBagId = '1.2.840.113549.1.12.10.1.3';
const iterations = 2000;

setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto }));

function bytes(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text)).buffer;
}

/** Base64. */
export async function writePfx(chain: string[], jwk: JsonWebKey | undefined): Promise<string> {
  const password = bytes('');
  const certificates = chain.map(
    (cer) =>
      new SafeBag({
        bagId: certBagId,
        bagValue: new CertBag({ parsedValue: Certificate.fromBER(Buffer.from(cer, 'base64')) }),
      }),
  );
  const keys: SafeBag[] = [];
  if (jwk !== undefined) {
    const pkcs8 = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'der' });
    const bag = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(pkcs8) });
    await bag.makeInternalValues({
      password,
      contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
      hmacHashAlgorithm: 'SHA-256',
      iterationCount: iterations,
    });
    keys.push(new SafeBag({ bagId: shroudedBagId, bagValue: bag }));
  }
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [{ privacyMode: 0, value: new SafeContents({ safeBags: [...keys, ...certificates] }) }],
    },
  });
  await safe.makeInternalValues({ safeContents: [{}] });
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } });
  await pfx.makeInternalValues({
    password,
    iterations,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return Buffer.from(pfx.toSchema().toBER(false)).toString('base64');
}

export async function readPfx(base64: string, password: string): Promise<KeyAndChain> {
  const bags = await bagsOf(base64, password);
  const found: string[] = [];
  let jwk: JsonWebKey | undefined;
  for (const { bagId, bagValue } of bags) {
    if (bagId === certBagId && bagValue instanceof CertBag) {
      const certificate = bagValue.parsedValue as Certificate;
      found.push(Buffer.from(certificate.toSchema().toBER(false)).toString('base64'));
    }
    if (bagId === keyBagId && bagValue instanceof PrivateKeyInfo) jwk = jwkOf(bagValue);
    if (bagId === shroudedBagId && bagValue instanceof PKCS8ShroudedKeyBag && bagValue.parsedValue) {
      jwk = jwkOf(bagValue.parsedValue);
    }
  }
  if (jwk === undefined) throw noPrivateKey();
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const own = found.find((cer) => new X509Certificate(Buffer.from(cer, 'base64')).checkPrivateKey(key));
  if (own === undefined) throw noPrivateKey();
  return { jwk, chain: [own, ...found.filter((cer) => cer !== own)] };
}

function jwkOf(info: PrivateKeyInfo): JsonWebKey {
  const der = Buffer.from(info.toSchema().toBER(false));
  return privateJwk(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

async function bagsOf(base64: string, text: string): Promise<SafeBag[]> {
  const password = bytes(text);
  try {
    const pfx = PFX.fromBER(Buffer.from(base64, 'base64'));
    await pfx.parseInternalValues({ password, checkIntegrity: true });
    const safe = pfx.parsedValue?.authenticatedSafe;
    if (safe === undefined) throw new Error('no content');
    await safe.parseInternalValues({ safeContents: safe.safeContents.map(() => ({ password })) });
    const contents = (safe.parsedValue as { safeContents: { value: SafeContents }[] }).safeContents;
    const bags = contents.flatMap(({ value }) => value.safeBags);
    for (const { bagValue } of bags) {
      if (bagValue instanceof PKCS8ShroudedKeyBag) await decrypt(bagValue, password);
    }
    return bags;
  } catch {
    // Only a fragment of the service's text is known; status and code are not.
    throw badParameter(
      'The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format and the password is right.',
    );
  }
}

/** pkijs marks it as protected, although a reader has to call it. */
async function decrypt(bag: PKCS8ShroudedKeyBag, password: ArrayBuffer): Promise<void> {
  await (bag as unknown as { parseInternalValues(p: object): Promise<void> }).parseInternalValues({
    password,
  });
}
