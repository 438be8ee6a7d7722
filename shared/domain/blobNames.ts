/**
 * Every name that we store under is built and parsed here, and nowhere else.
 * Object and vault names are lower-cased: vault names ignore case, blob names do not.
 */
import { type Kind, kinds, type ObjectRef, pluralOf } from './objects.ts';
import { instantOf, type RunId } from './runId.ts';

const suffixOf = {
  secret: 'secretbackup',
  key: 'keybackup',
  certificate: 'certificatebackup',
} as const satisfies Record<Kind, string>;

const kindOfPlural = new Map<string, Kind>(kinds.map((kind) => [pluralOf[kind], kind]));

/** What is in the name of a captured object's blob. `updated` is the listed epoch second of its last change. */
export interface CaptureName extends ObjectRef {
  readonly vault: string;
  readonly runId: RunId;
  readonly updated: number | null;
  readonly pass: number;
}

const vaultFolder = (vault: string) => vault.toLowerCase();
export const runPrefix = (vault: string, runId: RunId) => `${vaultFolder(vault)}/runs/${runId}/`;

export function captureBlobName(capture: CaptureName): string {
  const { kind, name, updated, pass } = capture;
  const file = `${name.toLowerCase()}.${updated ?? 0}-${pass}.${suffixOf[kind]}`;
  return `${runPrefix(capture.vault, capture.runId)}${pluralOf[kind]}/${file}`;
}

/** The inverse of captureBlobName, names in lower case; null for every other name. */
export function parseCaptureBlobName(blobName: string): CaptureName | null {
  const [vault, runs, runId, plural, file, ...more] = blobName.split('/');
  const kind = kindOfPlural.get(plural ?? '');
  const match = /^([0-9a-z-]{1,127})\.(\d+)-(\d+)\.([a-z]+)$/.exec(file ?? '');
  if (!vault || runs !== 'runs' || !runId || !instantOf(runId) || !kind || !match || more.length > 0)
    return null;
  const [, name, updated, pass, suffix] = match;
  if (!name || suffix !== suffixOf[kind]) return null;
  return { vault, runId, kind, name, updated: Number(updated) || null, pass: Number(pass) };
}

/** The digest in the name lets two sealers write their indexes side by side. */
export const indexBlobName = (vault: string, runId: RunId, sha256: string) =>
  `${runPrefix(vault, runId)}objects.${sha256.slice(0, 16)}.ndjson`;

export function parseIndexBlobName(blobName: string): { vault: string; runId: RunId } | null {
  const match = /^([^/]+)\/runs\/([^/]+)\/objects\.[0-9a-f]{16}\.ndjson$/.exec(blobName);
  const [, vault, runId] = match ?? [];
  return vault && runId && instantOf(runId) ? { vault, runId } : null;
}

export const vaultPrefix = (vault: string) => `${vaultFolder(vault)}/`;
export const recoveryPointPrefix = (vault: string) => `${vaultFolder(vault)}/recovery-points/`;
export const recoveryPointBlobName = (vault: string, runId: RunId) =>
  `${recoveryPointPrefix(vault)}${runId}.json`;

export function parseRecoveryPointBlobName(blobName: string): { vault: string; runId: RunId } | null {
  const [vault, folder, file, ...more] = blobName.split('/');
  const runId = file?.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
  if (!vault || folder !== 'recovery-points' || !instantOf(runId) || more.length > 0) return null;
  return { vault, runId };
}

/** Portable copies: each object's, their index and their seal, named by the recovery point whose objects they are. */
const portableFolder = (vault: string) => `${vaultFolder(vault)}/portable/`;
export const portableCopyName = (vault: string, runId: RunId, ref: ObjectRef) =>
  `${portableFolder(vault)}runs/${runId}/${pluralOf[ref.kind]}/${ref.name.toLowerCase()}.jwe`;
export const portableIndexName = (vault: string, runId: RunId, sha256: string) =>
  `${portableFolder(vault)}runs/${runId}/objects.${sha256.slice(0, 16)}.ndjson`;
