/**
 * Queue output bindings (functions-host `FunctionBinding.cs`): an array, or a string that holds one, is one message per
 * element; objects are written as indented JSON, as the .NET host writes them. Storage takes 64 KiB of text.
 */
import type { QueueOutput } from './functionCatalog.ts';
import { encodeMessage } from './queueMessage.ts';
import type { RpcInvocationResponse, RpcTypedData } from './rpc.ts';

const MAX_TEXT_BYTES = 64 * 1024;

export interface OutgoingMessage {
  output: QueueOutput;
  text: string;
}

export function outgoingMessages(
  outputs: QueueOutput[],
  response: RpcInvocationResponse,
  encoding: 'base64' | 'none',
): OutgoingMessage[] {
  return outputs.flatMap((output) => {
    const data =
      output.name === '$return'
        ? response.returnValue
        : response.outputData.find(({ name }) => name === output.name)?.data;
    return messageBodies(data).map((body) => ({ output, text: encode(body, encoding, output.queueName) }));
  });
}

export function messageBodies(data: RpcTypedData | null | undefined): Buffer[] {
  if (data === null || data === undefined) return [];
  if (data.bytes !== undefined) return [Buffer.from(data.bytes)];
  const raw = data.string ?? data.json ?? String(data.int ?? data.double);
  const value = parseArrayOrObject(raw);
  if (value === undefined) return [Buffer.from(raw)];
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => Buffer.from(itemText(item)));
}

function itemText(item: unknown): string {
  if (item === null) return '';
  return typeof item === 'string' ? item : JSON.stringify(item, null, 2);
}

function parseArrayOrObject(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined; // text that only looks like JSON goes out as it is
  }
}

function encode(body: Buffer, encoding: 'base64' | 'none', queueName: string): string {
  const text = encodeMessage(body, encoding);
  const size = Buffer.byteLength(text);
  if (size <= MAX_TEXT_BYTES) return text;
  throw new Error(
    `RequestBodyTooLarge: a message for queue ${queueName} has ${size} bytes of text; the limit is ${MAX_TEXT_BYTES} (48 KiB of payload in base64).`,
  );
}
