/** Time and chance as arguments, so that tests own them. */
export interface Clock {
  now(): Date;
  /** Resolves when at least this long has passed. For short waits: whoever sleeps holds a slot. */
  sleep(ms: number): Promise<void>;
}
export type Random = () => number;
