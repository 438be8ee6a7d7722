/**
 * An error as the Storage service answers it: status, `x-ms-error-code`, the message as reason phrase,
 * and an XML body with code and message, which a HEAD does not get.
 */
import { randomUUID } from 'node:crypto';

export interface StorageAnswer {
  status: number;
  reason: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`. */
  headers: string[];
  body: Buffer;
}

export interface StorageError {
  status: number;
  code: string;
  message: string;
}

export function errorAnswer(error: StorageError, method: string): StorageAnswer {
  const requestId = randomUUID();
  const message = `${error.message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
  const body = Buffer.from(method === 'HEAD' ? '' : xml);
  const headers = ['x-ms-error-code', error.code, 'x-ms-request-id', requestId];
  headers.push('Content-Type', 'application/xml', 'Content-Length', String(body.length));
  return { status: error.status, reason: error.message.replace(/[^\x20-\x7e]/g, ' '), headers, body };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
