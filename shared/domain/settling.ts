/** What every state remembers of waiting for its jobs; engine/settling.ts decides by it. */
import { z } from 'zod';

export const settlingState = z.object({
  missing: z.int().nullable(),
  /** When `missing` last fell, or messages were last sent and should have been through. */
  progressAt: z.iso.datetime(),
  /** How often what was missing has been enqueued again. */
  rounds: z.int(),
  /** Looks in a row without progress. */
  looks: z.int(),
});
export type Settling = Readonly<z.infer<typeof settlingState>>;
