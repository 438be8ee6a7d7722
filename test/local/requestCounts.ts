/** How many requests of which operation, on which container, were answered with which status. */

export interface RequestCount {
  operation: string;
  container: string;
  /** 0: no answer was sent (a reset, a hang, or a target that is down). */
  status: number;
  count: number;
}

export type RequestFilter = Partial<Omit<RequestCount, 'count'>>;

export interface RequestCounts {
  add(operation: string, container: string, status: number): void;
  list(): RequestCount[];
  total(filter: RequestFilter): number;
  clear(): void;
}

export function requestCounts(): RequestCounts {
  const entries = new Map<string, RequestCount>();
  return {
    add(operation, container, status) {
      const key = `${operation} ${container} ${status}`;
      const before = entries.get(key)?.count ?? 0;
      entries.set(key, { operation, container, status, count: before + 1 });
    },
    list: () => [...entries.values()],
    total: (filter) =>
      [...entries.values()]
        .filter((entry) => matches(entry, filter))
        .reduce((total, entry) => total + entry.count, 0),
    clear: () => entries.clear(),
  };
}

function matches(entry: RequestCount, filter: RequestFilter): boolean {
  return (['operation', 'container', 'status'] as const).every(
    (key) => filter[key] === undefined || filter[key] === entry[key],
  );
}
