import { describe, expect, it } from 'vitest';
import { jobDelaySeconds } from '../../../shared/engine/jobDelay.ts';

describe('the visibility delay of a job', () => {
  it('is whole seconds, never after its turn, and a quarter of a second before it where seconds allow', () => {
    expect([0, 249, 999, 1000, 1249, 1250, 2249, 2250].map(jobDelaySeconds)).toEqual([
      0, 0, 0, 0, 0, 1, 1, 2,
    ]);
  });
});