export const portablePointPrefix = (vault: string) => `${portableFolder(vault)}points/`;
export const portablePointName = (vault: string, runId: RunId) =>
  `${portablePointPrefix(vault)}${runId}.json`;

/** Which run a blob of portable copies is of; null for every other name. */
export function parsePortableName(blobName: string): { vault: string; runId: RunId } | null {
  const [, vault, ofRun, ofPoint] =
    /^([^/]+)\/portable\/(?:runs\/([^/]+)\/(?:(?:secrets|certificates)\/[0-9a-z-]{1,127}\.jwe|objects\.[0-9a-f]{16}\.ndjson)|points\/([^/]+)\.json)$/.exec(
      blobName,
    ) ?? [];
  const runId = ofRun ?? ofPoint;
  return vault && runId && instantOf(runId) ? { vault, runId } : null;
}

/** A vault's own settings as a run, or somebody who asked, found them: of a source in backups, of a target in state. */
export const configPrefix = (vault: string) => `${vaultFolder(vault)}/config/`;
export const targetConfigPrefix = (vault: string) => `configurations/${vaultFolder(vault)}/`;
export const configName = (prefix: string, id: RunId) => `${prefix}${id}.json`;

/** The id in a name of either; null for every other name. */
export function parseConfigName(blobName: string): RunId | null {
  const id = /^(?:configurations\/[^/]+|[^/]+\/config)\/([^/]+)\.json$/.exec(blobName)?.[1];
  return id && instantOf(id) ? id : null;
}

/** The portable app's state: what it works on of each vault, and what its jobs wrote down. */
export const portableStateName = (vault: string) => `portable/${vaultFolder(vault)}.json`;
const portableWork = (vault: string, runId: RunId) => `portable-work/${vaultFolder(vault)}/${runId}/`;
export const portablePlanName = (vault: string, runId: RunId, planId: string, part: number | 'settled') =>
  `${portableWork(vault, runId)}plan/${planId}/${String(part).padStart(5, '0')}.ndjson`;
export const portableOutcomePrefix = (vault: string, runId: RunId) =>
  `${portableWork(vault, runId)}outcomes/`;
export const portableOutcomeName = (vault: string, runId: RunId, ref: ObjectRef) =>
  `${portableOutcomePrefix(vault, runId)}${pluralOf[ref.kind]}/${ref.name.toLowerCase()}.json`;

/** The state container: the active run of a vault, and what one run wrote down for itself. */
export const vaultStateName = (vault: string) => `vaults/${vaultFolder(vault)}.json`;
const runStatePrefix = (vault: string, runId: RunId) => `runs/${vaultFolder(vault)}/${runId}/`;

/** A plan is written in parts per lane; `settled` holds the lines that need no job. */
export type PlanLane = 'objects' | 'keys' | 'settled';
export const planPartName = (vault: string, runId: RunId, planId: string, lane: PlanLane, part: number) =>
  `${runStatePrefix(vault, runId)}plan/${planId}/${lane}-${String(part).padStart(5, '0')}.ndjson`;

export const outcomePrefix = (vault: string, runId: RunId) => `${runStatePrefix(vault, runId)}outcomes/`;

/** What the inventory saw of versions in this run, a part per invocation. */
export const versionsPrefix = (vault: string, runId: RunId) => `${runStatePrefix(vault, runId)}versions/`;
export const versionsPartName = (vault: string, runId: RunId, id: string) =>
  `${versionsPrefix(vault, runId)}${id}.ndjson`;

export const outcomeNames = ['gone', 'skipped', 'failed'] as const;
export type OutcomeName = (typeof outcomeNames)[number];

export interface OutcomeRecordName extends ObjectRef {
  readonly pass: number;
  readonly outcome: OutcomeName;
}

export const outcomeBlobName = (vault: string, runId: RunId, record: OutcomeRecordName) =>
  `${outcomePrefix(vault, runId)}${record.pass}/${pluralOf[record.kind]}/${record.name.toLowerCase()}.${record.outcome}.json`;

