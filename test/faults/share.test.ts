/** The short share of the fault suite is chosen by counting; it must leave nothing out. */
import { expect, test } from 'vitest';
import { shortShare, tableOf } from './cells.ts';
import { faults } from './faults.ts';
import { moments } from './moments.ts';

test('the short share has every fault and every moment', () => {
  const share = shortShare(tableOf().cells);
  expect(new Set(share.map(({ fault }) => fault))).toEqual(new Set(faults));
  expect(new Set(share.map(({ moment }) => moment))).toEqual(new Set(moments));
});
