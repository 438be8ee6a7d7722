/**
 * Structured events: what alerts read. One line each, never a secret, never blob bytes.
 * Names and fields are a contract: docs/events.md, which a test holds to this list.
 */
export type EventName =
  | 'run.started'
  | 'run.skipped'
  | 'run.refused'
  | 'run.sealed'
  | 'run.partial'
  | 'run.failed'
  | 'seal.conflict'
  | 'storage.mutable'
  | 'object.failed'
  | 'blob.stranger'
  | 'point.ignored'
  | 'vault.throttled'
  | 'vault.unreachable'
  | 'move.started'
  | 'move.ended'
  | 'restore.requested'
  | 'restore.complete'
  | 'restore.partial'
  | 'restore.failed'
  | 'restore.unaudited'
  | 'message.invalid'
  | 'message.dropped'
  | 'message.poisoned'
  | 'watch.alive'
  | 'run.stalled'
  | 'backup.stale'
  | 'lastCopy.expiring'
  | 'objects.dropped'
  | 'versions.high'
  | 'poison.found'
  | 'messages.moved'
  | 'messages.unmoved'
  | 'configuration.taken'
  | 'configuration.changed'
  | 'configuration.failed'
  | 'restore.stalled'
  | 'drill.complete'
  | 'drill.failed'
  | 'drill.stalled'
  | 'drill.overdue'
  | 'portable.sealed'
  | 'portable.partial'
  | 'portable.failed'
  | 'portable.overdue'
  | 'verification.started'
  | 'verification.ended'
  | 'verification.failed'
  | 'verification.stalled'
  | 'verification.overdue'
  | 'verification.unread';

export type EventFields = Readonly<Record<string, string | number | boolean | null>>;

export interface Events {
  emit(name: EventName, fields: EventFields): void;
}
