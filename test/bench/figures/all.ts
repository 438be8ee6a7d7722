/** The figures in the order in which they are measured and printed. */
import type { Figure } from '../rows.ts';
import { rate } from './rate.ts';
import { whole } from './whole.ts';

export const figures: readonly Figure[] = [rate, whole];
