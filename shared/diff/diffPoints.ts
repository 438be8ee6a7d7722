/** The difference between two recovery points of a vault, from nothing but the container, a page at a time. */
import { type Difference, differenceOf, type ObjectDifference, pageAfter } from '../domain/difference.ts';
import type { RecoveryPoint } from '../domain/recoveryPoint.ts';
import { type CatalogDeps, readIndex } from '../engine/catalog.ts';
import { findPoint } from './findPoint.ts';

export interface PointsRequest {
  readonly vault: string;
  readonly from: string;
  readonly to: string;
  readonly after: string | null;
  readonly limit: number;
}

export interface PointsDifference extends Omit<Difference, 'objects'> {
  readonly from: RecoveryPoint;
  readonly to: RecoveryPoint;
  readonly objects: readonly ObjectDifference[];
  readonly next: string | null;
}

export async function diffPoints(request: PointsRequest, deps: CatalogDeps): Promise<PointsDifference> {
  const { vault, after, limit } = request;
  const { point: from } = await findPoint(vault, request.from, 'from', deps);
  const { point: to } = await findPoint(vault, request.to, 'to', deps);
  const { objects, counts, unknown } = differenceOf(await stateOf(from, deps), await stateOf(to, deps));
  return { from, to, counts, unknown, ...pageAfter(objects, after, limit) };
}

const stateOf = async (point: RecoveryPoint, deps: CatalogDeps) => ({
  lines: await readIndex(point, deps),
  unknown: point.unlisted,
});
