/** Time and chance as arguments, so that tests own them. */
export interface Clock {
  now(): Date;
}
export type Random = () => number;
