/**
 * The SourceVault on the real Key Vault SDK clients: one method, one request; SDK retries are off, because the SDK does
 * not retry a 429 without Retry-After and retries POSTs it should not. Clients are made on first use and kept: each new
 * one costs an unauthenticated probe.
 */
import type { TokenCredential } from '@azure/identity';
import { CertificateClient, type CertificateProperties } from '@azure/keyvault-certificates';
import { KeyClient, type KeyProperties } from '@azure/keyvault-keys';
import { SecretClient, type SecretProperties } from '@azure/keyvault-secrets';
import { BackupError } from '../domain/errors.ts';
import { type Kind, type ObjectRef, objectKey, pluralOf } from '../domain/objects.ts';
import type { SourceVault } from '../ports/sourceVault.ts';
import { type CallNames, describeFailure } from './describeFailure.ts';
import { type Exchange, exchangePolicy, inExchange } from './exchange.ts';
import {
  currentKeyOf,
  listedCertificate,
  listedKey,
  listedSecret,
  rotationPolicyOf,
} from './keyVaultShapes.ts';

export interface KeyVaultOptions {
  readonly name: string;
  readonly url: string;
  readonly credential: TokenCredential;
  readonly timeoutMs: number;
}

const permissions = {
  secret: {
    list: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    backup: 'Microsoft.KeyVault/vaults/secrets/backup/action',
  },
  key: {
    list: 'Microsoft.KeyVault/vaults/keys/read',
    backup: 'Microsoft.KeyVault/vaults/keys/backup/action',
  },
  certificate: {
    list: 'Microsoft.KeyVault/vaults/certificates/read',
    backup: 'Microsoft.KeyVault/vaults/certificates/backup/action',
  },
} as const satisfies Record<Kind, { list: string; backup: string }>;

export function keyVault(options: KeyVaultOptions): SourceVault {
  const { name, url, credential, timeoutMs } = options;
  const clientOptions = {
    retryOptions: { maxRetries: 0 },
    // Only a loopback emulator has a host that does not end in the challenge's domain.
    disableChallengeResourceVerification: isLoopback(url),
    additionalPolicies: [{ policy: exchangePolicy(timeoutMs), position: 'perRetry' as const }],
  };
  const secrets = lazy(() => new SecretClient(url, credential, clientOptions));
  const keys = lazy(() => new KeyClient(url, credential, clientOptions));
  const certificates = lazy(() => new CertificateClient(url, credential, clientOptions));
  let region: string | null = null;

  async function call<T>(
    names: Omit<CallNames, 'target'>,
    request: (exchange: Exchange) => Promise<T>,
  ): Promise<T> {
    return inExchange(async (exchange) => {
      try {
        return await request(exchange);
      } catch (error) {
        // The SDK keeps a token until it expires, even one that the vault refuses (measured): only a new client asks anew.
        if (exchange.status === 401) for (const client of [secrets, keys, certificates]) client.forget();
        throw describeFailure(error, { target: `vault ${name}`, ...names }, exchange);
      } finally {
        region = exchange.headers['x-ms-keyvault-region'] ?? region;
      }
    });
  }

  const pagesOf = (kind: Kind): Pages => {
    if (kind === 'secret') return secrets().listPropertiesOfSecrets();
    if (kind === 'key') return keys().listPropertiesOfKeys();
    return certificates().listPropertiesOfCertificates({ includePending: false });
  };

  return {
    listPage: (kind, next) =>
      call(
        { operation: `list of ${pluralOf[kind]}`, permission: permissions[kind].list },
        async (exchange) => {
          const pages = pagesOf(kind).byPage(next === null ? {} : { continuationToken: next });
          const page = await pages.next();
          const items = page.done ? [] : page.value;
          return { objects: items.map((item) => listedItem(kind, item)), next: nextLinkOf(exchange) };
        },
      ),

    backup: (ref) =>
      call(
        { operation: `backup of ${objectKey(ref)}`, permission: permissions[ref.kind].backup },
        async (exchange) => {
          const bytes = await backupBytes(ref);
          if (!bytes || bytes.length === 0)
            throw new BackupError(
              'internal',
              `backup of ${objectKey(ref)} came back empty from vault ${name}`,
            );
          return { bytes, vaultDate: dateOf(exchange) };
        },
      ),

    currentKey: (keyName) =>
      call(
        { operation: `get of keys/${keyName.toLowerCase()}`, permission: permissions.key.list },
        async () => currentKeyOf(await keys().getKey(keyName)),
      ),

    rotationPolicy: (keyName) =>
      call(
        {
          operation: `rotation policy of keys/${keyName.toLowerCase()}`,
          permission: 'Microsoft.KeyVault/vaults/keyrotationpolicies/read',
        },
        async () => rotationPolicyOf(await keys().getKeyRotationPolicy(keyName)),
      ),

    region: () => region,
  };

  function backupBytes(ref: ObjectRef): Promise<Uint8Array | undefined> {
    if (ref.kind === 'secret') return secrets().backupSecret(ref.name);
    if (ref.kind === 'key') return keys().backupKey(ref.name);
    return certificates().backupCertificate(ref.name);
  }
}

interface Pages {
  byPage(settings: { continuationToken?: string }): AsyncIterator<readonly unknown[], unknown>;
}

function listedItem(kind: Kind, item: unknown) {
  if (kind === 'secret') return listedSecret(item as SecretProperties);
  if (kind === 'key') return listedKey(item as KeyProperties);
  return listedCertificate(item as CertificateProperties);
}

/**
 * The SDK loses the continuation token of a page (measured in all three clients), but takes a link as one. So the link
 * is read from the answer itself, and a listing can go on after a failed page.
 */
function nextLinkOf(exchange: Exchange): string | null {
  const { nextLink } = JSON.parse(exchange.text ?? '{}') as { nextLink?: unknown };
  return typeof nextLink === 'string' && nextLink !== '' ? nextLink : null;
}

function dateOf(exchange: Exchange): string {
  const date = new Date(exchange.headers['date'] ?? Number.NaN);
  if (Number.isNaN(date.getTime()))
    throw new BackupError('internal', 'the vault answered without a Date header');
  return date.toISOString();
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

interface Lazy<T> {
  (): T;
  forget(): void;
}

function lazy<T>(make: () => T): Lazy<T> {
  let made: T | undefined;
  return Object.assign(() => (made ??= make()), {
    forget: () => {
      made = undefined;
    },
  });
}
