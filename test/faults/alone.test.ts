/** The share of the fault suite that every `npm test` runs: deaths and clocks, which hit everybody. */
import { describe } from 'vitest';
import { shortShare, tableOf } from './cells.ts';
import { testCells } from './shareTests.ts';

const share = shortShare(tableOf().cells);

describe('under a fault, and after it', () => {
  testCells(share.filter(({ atOnce }) => atOnce <= 3));
});
