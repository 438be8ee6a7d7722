/** How many requests of which operation, on which container, by which identity, were answered with which status. */

export interface RequestCount {
  operation: string;
  container: string;
  /** 0: no answer was sent (a reset, a hang, or a target that is down). */
  status: number;
  /** At whose door it came in. */
  identity?: string | undefined;
  count: number;
}

export type RequestFilter = Partial<Omit<RequestCount, 'count'>>;

export interface RequestCounts {
  add(request: Omit<RequestCount, 'count'>): void;
  list(): RequestCount[];
  total(filter: RequestFilter): number;
  clear(): void;
}

export function requestCounts(): RequestCounts {
  const entries = new Map<string, RequestCount>();
  return {
    add(request) {
      const { operation, container, status, identity = '' } = request;
      const key = `${operation} ${container} ${status} ${identity}`;
      const before = entries.get(key)?.count ?? 0;
      entries.set(key, { ...request, count: before + 1 });
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
  return (['operation', 'container', 'status', 'identity'] as const).every(
    (key) => filter[key] === undefined || filter[key] === entry[key],
  );
}
