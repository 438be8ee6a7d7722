/**
 * What every adapter of a vault shares: the three SDK clients with retries off (the SDK does not retry a 429 without
 * Retry-After and retries POSTs it should not), made on first use and kept, because each new one costs an
 * unauthenticated probe; calls whose failure is described from what really went over the wire; and pages by link.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHttpHeaders, type PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { CertificateClient } from '@azure/keyvault-certificates';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import { BackupError } from '../domain/errors.ts';
import { type Kind, pluralOf } from '../domain/objects.ts';
import { type CallNames, describeFailure } from './describeFailure.ts';
import { type Exchange, exchangePolicy, inExchange } from './exchange.ts';
import { bodyPolicy } from './wireBody.ts';

export interface KeyVaultOptions {
  readonly name: string;
  readonly url: string;
  readonly credential: TokenCredential;
  readonly timeoutMs: number;
}

export function keyVaultClients({ name, url, credential, timeoutMs }: KeyVaultOptions) {
  const clientOptions = {
    retryOptions: { maxRetries: 0 },
    // Only a loopback emulator has a host that does not end in the challenge's domain.
    disableChallengeResourceVerification: isLoopback(url),
    additionalPolicies: [
      { policy: oneRequestPolicy, position: 'perCall' as const },
      { policy: bodyPolicy, position: 'perCall' as const },
      { policy: exchangePolicy(timeoutMs), position: 'perRetry' as const },
    ],
  };
  const secrets = lazy(() => new SecretClient(url, credential, clientOptions));
  const keys = lazy(() => new KeyClient(url, credential, clientOptions));
  const certificates = lazy(() => new CertificateClient(url, credential, clientOptions));
  const cryptos = new Map<string, CryptographyClient>();
  let region: string | null = null;

  /** For one version of a key. Told that it has the key, it does not ask for it first, which would need another right. */
  function crypto(kid: string): CryptographyClient {
    const known = cryptos.get(kid);
    if (known) return known;
    const properties = { vaultUrl: url, name: kid, id: kid };
    const made = new CryptographyClient({ id: kid, name: kid, properties }, credential, clientOptions);
    cryptos.set(kid, made);
    return made;
  }

  async function call<T>(
    names: Omit<CallNames, 'target'>,
    request: (exchange: Exchange) => Promise<T>,
  ): Promise<T> {
    return inExchange(async (exchange) => {
      try {
        return await request(exchange);
      } catch (error) {
        // The SDK keeps a token until it expires, even one that the vault refuses (measured): only a new client asks anew.
        if (exchange.status === 401) {
          for (const client of [secrets, keys, certificates]) client.forget();
          cryptos.clear();
        }
        throw describeFailure(error, { target: `vault ${name}`, ...names }, exchange);
      } finally {
        region = exchange.headers['x-ms-keyvault-region'] ?? region;
      }
    });
  }

  return { secrets, keys, certificates, crypto, call, region: () => region };
}

type Verb = 'read' | 'backup' | 'restore' | 'delete' | 'recover' | 'purge';

/** The RBAC data action of a verb on a kind; reading never means a secret's value. */
export function dataAction(kind: Kind, verb: Verb): string {
  const family = `Microsoft.KeyVault/vaults/${pluralOf[kind]}`;
  if (verb === 'delete') return `${family}/delete`;
  if (verb !== 'read') return `${family}/${verb}/action`;
  return kind === 'secret' ? `${family}/readMetadata/action` : `${family}/read`;
}

export const rotationPolicyAction = (verb: 'read' | 'write'): string =>
  `Microsoft.KeyVault/vaults/keyrotationpolicies/${verb}`;

const onlyMethod = new AsyncLocalStorage<'DELETE' | 'POST'>();

/**
 * Runs one of the SDK's begin… methods for the one request that it is about. Its pollers ask more than that (measured,
 * all three clients): a GET of the deleted object after each DELETE, and a GET of the live one before and after each
 * recover, which for a secret needs the right to read its value. Those never leave this process: they are answered
 * 404, which the pollers take for "not settled yet".
 */
export const onlyThe = <T>(method: 'DELETE' | 'POST', begin: () => Promise<T>): Promise<T> =>
  onlyMethod.run(method, begin);

const oneRequestPolicy: PipelinePolicy = {
  name: 'keyvaultBackupOneRequest',
  async sendRequest(request, next) {
    const method = onlyMethod.getStore();
    if (method === undefined || request.method === method) return next(request);
    const headers = createHttpHeaders({ 'content-type': 'application/json' });
    // With a body: an empty one becomes a TypeError without a status.
    return { request, status: 404, headers, bodyAsText: '{"error":{"code":"NotAsked"}}' };
  },
};

interface Pages<T> {
  byPage(settings: { continuationToken?: string }): AsyncIterator<readonly T[], unknown>;
}

/**
 * One page. The SDK loses the continuation token of a page (measured in all three clients), but takes a link as one. So
 * the link is read from the answer itself, and a listing can go on after a failed page.
 */
export async function pageOf<T, R>(
  pages: Pages<T>,
  next: string | null,
  exchange: Exchange,
  shape: (item: T) => R,
): Promise<{ objects: R[]; next: string | null }> {
  const page = await pages.byPage(next === null ? {} : { continuationToken: next }).next();
  const objects = page.done ? [] : page.value.map(shape);
  const { nextLink } = JSON.parse(exchange.text ?? '{}') as { nextLink?: unknown };
  for (const object of objects) demandName(object);
  const isLast = nextLink === undefined || nextLink === null || nextLink === '';
  return { objects, next: isLast ? null : ofTheVault(nextLink, exchange) };
}

/** A name becomes part of a blob's name and of a message; Key Vault has no other ones. A version has none. */
function demandName(object: unknown): void {
  const { name } = object as { name?: unknown };
  if (name === undefined || (typeof name === 'string' && /^[0-9A-Za-z-]{1,127}$/.test(name))) return;
  throw new BackupError('internal', 'the vault listed an object by a name that Key Vault does not allow');
}

/** The link gets our token, so it must lead to where the page came from. */
function ofTheVault(link: unknown, { url }: Exchange): string {
  const text = String(link);
  if (url !== null && URL.canParse(text) && new URL(text).origin === new URL(url).origin) return text;
  throw new BackupError('internal', 'the vault answered a list with a link that is not its own');
}

/** A backup's bytes; an answer without any is nobody's backup, whatever else the SDK made of it. */
export function wholeBlob(bytes: unknown, operation: string): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0)
    throw new BackupError('internal', `${operation} came back empty`);
  return bytes;
}

function isLoopback(url: string): boolean {
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
