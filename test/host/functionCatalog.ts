/**
 * What the app registered, read as the host reads it: one trigger per function, settings expanded, connections looked
 * up. Anything this host cannot serve faithfully is refused at start rather than ignored.
 */
import { type CronSchedule, parseSchedule } from './cron.ts';
import type { Binding, FunctionMetadata, RetryOptions } from './rpc.ts';
import { connectionString, expandSettings, getSetting, type Settings } from './settings.ts';

export interface QueueOutput {
  /** Key in the response: a binding name, or `$return`. */
  name: string;
  queueName: string;
  connectionString: string;
}

interface Common {
  name: string;
  triggerName: string;
  outputs: QueueOutput[];
  disabled: boolean;
}
export interface HttpFunction extends Common {
  type: 'http';
  route: string;
  methods: string[];
  authLevel: 'anonymous' | 'function' | 'admin';
}
export interface QueueFunction extends Common {
  type: 'queue';
  queueName: string;
  connectionString: string;
  binary: boolean;
}
export interface TimerFunction extends Common {
  type: 'timer';
  schedule: string;
  cron: CronSchedule;
  runOnStartup: boolean;
  useMonitor: boolean;
  retry: RetryOptions | undefined;
}
export type AppFunction = HttpFunction | QueueFunction | TimerFunction;

export function readFunction(metadata: FunctionMetadata, settings: Settings): AppFunction {
  const where = `Function ${metadata.name}`;
  const bindings = Object.entries(metadata.bindings);
  const triggers = bindings.filter(([, { type }]) => /trigger$/i.test(type));
  const [trigger] = triggers;
  if (trigger === undefined || triggers.length > 1)
    throw new Error(`${where} must have exactly one trigger.`);
  const [triggerName, binding] = trigger;
  const common: Common = {
    name: metadata.name,
    triggerName,
    outputs: bindings.flatMap(([name, other]) => readOutput(name, other, where, settings, other === binding)),
    disabled: getSetting(settings, `AzureWebJobs.${metadata.name}.Disabled`)?.toLowerCase() === 'true',
  };
  switch (binding.type.toLowerCase()) {
    case 'httptrigger':
      return { ...common, type: 'http', ...readHttp(metadata.name, binding, where) };
    case 'queuetrigger':
      return {
        ...common,
        type: 'queue',
        queueName: readQueueName(binding, settings, where),
        connectionString: connectionString(binding['connection'], settings, where),
        binary: binding['dataType'] === 'binary',
      };
    case 'timertrigger': {
      const schedule = expandSettings(text(binding['schedule'], `${where}: schedule`), settings, where);
      const cron = parseSchedule(schedule, where);
      return {
        ...common,
        type: 'timer',
        schedule,
        cron,
        runOnStartup: binding['runOnStartup'] === true,
        useMonitor: binding['useMonitor'] !== false && !cron.moreThanOnceAMinute,
        retry: metadata.retryOptions,
      };
    }
    default:
      throw new Error(`${where}: this host has no ${binding.type} (only http, queue and timer triggers).`);
  }
}

function readHttp(functionName: string, binding: Binding, where: string) {
  const methods = Array.isArray(binding['methods'])
    ? binding['methods'].map((name) => String(name).toUpperCase())
    : [];
  const level = binding['authLevel'];
  const authLevel = typeof level === 'string' ? level.toLowerCase() : 'function';
  if (authLevel !== 'anonymous' && authLevel !== 'function' && authLevel !== 'admin') {
    throw new Error(`${where}: unknown authLevel "${authLevel}".`);
  }
  const route = typeof binding['route'] === 'string' ? binding['route'] : functionName;
  return { route, methods, authLevel } as const;
}

function readOutput(
  name: string,
  binding: Binding,
  where: string,
  settings: Settings,
  isTrigger: boolean,
): QueueOutput[] {
  if (isTrigger) return [];
  const type = binding.type.toLowerCase();
  if (binding.direction === 'out' && type === 'http') return [];
  if (binding.direction !== 'out' || type !== 'queue') {
    throw new Error(
      `${where}: this host has no ${binding.type} ${binding.direction === 'out' ? 'output' : 'input'} binding.`,
    );
  }
  return [
    {
      name,
      queueName: readQueueName(binding, settings, where),
      connectionString: connectionString(binding['connection'], settings, where),
    },
  ];
}

/** Azure lower-cases the name before it checks it. */
function readQueueName(binding: Binding, settings: Settings, where: string): string {
  const name = expandSettings(
    text(binding['queueName'], `${where}: queueName`),
    settings,
    where,
  ).toLowerCase();
  if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new Error(`${where}: "${name}" is no valid queue name.`);
  return name;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${where} is missing.`);
  return value;
}
