/**
 * A queue message as the function gets it: decoded, with seven metadata values, over which the host lays the top-level
 * properties of a JSON body (functions-host `Utility.ApplyBindingData`), even where they hide the real ones.
 */
import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { RpcTypedData } from './rpc.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** undefined: not base64, and the message goes to the poison queue unseen. */
export function decodeBackupMessage(text: string, encoding: 'base64' | 'none'): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  const packed = text.replaceAll(/[ \t\r\n]/g, ''); // .NET skips white space
  return BASE64.test(packed) ? Buffer.from(packed, 'base64') : undefined;
}

export function encodeMessage(body: Uint8Array, encoding: 'base64' | 'none'): string {
  return Buffer.from(body).toString(encoding === 'base64' ? 'base64' : 'utf8');
}

export function queueTriggerMetadata(
  message: DequeuedMessageItem,
  body: string,
): Record<string, RpcTypedData> {
  return overlayBody(body, {
    QueueTrigger: { string: body },
    DequeueCount: { json: String(message.dequeueCount) },
    ExpirationTime: date(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: date(message.insertedOn),
    NextVisibleTime: date(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  });
}

/** A message made by an admin call has a body and nothing else. */
export function adminTriggerMetadata(body: string): Record<string, RpcTypedData> {
  return overlayBody(body, { QueueTrigger: { string: body } });
}

/** As a .NET DateTimeOffset: an offset, not a Z, and no fraction. */
function date(value: Date): RpcTypedData {
  return { json: JSON.stringify(`${value.toISOString().slice(0, 19)}+00:00`) };
}

function overlayBody(body: string, metadata: Record<string, RpcTypedData>): Record<string, RpcTypedData> {
  const result = { ...metadata };
  for (const [name, value] of Object.entries(parseObject(body))) {
    if (value === null || Array.isArray(value)) continue;
    const key = Object.keys(result).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
    result[key] = typeof value === 'object' ? { json: JSON.stringify(value) } : { string: dotNetText(value) };
  }
  return result;
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {}; // plain text has no properties
  }
}

function dotNetText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
