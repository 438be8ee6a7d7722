/**
 * What really went over the wire during one SDK call: status, headers and error body of the last answer, and counts.
 * The SDK loses parts of it (no innererror on lists, a bare TypeError on an empty error body, options dropped by
 * getKeyRotationPolicy: all measured), so a pipeline policy notes the answers for the call that runs in this context.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { BackupError } from '../domain/errors.ts';

export interface Exchange {
  /** Of the last request. */
  url: string | null;
  status: number | null;
  headers: Record<string, string>;
  /** Text of the last answer; only kept for lists and errors, never for what carries a blob. */
  text: string | null;
  timedOut: boolean;
}

const current = new AsyncLocalStorage<Exchange>();

export async function inExchange<T>(call: (exchange: Exchange) => Promise<T>): Promise<T> {
  const exchange: Exchange = { url: null, status: null, headers: {}, text: null, timedOut: false };
  return current.run(exchange, () => call(exchange));
}

/** Notes each answer, and gives every request the same timeout (some SDK methods drop the caller's). */
export function exchangePolicy(timeoutMs: number): PipelinePolicy {
  return {
    name: 'keyvaultBackupExchange',
    async sendRequest(request, next) {
      request.timeout = timeoutMs;
      const exchange = current.getStore();
      if (exchange) exchange.url = request.url;
      const startedAt = performance.now();
      try {
        const response = await next(request);
        if (exchange) {
          exchange.status = response.status;
          exchange.headers = response.headers.toJSON();
          const keep = response.status >= 400 || request.method === 'GET';
          exchange.text = keep ? (response.bodyAsText ?? null) : null;
        }
        return response;
      } catch (error) {
        if (exchange && performance.now() - startedAt >= timeoutMs - 50) exchange.timedOut = true;
        throw error;
      }
    },
  };
}

/** The service's own clock, ISO 8601. */
export function dateOf(exchange: Exchange): string {
  const date = new Date(exchange.headers['date'] ?? Number.NaN);
  if (Number.isNaN(date.getTime()))
    throw new BackupError('internal', 'the vault answered without a Date header');
  return date.toISOString();
}

/** Whether the error that was answered has this code, as code or innererror. */
export const saysCode = ({ text }: Exchange, code: string): boolean => text?.includes(`"${code}"`) ?? false;
