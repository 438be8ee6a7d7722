/** Encrypts a portable copy to its recipients with `jose`: the only place where a content is plain, and it is zeroed. */
import { GeneralEncrypt, importJWK } from 'jose';
import type { CopyContent, CopyHeader } from '../domain/portableCopy.ts';
import type { Recipient } from '../domain/portablePlan.ts';

export async function sealCopy(
  bound: Omit<CopyHeader, 'alg' | 'enc' | 'typ' | 'format'>,
  content: CopyContent,
  recipients: readonly Recipient[],
): Promise<Uint8Array> {
  const header: CopyHeader = {
    alg: 'RSA-OAEP-256',
    enc: 'A256GCM',
    typ: 'keyvault-portable',
    format: 1,
    ...bound,
  };
  const plain = Buffer.from(JSON.stringify(content), 'utf8');
  try {
    const jwe = new GeneralEncrypt(plain).setProtectedHeader({ ...header });
    for (const { kid, n, e } of recipients)
      jwe.addRecipient(await importJWK({ kty: 'RSA', n, e }, 'RSA-OAEP-256')).setUnprotectedHeader({ kid });
    return Buffer.from(JSON.stringify(await jwe.encrypt()), 'utf8');
  } finally {
    plain.fill(0);
  }
}
