/** Keys that portable copies are made for: their public parts, for encryption. */
export interface Recipient {
  /** A Key Vault key's id with its version, or an offline key's thumbprint. */
  readonly kid: string;
  /** The public key, base64url as in a JWK. */
  readonly n: string;
  readonly e: string;
}
