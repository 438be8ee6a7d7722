/**
 * Bearer tokens: issued by the identity endpoint, signed with this emulator's own HMAC key, checked here
 * before anything else of a request is looked at. Texts keep the recorded codes.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { ServiceError } from './errors.ts';
import type { Settings } from './options.ts';

const vaultResource = 'https://vault.azure.net';

export interface Identity {
  name: string;
  clientId: string;
  objectId: string;
  grants: Record<string, string[]>;
}

interface Claims {
  aud: string;
  exp: number;
  appid: string;
  /** Counts up; tokens from before the last expireTokens() are expired. */
  serial: number;
}

export class Tokens {
  readonly tenant = randomUUID();
  private readonly secret = randomBytes(32);
  private readonly settings: Settings;
  private readonly identities: Map<string, Identity>;
  private serial = 1;

  constructor(settings: Settings, identities: Map<string, Identity>) {
    this.settings = settings;
    this.identities = identities;
  }

  issue(identity: Identity, resource: string): { token: string; expiresOn: number } {
    const issuedAt = Math.floor(this.settings.now() / 1000);
    const expiresOn = issuedAt + this.settings.tokenLifetimeSeconds;
    const claims = {
      aud: resource,
      iss: `https://sts.windows.net/${this.tenant}/`,
      iat: issuedAt,
      nbf: issuedAt,
      exp: expiresOn,
      appid: identity.clientId,
      oid: identity.objectId,
      tid: this.tenant,
      serial: this.serial,
    };
    const unsigned = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
    return { token: `${unsigned}.${this.sign(unsigned)}`, expiresOn };
  }

  expireAll(): void {
    this.serial += 1;
  }

  /** The caller's identity, or the 401 of what is wrong with the header. */
  authenticate(header: string | undefined): Identity | ServiceError {
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) {
      return this.unauthorized('AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.');
    }
    const claims = this.verify(token);
    if (claims === undefined) {
      return this.unauthorized('AKV10000: Error validating token: the signature is invalid.');
    }
    if (claims.aud !== vaultResource) {
      return this.unauthorized(
        `AKV10022: Invalid audience. Expected ${vaultResource}, found: ${claims.aud}.`,
      );
    }
    if (claims.serial < this.serial || claims.exp <= this.settings.now() / 1000) {
      return this.unauthorized('AKV10000: [TokenExpired] Error validating token: the token has expired.');
    }
    const identity = [...this.identities.values()].find(({ clientId }) => clientId === claims.appid);
    return identity ?? this.unauthorized('AKV10000: Error validating token: unknown caller.');
  }

  private unauthorized(message: string): ServiceError {
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${this.tenant}", resource="${vaultResource}"`;
    return new ServiceError(401, 'Unauthorized', message, undefined, { 'WWW-Authenticate': challenge });
  }

  private verify(token: string): Claims | undefined {
    const end = token.lastIndexOf('.');
    const given = Buffer.from(token.slice(end + 1));
    const right = Buffer.from(this.sign(token.slice(0, end)));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
  }

  private sign(unsigned: string): string {
    return createHmac('sha256', this.secret).update(unsigned).digest('base64url');
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
