/** A vault behind its governor: each call in its turn, and each answer told to the governor. Same port, one behaviour. */
import { BackupError } from '../domain/errors.ts';
import { type Budget, laneOf } from '../domain/objects.ts';
import type { SourceVault } from '../ports/sourceVault.ts';
import type { Governor, Patience } from './governor.ts';

/** How any vault's calls take their turn: what each answer teaches the governor. */
export function inTurns(governor: Governor, patience: Patience) {
  function learn(error: BackupError): void {
    if (error.code === 'throttled') {
      governor.throttled(error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000);
    } else if (error.code !== 'unreachable' && error.code !== 'internal') {
      governor.served();
    }
  }

  return <T>(budget: Budget, call: () => Promise<T>): Promise<T> =>
    governor.run(budget, patience, async () => {
      try {
        const answer = await call();
        governor.served();
        return answer;
      } catch (error) {
        if (error instanceof BackupError) learn(error);
        throw error;
      }
    });
}

export function governedVault(inner: SourceVault, governor: Governor, patience: Patience): SourceVault {
  const inTurn = inTurns(governor, patience);
  return {
    listPage: (kind, next) => inTurn(laneOf(kind), () => inner.listPage(kind, next)),
    backup: (ref) => inTurn(laneOf(ref.kind), () => inner.backup(ref)),
    versionsPage: (ref, next) => inTurn(laneOf(ref.kind), () => inner.versionsPage(ref, next)),
    currentKey: (name) => inTurn('keys', () => inner.currentKey(name)),
    rotationPolicy: (name) => inTurn('keys', () => inner.rotationPolicy(name)),
    issuersPage: (next) => inTurn('objects', () => inner.issuersPage(next)),
    region: () => inner.region(),
  };
}
