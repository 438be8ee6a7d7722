/**
 * What this process allows itself in all, above the vaults' own budgets: Azure limits a subscription to five times a
 * vault's limit per kind of transaction (service limits, footnote 1). Half of that, shared between the shards, leaves
 * the other half to production, however many vaults are backed up at once.
 */
import Bottleneck from 'bottleneck';
import type { Budget } from '../domain/objects.ts';

/** Per 10 s and subscription: five times 4,000; five times the lowest key limit, 250; five times 300. */
const subscriptionLimits: Readonly<Record<Budget, number>> = { objects: 20_000, keys: 1_250, creates: 1_500 };
const ourShare = 0.5;

export interface Ceiling {
  readonly limiter: Bottleneck;
  readonly spacingMs: number;
}
export type Ceilings = Readonly<Record<Budget, Ceiling>>;

export function processCeilings(shards: number): Ceilings {
  const ceiling = (budget: Budget): Ceiling => {
    const spacingMs = (10_000 * shards) / (subscriptionLimits[budget] * ourShare);
    return { limiter: new Bottleneck({ minTime: spacingMs }), spacingMs };
  };
  return { objects: ceiling('objects'), keys: ceiling('keys'), creates: ceiling('creates') };
}
