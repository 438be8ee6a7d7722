/** PEM texts of keys with their certificates: written for a certificate's secret, read from an import. */
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { badParameter } from './errors.ts';
import { privateJwk } from './keyMaterial.ts';

export interface KeyAndChain {
  jwk: JsonWebKey;
  /** DER, standard base64; the first one belongs to the key. */
  chain: string[];
}

export function pemText(chain: string[], jwk: JsonWebKey | undefined): string {
  const key =
    jwk === undefined
      ? ''
      : createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
  return key + chain.map((cer) => block('CERTIFICATE', cer)).join('');
}

function block(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
}

export function readPem(text: string, password: string | undefined): KeyAndChain {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z ]+)-----([\s\S]+?)-----END \1-----/g)];
  const chain = blocks
    .filter(([, label]) => label === 'CERTIFICATE')
    .map(([, , body]) => (body ?? '').replaceAll(/\s/g, ''));
  const key = blocks.find(([, label]) => label?.endsWith('PRIVATE KEY'));
  if (key === undefined || chain.length === 0) throw noPrivateKey();
  try {
    const passphrase = password === undefined ? {} : { passphrase: password };
    return { jwk: privateJwk(createPrivateKey({ key: key[0], format: 'pem', ...passphrase })), chain };
  } catch {
    throw badParameter(
      'The specified PEM X.509 certificate content can not be read. Please check if certificate is in valid PEM format.',
    );
  }
}

export function noPrivateKey() {
  return badParameter(
    'No certificate with private key found in the specified X.509 certificate content. Please specify X.509 certificate content with only one certificate containing private key.',
  );
}
