/** Calls at a vault by operation, told apart by what the operation ends with: looks at versions come on another schedule than captures. */
type Calls = Readonly<Record<string, number>>;

export const ending = (calls: Calls, end: string): Calls =>
  Object.fromEntries(Object.entries(calls).filter(([operation]) => operation.endsWith(end)));

export const sumOf = (calls: Calls): number => Object.values(calls).reduce((sum, count) => sum + count, 0);
