/** Facts that the tests of a move's report are made of. */
import type { ReportFacts } from '../../../shared/domain/moveBuild.ts';
import type { RestoredObject } from '../../../shared/domain/moveTravel.ts';
import { emptyLine, type PortableLine } from '../../../shared/domain/portablePoint.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { line } from './arbitraries.ts';

export const object = (key: string, fields: Partial<IndexLine> = {}): IndexLine => {
  const [plural = '', name = ''] = key.split('/');
  return line({
    kind: plural.slice(0, -1) as IndexLine['kind'],
    name,
    blob: 'a blob',
    size: 9,
    versions: 1,
    ...fields,
  });
};
export const planned = (key: string, fields: Partial<RestoredObject> = {}): RestoredObject => ({
  object: key,
  action: 'restore',
  why: 'the name is free',
  travels: 'native',
  ...fields,
});
export const copy = (key: string, fields: Partial<PortableLine>): [string, PortableLine] => {
  const [plural = '', name = ''] = key.split('/');
  return [
    key,
    { ...emptyLine, kind: plural.slice(0, -1) as 'secret', name, outcome: 'stored', blob: 'b', ...fields },
  ];
};
export const byObject = (objects: readonly RestoredObject[]) =>
  new Map(objects.map((one) => [one.object, one]));

export const facts = (
  lines: readonly IndexLine[],
  restored: readonly RestoredObject[],
  more: Partial<ReportFacts> = {},
): ReportFacts => ({
  from: 'a',
  to: 'b',
  mode: 'auto',
  onConflict: 'fail',
  madeAt: '2026-11-22T03:00:00.000Z',
  point: { runId: '20261122T020000Z', status: 'complete', sealedAt: '2026-11-22T02:00:31.000Z' },
  lines,
  restored: byObject(restored),
  copies: new Map(),
  target: { allowReplace: true, portable: true },
  planPortable: true,
  budgets: { requestsPer10Seconds: 400, keyRequestsPer10Seconds: 25, creatingRequestsPer10Seconds: 250 },
  setAgain: null,
  ...more,
});
export const key = 'secrets/db-password';
