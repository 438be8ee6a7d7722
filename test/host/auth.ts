/**
 * Function keys: header `x-functions-key` wins over query `code`. `function` takes the function's own key, the host key
 * or the master key; `admin` only the master key. Without `enableAuth` every caller is admin, as under Core Tools.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface FunctionKeys {
  master: string;
  functions: Record<string, string>;
  host?: string;
}
export type Caller = (level: 'anonymous' | 'function' | 'admin', functionName?: string) => boolean;

export function identifyCaller(request: IncomingMessage, url: URL, keys: FunctionKeys | undefined): Caller {
  if (keys === undefined) return () => true;
  const header = request.headers['x-functions-key'];
  const given = typeof header === 'string' ? header : (url.searchParams.get('code') ?? '');
  const matches = (key: string | undefined) => key !== undefined && key !== '' && same(given, key);
  return (level, functionName) => {
    if (level === 'anonymous' || matches(keys.master)) return true;
    if (level === 'admin') return false;
    return matches(keys.host) || matches(keys.functions[functionName ?? '']);
  };
}

function same(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