export function parseOutcomeBlobName(blobName: string): OutcomeRecordName | null {
  const match = /^runs\/[^/]+\/[^/]+\/outcomes\/(\d+)\/([a-z]+)\/([0-9a-z-]{1,127})\.([a-z]+)\.json$/.exec(
    blobName,
  );
  const kind = kindOfPlural.get(match?.[2] ?? '');
  const outcome = outcomeNames.find((known) => known === match?.[4]);
  const name = match?.[3];
  return kind && outcome && name ? { pass: Number(match?.[1]), kind, name, outcome } : null;
}

/** Restores: the state and what they wrote down for themselves (state), the audit records, the copies made before a replacement. */
export const restorePrefix = 'restores/';
export const restoreStateName = (id: string) => `${restorePrefix}${id}.json`;
export const idempotencyName = (keyDigest: string) => `restore-keys/${keyDigest}.json`;
const restoreWork = (id: string) => `restore-work/${id}/`;
export const restorePlanName = (id: string, planId: string, part: number) =>
  `${restoreWork(id)}plan/${planId}/${String(part).padStart(5, '0')}.ndjson`;

export const restoreOutcomePrefix = (id: string) => `${restoreWork(id)}outcomes/`;
export const restoreOutcomeName = (id: string, ref: ObjectRef) =>
  `${restoreOutcomePrefix(id)}${pluralOf[ref.kind]}/${ref.name.toLowerCase()}.json`;

/** What a replacement has done so far; written before or after the fact, as replaceObject says. */
export const replaceSteps = ['copied', 'removing', 'compared', 'changed', 'removed', 'purged'] as const;
export type ReplaceStep = (typeof replaceSteps)[number];
export const replaceStepName = (id: string, ref: ObjectRef, step: ReplaceStep) =>
  `${restoreWork(id)}replace/${pluralOf[ref.kind]}/${ref.name.toLowerCase()}/${step}.json`;

/** Who brings the versions of an object back by its copy, and what the target had of it before. */
export const portableTurnName = (id: string, ref: ObjectRef) =>
  `${restoreWork(id)}portable/${pluralOf[ref.kind]}/${ref.name.toLowerCase()}.json`;

/** Comparisons with a live vault: the state, what was listed and seen, and the result (state). */
export const diffStateName = (id: string) => `diffs/${id}.json`;
const diffWork = (id: string) => `diff-work/${id}/`;
export const diffListingName = (id: string, part: string) => `${diffWork(id)}listing-${part}.ndjson`;
export const diffVersionsPrefix = (id: string) => `${diffWork(id)}versions/`;
export const diffVersionsName = (id: string, part: string) => `${diffVersionsPrefix(id)}${part}.ndjson`;
export const diffResultName = (id: string, part: string) => `${diffWork(id)}result-${part}.ndjson`;

/** Drills: the one that a scratch vault has at a time (state), and the records (audit). */
export const drillStateName = (target: string) => `drills/${vaultFolder(target)}.json`;
export const drillsPrefix = 'drills/';
export const drillsOf = (vault: string) => `${drillsPrefix}${vaultFolder(vault)}/`;
export const drillStartedName = (vault: string, id: RunId) => `${drillsOf(vault)}${id}/started.json`;
export const drillEndedName = (vault: string, id: RunId) => `${drillsOf(vault)}${id}/ended.json`;

/** The id of an ended drill; null for every other name. */
export function parseDrillEndedName(name: string): RunId | null {
  const id = /^drills\/[0-9a-z-]+\/(\d{8}T\d{6}Z)\/ended\.json$/.exec(name)?.[1];
  return id && instantOf(id) ? id : null;
}

