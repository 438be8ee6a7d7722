/**
 * Paging as the service does it: a stateless skip token that names the next object, nextLink always
 * present, maxresults repeated behind the token, and an empty page with a link in the middle of every list
 * that has more than one page.
 */
import { type Call, ok, type Reply } from './call.ts';
import { badParameter } from './errors.ts';

interface Token {
  marker: string;
  /** The next page is the empty one. */
  empty: boolean;
}

const start: Token = { marker: '', empty: false };

/**
 * @param filter query parameters that the next page needs again
 * @param from items in ascending order of their key, beginning with the first whose key is not before `marker`
 */
export function page<T>(
  call: Call,
  path: string,
  from: (marker: string) => Iterable<T>,
  keyOf: (item: T) => string,
  view: (item: T) => unknown,
  filter = '',
): Reply {
  const { settings, origin } = call.vault;
  const maxresults = readMaxresults(call.query.get('maxresults'));
  const skiptoken = call.query.get('$skiptoken');
  const token = skiptoken === null ? start : readToken(skiptoken);
  const link = (next: Token): string => {
    const tail = maxresults === undefined ? '' : `&maxresults=${maxresults}`;
    return `${origin}/${path}?api-version=${call.apiVersion}&$skiptoken=${writeToken(path, next)}${tail}${filter}`;
  };
  if (token.empty) return ok({ value: [], nextLink: link({ marker: token.marker, empty: false }) });
  const size = maxresults ?? settings.pageSize;
  const value: unknown[] = [];
  for (const item of from(token.marker)) {
    if (value.length === size) {
      const empty = settings.emptyPages && token === start;
      return ok({ value, nextLink: link({ marker: keyOf(item), empty }) });
    }
    value.push(view(item));
  }
  return ok({ value, nextLink: null });
}

function readMaxresults(text: string | null): number | undefined {
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 25) {
    throw badParameter('The value of maxresults must be between 1 and 25.');
  }
  return value;
}

/** `2!<len>!<m>`; m is base64 (with - for =) of a length-prefixed marker. TargetLocation 1 marks the empty page. */
function writeToken(path: string, token: Token): string {
  const name = `${path.split('/')[0] ?? ''}/${token.marker}`;
  const plain = `${pad(name.length)}!${name}!000028!9999-12-31T23:59:59.9999999Z!`;
  const marker = Buffer.from(plain).toString('base64').replaceAll('=', '-');
  const json = { NextMarker: `2!${marker.length}!${marker}`, TargetLocation: token.empty ? 1 : 0 };
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

function pad(length: number): string {
  return String(length).padStart(6, '0');
}

function readToken(text: string): Token {
  const json = Buffer.from(text, 'base64url').toString();
  const found = /^\{"NextMarker":"2!\d+!([\w+/-]+)","TargetLocation":([01])\}$/.exec(json);
  const plain = Buffer.from((found?.[1] ?? '').replaceAll('-', '='), 'base64').toString();
  const marker = /^\d{6}![a-z]+\/(.+)!000028!/.exec(plain)?.[1];
  if (marker === undefined) throw badParameter('The skip token is not valid.');
  return { marker, empty: found?.[2] === '1' };
}
