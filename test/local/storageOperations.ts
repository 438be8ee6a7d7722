/**
 * Which Storage REST operation a request is, from its method, path, query and headers.
 * Names are those of the REST reference without blanks (`PutBlob`, `SetBlobMetadata`, `PutMessage`).
 * The path is decoded as a whole and then split, as Azurite does it: a container name must not hide in an escape.
 */
import type { IncomingHttpHeaders } from 'node:http';
import {
  accountOperations,
  blobOperations,
  containerOperations,
  messageOperations,
  messagesOperations,
  type OperationNames,
  queueOperations,
} from './storageOperationNames.ts';

export interface StorageOperation {
  operation: string;
  account: string;
  container: string;
  name: string;
  /** Not a GET or HEAD. So receiving queue messages, which hides them, is not a write here. */
  write: boolean;
}

type Kind = 'blob' | 'queue';
export function storageOperation(
  kind: Kind,
  method: string,
  rawUrl: string,
  headers: IncomingHttpHeaders,
): StorageOperation {
  const question = rawUrl.indexOf('?');
  const rawPath = question < 0 ? rawUrl : rawUrl.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : rawUrl.slice(question + 1));
  const [accountName = '', first = '', ...rest] = decodePath(rawPath).replace(/^\//, '').split('/');
  const rootBlob =
    kind === 'blob' && first !== '' && rest.length === 0 && query.get('restype') !== 'container';
  const parts = rootBlob ? ['$root', first] : [first, rest.join('/').replaceAll('\\', '/')];
  const target = { account: accountName, container: parts[0] ?? '', name: parts[1] ?? '' };
  const find = kind === 'blob' ? blobOperation : queueOperation;
  const operation = find(method, target, query, headers);
  return { operation, ...target, write: method !== 'GET' && method !== 'HEAD' };
}

interface Target {
  container: string;
  name: string;
}

function blobOperation(
  method: string,
  target: Target,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): string {
  const comp = query.get('comp') ?? '';
  if (target.container === '') return accountOperation('Containers', method, query);
  if (target.name === '') return look(containerOperations, method, comp);
  const fromUrl = headers['x-ms-copy-source'] !== undefined;
  if (method === 'PUT' && comp === '') return putBlobOperation(fromUrl, headers);
  if (method === 'HEAD' && comp === '') return 'GetBlobProperties';
  const operation = look(blobOperations, method, comp);
  const hasUrlForm = ['PutBlock', 'AppendBlock', 'PutPage'].includes(operation);
  return hasUrlForm && fromUrl ? `${operation}FromURL` : operation;
}

function putBlobOperation(fromUrl: boolean, headers: IncomingHttpHeaders): string {
  if (!fromUrl) return 'PutBlob';
  if (headers['x-ms-blob-type'] !== undefined) return 'PutBlobFromURL';
  return headers['x-ms-requires-sync'] === 'true' ? 'CopyBlobFromURL' : 'CopyBlob';
}

function queueOperation(method: string, target: Target, query: URLSearchParams): string {
  const comp = query.get('comp') ?? '';
  if (target.container === '') return accountOperation('Queues', method, query);
  if (target.name === '') return look(queueOperations, method, comp);
  if (target.name !== 'messages') return look(messageOperations, method, comp);
  if (method === 'GET' && query.get('peekonly') === 'true') return 'PeekMessages';
  return look(messagesOperations, method, comp);
}

function accountOperation(plural: string, method: string, query: URLSearchParams): string {
  if (query.get('restype') === 'account') return 'GetAccountInformation';
  const operation = look(accountOperations, method, query.get('comp') ?? '');
  return operation === 'List' ? `List${plural}` : operation;
}

function look(table: OperationNames, method: string, comp: string): string {
  return table[`${method === 'HEAD' ? 'GET' : method} ${comp.toLowerCase()}`] ?? `Unknown(${method} ${comp})`;
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return rawPath; // a broken escape: the target will refuse it
  }
}
