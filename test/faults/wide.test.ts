/** The share of the fault suite that every `npm test` runs: what happens to one vault, and to nobody beside it. */
import { describe, expect, test } from 'vitest';
import { shortShare, tableOf } from './cells.ts';
import { faults } from './faults.ts';
import { moments } from './moments.ts';
import { testCells } from './shareTests.ts';

const share = shortShare(tableOf().cells);

test('the short share has every fault and every moment', () => {
  expect(new Set(share.map(({ fault }) => fault))).toEqual(new Set(faults));
  expect(new Set(share.map(({ moment }) => moment))).toEqual(new Set(moments));
});

describe('under a fault, and after it', () => {
  testCells(share.filter(({ atOnce }) => atOnce > 3));
});
