/**
 * What this process allows itself in all, above the vaults' own budgets: Azure limits a subscription to five times a
 * vault's limit per kind of transaction (service limits, footnote 1). Half of that, shared between the shards, leaves
 * the other half to production, however many vaults are backed up at once.
 */
import type { Budget } from '../domain/objects.ts';
import { createTurns, type Turns } from './turns.ts';

/** Per 10 s and subscription: five times 4,000; five times the lowest key limit, 250; five times 300. */
const subscriptionLimits: Readonly<Record<Budget, number>> = { objects: 20_000, keys: 1_250, creates: 1_500 };
const ourShare = 0.5;

export type Ceilings = Readonly<Record<Budget, Turns>>;

export function processCeilings(shards: number): Ceilings {
  const ceiling = (budget: Budget): Turns =>
    createTurns({ spacingMs: (10_000 * shards) / (subscriptionLimits[budget] * ourShare) });
  return { objects: ceiling('objects'), keys: ceiling('keys'), creates: ceiling('creates') };
}
