/** A queue counts visibility in whole seconds, and delivery takes a moment: a job is there this much before its turn. */
const aheadMs = 250;

/** The visibility delay of a job whose turn comes in so many milliseconds; what is early, the governor holds. */
export const jobDelaySeconds = (turnInMs: number): number =>
  Math.max(0, Math.floor((turnInMs - aheadMs) / 1000));
