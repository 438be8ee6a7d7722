/** Counts every answered call by vault, operation, identity and status, and keeps a timeline per vault. */

export interface CountRow {
  vault: string;
  operation: string;
  identity: string;
  /** 0: the connection was reset, or never answered. */
  status: number;
  count: number;
}

export interface TimelineRow {
  /** Arrival, ms. */
  at: number;
  operation: string;
  status: number;
}

export interface CountFilter {
  vault?: string;
  operation?: string;
  identity?: string;
  status?: number;
}

export interface Counts {
  rows: CountRow[];
  /** Probes are unauthenticated calls, answered with the challenge; they are no part of `calls`. */
  totals: { calls: number; probes: number; writes: number };
}

const timelineLength = 200_000;

export class Counters {
  private rows = new Map<string, CountRow>();
  private written = new Map<string, number>();
  private timelines = new Map<string, TimelineRow[]>();

  record(call: Omit<CountRow, 'count'> & { at: number; changes: boolean }): void {
    const { vault, operation, identity, status, at } = call;
    const key = `${vault} ${operation} ${identity} ${status}`;
    const row = this.rows.get(key);
    if (row === undefined) this.rows.set(key, { vault, operation, identity, status, count: 1 });
    else row.count += 1;
    if (call.changes && status >= 200 && status < 300) {
      this.written.set(vault, (this.written.get(vault) ?? 0) + 1);
    }
    const timeline = this.timelines.get(vault) ?? [];
    if (timeline.length === 0) this.timelines.set(vault, timeline);
    timeline.push({ at, operation, status });
    if (timeline.length >= 2 * timelineLength) timeline.splice(0, timeline.length - timelineLength);
  }

  read(): Counts {
    const rows = [...this.rows.values()].map((row) => ({ ...row }));
    const probes = this.count({ operation: 'probe' });
    const writes = [...this.written.values()].reduce((sum, value) => sum + value, 0);
    return { rows, totals: { calls: this.count({}) - probes, probes, writes } };
  }

  /** Everything that matches, probes too; an empty filter counts everything. */
  count(filter: CountFilter): number {
    let sum = 0;
    for (const row of this.rows.values()) {
      const wanted =
        (filter.vault === undefined || row.vault === filter.vault) &&
        (filter.operation === undefined || row.operation === filter.operation) &&
        (filter.identity === undefined || row.identity === filter.identity) &&
        (filter.status === undefined || row.status === filter.status);
      if (wanted) sum += row.count;
    }
    return sum;
  }

  writes(vault: string): number {
    return this.written.get(vault) ?? 0;
  }

  timeline(vault: string): TimelineRow[] {
    return (this.timelines.get(vault) ?? []).slice(-timelineLength);
  }

  reset(): void {
    this.rows = new Map();
    this.written = new Map();
    this.timelines = new Map();
  }
}
