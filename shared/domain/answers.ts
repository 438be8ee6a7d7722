/**
 * What the HTTP interface answers, where it is not a stored shape of its own: one schema for the routes, for the OpenAPI
 * document that they make, and for the command line that reads the answers.
 */
import { z } from 'zod';
import { differenceCounts, objectDifference, unknownKind } from './difference.ts';
import { errorCodes } from './errors.ts';
import { indexLine, recoveryPoint } from './recoveryPoint.ts';
import { restoreStatuses } from './restoreState.ts';
import { runProgress } from './runProgress.ts';
import { configRow, vaultConfig } from './vaultConfig.ts';
import { vaultOverview } from './vaultOverview.ts';
import { verificationProgress, verificationRecord } from './verification.ts';

export const problemCodes = [...errorCodes, 'unauthorized', 'busy', 'badRequest', 'tooLarge'] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** A vault whose run could not be started. */
export const notStarted = z.object({ vault: z.string(), notStarted: z.string(), hint: z.string() });

export const problemShape = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    hint: z.string().describe('What to do next.'),
    problems: z.array(z.string()).optional().describe('Of a bad request: each wrong field.'),
    run: z.string().optional().describe('Of `busy`: the run that is still going on.'),
    vaults: z.array(notStarted).optional().describe('Where no run could be started: each vault, and why.'),
  })
  .meta({ id: 'Problem' });

export const health = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    hostStorage: z.enum(['reachable', 'unreachable']),
    immutability: z.enum(['policy', 'none', 'unknown']),
  })
  .meta({ id: 'Health' });

export const vaultList = z.object({ vaults: z.array(vaultOverview) });

export const started = z.object({ vault: z.string(), run: z.string() });
export const backupsStarted = z.object({ vaults: z.array(z.union([started, notStarted])) });
export const runView = z.union([runProgress, recoveryPoint]);

export const pointEntry = z.object({
  runId: z.string(),
  status: z.string().nullable(),
  sealedAt: z.iso.datetime(),
});
export const pointList = z.object({ recoveryPoints: z.array(pointEntry) });
export const objectList = z.object({ objects: z.array(indexLine) });

const pointOf = z.object({ runId: z.string(), status: z.string(), sealedAt: z.string() });
export const pointDiff = z.object({
  vault: z.string(),
  from: pointOf,
  to: pointOf,
  counts: differenceCounts,
  unknown: z.array(unknownKind).describe('Kinds that one of the points could not list: left out.'),
  objects: z.array(objectDifference),
  next: z.string().nullable().describe('Null on the last page.'),
});
export const diffAccepted = z.object({ id: z.string(), recoveryPoint: z.string() });

export const configAccepted = z.object({ vault: z.string(), id: z.string() });
export const configView = z.object({ id: z.string(), configuration: vaultConfig });
const configSide = z.object({
  vault: z.string(),
  id: z.string(),
  takenAt: z.iso.datetime(),
  gaps: vaultConfig.shape.gaps,
});
export const configDiff = z.object({
  source: configSide,
  target: configSide,
  same: z.int().describe('How many settings are the same: left out.'),
  rows: z.array(configRow).describe('In the order in which they are to be set.'),
});

export const restoreAccepted = z.object({
  id: z.string(),
  status: z.enum(restoreStatuses),
  recoveryPoint: z.string(),
  recoveryPointStatus: z.string(),
  lacks: z.array(z.string()).describe('What the point does not hold, if it is partial.'),
});

export const verificationAccepted = z.object({
  id: z.string(),
  status: z.literal('running'),
  recoveryPoint: z.string().nullable(),
});
export const verificationView = z.union([verificationProgress, verificationRecord]);
