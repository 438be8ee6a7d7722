/** The figures in the order in which they are measured and printed. */
import type { Figure } from '../rows.ts';
import { calls } from './calls.ts';
import { chart } from './chart.ts';
import { fairness } from './fairness.ts';
import { incremental } from './incremental.ts';
import { overlap } from './overlap.ts';
import { production } from './production.ts';
import { rate } from './rate.ts';
import { restore } from './restore.ts';
import { shards } from './shards.ts';
import { size } from './size.ts';
import { startup } from './startup.ts';
import { whole } from './whole.ts';

export const figures: readonly Figure[] = [
  rate,
  whole,
  calls,
  incremental,
  production,
  fairness,
  size,
  shards,
  overlap,
  startup,
  restore,
  chart,
];