export const auditFolder = (id: string) => `restores/${id}/`;
export const auditName = (id: string, which: 'started' | 'ended') => `${auditFolder(id)}${which}.json`;
export const safetyFolder = (target: string, id: string) => `${vaultFolder(target)}/${id}/`;
export const safetyCopyName = (target: string, id: string, ref: ObjectRef, copyId: string) =>
  `${safetyFolder(target, id)}${pluralOf[ref.kind]}/${ref.name.toLowerCase()}.${copyId}.${suffixOf[ref.kind]}`;

/** Moves (audit), a folder each. Numbered, so that two who begin one at the same moment name the same. */
export const moveId = (from: string, to: string, number: number) =>
  `${vaultFolder(from)}.${vaultFolder(to)}.${String(number).padStart(4, '0')}`;
export const moveIdShape = /^([0-9a-z-]{1,63})\.([0-9a-z-]{1,63})\.(\d{4})$/;
export const movesBetweenPrefix = (from: string, to: string) =>
  `moves/${vaultFolder(from)}.${vaultFolder(to)}.`;
export const moveRecordName = (id: string, record: string) => `moves/${id}/${record}.json`;

/** Which record of which move a blob is; null for every other name. */
export function parseMoveRecordName(name: string): { id: string; record: string } | null {
  const [, id = '', record = ''] = /^moves\/([^/]+)\/([A-Za-z]+)\.json$/.exec(name) ?? [];
  return moveIdShape.test(id) ? { id, record } : null;
}

/**
 * Verifications. An id says vault and instant, so that a record is found by its id alone; one that was asked for has a
 * random end. The record lies in audit; state holds what the work on it wrote down.
 */
export const verificationId = (vault: string, instant: RunId, suffix: string | null) =>
  `${vaultFolder(vault)}-${instant}${suffix === null ? '' : `-${suffix}`}`;

export const restoreIdShape = /^\d{8}T\d{6}Z-[0-9a-f]{6,32}$/;

export const verificationIdShape = /^([0-9a-z-]{1,63})-(\d{8}T\d{6}Z)(-[0-9a-f]{6,32})?$/;

export const verificationRecordPrefix = (vault: string) => `verifications/${vaultFolder(vault)}/`;
export function verificationRecordName(id: string): string {
  const [, vault = '', instant = '', suffix = ''] = verificationIdShape.exec(id) ?? [];
  return `${verificationRecordPrefix(vault)}${instant}${suffix}.json`;
}
/** The id of a record by its blob's name; null for every other name. */
export function parseVerificationRecordName(blobName: string): { id: string; instant: RunId } | null {
  const [folder, vault, file = '', ...more] = blobName.split('/');
  const id = `${vault}-${file.replace(/\.json$/, '')}`;
  const instant = verificationIdShape.exec(id)?.[2];
  if (folder !== 'verifications' || !file.endsWith('.json') || more.length > 0) return null;
  return instant && instantOf(instant) ? { id, instant } : null;
}

export const verificationStateName = (id: string) => `verifications/${id}.json`;
/** The states of a vault's verifications begin so; those of a vault whose name goes on from this one's as well. */
export const verificationStatesOf = (vault: string) =>
  verificationStateName(`${vaultFolder(vault)}-`).replace(/\.json$/, '');
export function parseVerificationStateName(vault: string, blobName: string): string | null {
  const id = /^verifications\/([^/]+)\.json$/.exec(blobName)?.[1] ?? '';
  return verificationIdShape.exec(id)?.[1] === vaultFolder(vault) ? id : null;
}
const verificationWork = (id: string, planId: string) => `verification-work/${id}/${planId}/`;
export const verificationNotesName = (id: string, planId: string) =>
  `${verificationWork(id, planId)}notes.json`;
export const verificationPartName = (id: string, planId: string, part: number) =>
  `${verificationWork(id, planId)}parts/${String(part).padStart(5, '0')}.ndjson`;
export const verificationResultPrefix = (id: string, planId: string) =>
  `${verificationWork(id, planId)}results/`;
export const verificationResultName = (id: string, planId: string, part: number) =>
  `${verificationResultPrefix(id, planId)}${String(part).padStart(5, '0')}.json`;
