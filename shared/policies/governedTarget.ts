/** A target behind its governor, as governedVault: restores, which create, have a budget of their own. */
import { laneOf } from '../domain/objects.ts';
import type { TargetVault } from '../ports/targetVault.ts';
import { inTurns } from './governedVault.ts';
import type { Governor, Patience } from './governor.ts';

export function governedTarget(inner: TargetVault, governor: Governor, patience: Patience): TargetVault {
  const inTurn = inTurns(governor, patience);
  return {
    listPage: (kind, next) => inTurn(laneOf(kind), () => inner.listPage(kind, next)),
    listDeletedPage: (kind, next) => inTurn(laneOf(kind), () => inner.listDeletedPage(kind, next)),
    // One turn for all its pages, of which there are 21 at most, and nearly always one.
    versions: (ref) => inTurn(laneOf(ref.kind), () => inner.versions(ref)),
    restore: (kind, blob) => inTurn('creates', () => inner.restore(kind, blob)),
    backup: (ref) => inTurn(laneOf(ref.kind), () => inner.backup(ref)),
    remove: (ref) => inTurn(laneOf(ref.kind), () => inner.remove(ref)),
    deleted: (ref) => inTurn(laneOf(ref.kind), () => inner.deleted(ref)),
    purge: (ref) => inTurn(laneOf(ref.kind), () => inner.purge(ref)),
    recover: (ref) => inTurn(laneOf(ref.kind), () => inner.recover(ref)),
    setSecret: (name, version) => inTurn('creates', () => inner.setSecret(name, version)),
    importCertificate: (name, version, policy) =>
      inTurn('creates', () => inner.importCertificate(name, version, policy)),
    hasIssuer: (name) => inTurn('objects', () => inner.hasIssuer(name)),
    issuersPage: (next) => inTurn('objects', () => inner.issuersPage(next)),
    rotationPolicy: (name) => inTurn('keys', () => inner.rotationPolicy(name)),
    setRotationPolicy: (name, policy) => inTurn('keys', () => inner.setRotationPolicy(name, policy)),
    region: () => inner.region(),
  };
}
