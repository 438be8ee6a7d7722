/** Starts runs and restores through the app's own interface and learns of their end from the events in its log. */
import type { HostLogLine } from '../host/host.ts';

export interface Ended {
  readonly event: string;
  readonly vault?: string;
  readonly runId?: string;
  readonly stored?: number;
  readonly listed?: number;
  readonly failed?: number;
  readonly requests?: number;
  readonly throttled?: number;
  readonly id?: string;
}

export interface Timed {
  readonly seconds: number;
  readonly runId: string;
  readonly ended: Ended;
}

export interface Runs {
  /** From the request to the recovery point. */
  run(vault: string, full?: boolean): Promise<Timed>;
  /** Starts a run and does not wait. */
  start(vault: string, full?: boolean): Promise<string>;
  restore(request: Record<string, unknown>): Promise<number>;
}

const patienceMs = 15 * 60_000;

export function watchRuns(api: string, hearLines: (hear: (line: HostLogLine) => void) => void): Runs {
  const ends = new Map<string, { at: number; ended: Ended }>();
  const waiting = new Map<string, () => void>();
  const last: string[] = [];
  hearLines(({ message, level }) => {
    if (level === 'warning' || level === 'error') last.push(message.slice(0, 300));
    const from = message.indexOf('{"event":');
    if (from < 0) return;
    const ended = JSON.parse(message.slice(from)) as Ended;
    if (!/^(run\.(sealed|partial|failed)|restore\.(complete|partial|failed))$/.test(ended.event)) return;
    const key = ended.id ?? `${ended.vault}/${ended.runId}`;
    if (!ends.has(key)) ends.set(key, { at: Date.now(), ended });
    waiting.get(key)?.();
  });

  async function endOf(key: string): Promise<{ at: number; ended: Ended }> {
    const until = Date.now() + patienceMs;
    for (;;) {
      const end = ends.get(key);
      if (end) return end;
      if (Date.now() > until) throw new Error(`${key} did not end\n${last.slice(-20).join('\n')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 5_000);
        waiting.set(key, () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async function post(route: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${api}/${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`${route}: ${answer.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function start(vault: string, full = false): Promise<string> {
    const { vaults } = (await post('backups', { vault, full })) as { vaults?: { run: string }[] };
    return vaults?.[0]?.run ?? '';
  }

  return {
    start,
    async run(vault, full) {
      const from = Date.now();
      const runId = await start(vault, full);
      const { at, ended } = await endOf(`${vault}/${runId}`);
      if (ended.event !== 'run.sealed') throw new Error(`${vault}: ${JSON.stringify(ended)}`);
      return { seconds: (at - from) / 1000, runId, ended };
    },
    async restore(request) {
      const from = Date.now();
      const { id } = await post('restores', { reason: 'a measurement', ...request });
      const { at, ended } = await endOf(String(id));
      if (ended.event !== 'restore.complete') throw new Error(JSON.stringify(ended));
      return (at - from) / 1000;
    },
  };
}
