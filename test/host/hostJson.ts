/**
 * host.json: the few values this host honours, checked strictly, with Azure's defaults, and overridden by app settings
 * named `AzureFunctionsJobHost__a__b__c`. Values it does not know are left alone (they mean something on Azure).
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { messageOf } from './errors.ts';
import type { Settings } from './settings.ts';
import { parseTimeSpanMs } from './timeSpan.ts';

export interface QueueOptions {
  batchSize: number;
  newBatchThreshold: number;
  maxPollingIntervalMs: number;
  visibilityTimeoutSeconds: number;
  maxDequeueCount: number;
  messageEncoding: 'base64' | 'none';
}

export interface HostConfig {
  /** Infinity: none. */
  functionTimeoutMs: number;
  routePrefix: string;
  queues: QueueOptions;
}

type Tree = Record<string, unknown>;
const OVERRIDE = /^AzureFunctionsJobHost(?:__|:)(.+)$/i;

export function readHostConfig(appDir: string, settings: Settings): HostConfig {
  const file = path.join(appDir, 'host.json');
  const root = parseHostJson(file);
  for (const [name, value] of Object.entries(settings)) {
    const key = OVERRIDE.exec(name)?.[1];
    if (key !== undefined) override(root, key.split(/__|:/), value);
  }
  const extensions = child(root, 'extensions');
  const timeout = text(root, 'functionTimeout', '00:30:00');
  return {
    functionTimeoutMs: timeout === '-1' ? Infinity : parseTimeSpanMs(timeout, 'host.json functionTimeout'),
    routePrefix: text(child(extensions, 'http'), 'routePrefix', 'api'),
    queues: queueOptions(child(extensions, 'queues'), settings),
  };
}

function queueOptions(queues: Tree, settings: Settings): QueueOptions {
  const where = 'host.json extensions.queues';
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const value = Number(text(queues, name, String(fallback)));
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new Error(`${where}.${name} must be a whole number from ${min} to ${max}, not ${value}.`);
  };
  const span = (name: string, fallback: string) =>
    parseTimeSpanMs(text(queues, name, fallback), `${where}.${name}`);
  const batchSize = number('batchSize', 16, 1, 32);
  const encoding = text(queues, 'messageEncoding', 'base64').toLowerCase();
  if (encoding !== 'base64' && encoding !== 'none')
    throw new Error(`${where}.messageEncoding must be base64 or none.`);
  const development = settings['AZURE_FUNCTIONS_ENVIRONMENT'] === 'Development';
  return {
    batchSize,
    newBatchThreshold: number(
      'newBatchThreshold',
      Math.trunc(batchSize / 2) * availableParallelism(),
      0,
      100_000,
    ),
    maxPollingIntervalMs: Math.max(100, span('maxPollingInterval', development ? '00:00:02' : '00:01:00')),
    visibilityTimeoutSeconds: Math.floor(span('visibilityTimeout', '00:00:00') / 1000),
    maxDequeueCount: number('maxDequeueCount', 5, 1, 1_000_000),
    messageEncoding: encoding,
  };
}

function parseHostJson(file: string): Tree {
  let root: unknown;
  try {
    root = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (!isTree(root)) throw new Error(`${file} must hold a JSON object.`);
  if (root['version'] !== '2.0') throw new Error(`${file} must have "version": "2.0".`);
  return root;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys are case-insensitive, as in .NET configuration. */
function keyOf(tree: Tree, name: string): string | undefined {
  return Object.keys(tree).find((key) => key.toLowerCase() === name.toLowerCase());
}

function member(tree: Tree, name: string): unknown {
  const key = keyOf(tree, name);
  return key === undefined ? undefined : tree[key];
}

/** Overrides come as text, so everything is read as text. */
function text(tree: Tree, name: string, fallback: string): string {
  const value = member(tree, name) ?? fallback;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`host.json: ${name} must be a plain value.`);
}

function child(tree: Tree, name: string): Tree {
  const value = member(tree, name);
  return isTree(value) ? value : {};
}

function override(tree: Tree, keys: string[], value: string): void {
  const [first, ...rest] = keys;
  if (first === undefined) return;
  const key = keyOf(tree, first) ?? first;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const next = child(tree, key);
  tree[key] = next;
  override(next, rest, value);
}
