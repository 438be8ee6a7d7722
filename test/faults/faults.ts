/**
 * The faults, as data. Each is made where it happens: at the vault's wire (the emulator), in the network between, at
 * the storage account (the proxy), in the queue, by killing a process or by moving its clock.
 */
import type { FaultKind } from '../emulator/faults.ts';

/** Where a fault is made; a moment has exactly one kind of request that a fault of its surface can hit. */
export type Surface = 'vault' | 'network' | 'blob' | 'queue' | 'process' | 'clock' | 'token';

/** What storage answers instead of, or after, doing what it was asked. */
export type StorageTrouble =
  | { readonly status: number; readonly code: string }
  | { readonly reset: 'before' | 'after' }
  | { readonly hang: true }
  | { readonly flip: true };

export type Making =
  | { readonly at: 'vault'; readonly kind: FaultKind; readonly when?: 'before' | 'after' }
  | { readonly at: 'network'; readonly trouble: 'dns' | 'certificate' }
  | { readonly at: 'blob'; readonly trouble: StorageTrouble }
  | {
      readonly at: 'queue';
      readonly trouble: 'duplicated' | 'delayed' | 'reordered' | 'corrupt' | 'lostLease';
    }
  | { readonly at: 'process'; readonly dies: 'worker' | 'host' }
  | { readonly at: 'clock'; readonly byMs: number }
  | { readonly at: 'token' };

export interface Fault {
  readonly name: string;
  readonly making: Making;
  /** How many requests it hits; absent: it lasts until what it disturbs has ended. */
  readonly times?: number;
  /**
   * `complete`: what it disturbs must end as if nothing had been. `told`: it may end as less, and must say why.
   * `unseen`: it ends as if nothing had been, and nobody could know better: a blob is opaque.
   */
  readonly end: 'complete' | 'told' | 'unseen';
}

const vault = (
  name: string,
  kind: FaultKind,
  more: Partial<Pick<Fault, 'times' | 'end'>> & { when?: 'before' | 'after' } = {},
): Fault => ({
  name,
  making: { at: 'vault', kind, ...(more.when ? { when: more.when } : {}) },
  times: more.times ?? 2,
  end: more.end ?? 'complete',
});

/** Until the end: nobody assigns a role in the middle of the night. */
const refusal = (name: string, innererror: string): Fault => ({
  name: `403 ${name}`,
  making: { at: 'vault', kind: { status: 403, code: 'Forbidden', innererror } },
  end: 'told',
});

const blob = (name: string, trouble: StorageTrouble, times = 2): Fault => ({
  name,
  making: { at: 'blob', trouble },
  times,
  end: 'complete',
});

const queue = (name: string, trouble: Extract<Making, { at: 'queue' }>['trouble']): Fault => ({
  name,
  making: { at: 'queue', trouble },
  times: 1,
  end: 'complete',
});

const bodies = ['empty', 'html', 'truncated', 'null'] as const;
const hour = 3_600_000;

export const faults: readonly Fault[] = [
  vault('429', { status: 429, code: 'Throttled' }),
  vault('429, Retry-After', { status: 429, code: 'Throttled', retryAfterSeconds: 1 }),
  ...[500, 502, 503].flatMap((status) =>
    bodies.map((body) => vault(`${status}, body ${body}`, { status, body })),
  ),
  vault('reset before it was served', { reset: true }),
  vault('reset after it was served', { reset: true }, { when: 'after', times: 1 }),
  vault('hang', { hang: true }, { times: 1 }),
  vault('slow body', { slowBodyMs: 400 }),
  vault('401 in the middle', { status: 401, code: 'Unauthorized', message: '[TokenExpired] expired' }),
  { name: 'expired token', making: { at: 'token' }, times: 1, end: 'complete' },
  refusal('RBAC', 'ForbiddenByRbac'),
  refusal('access policy', 'ForbiddenByPolicy'),
  refusal('firewall', 'ForbiddenByFirewall'),
  refusal('private link', 'ForbiddenByConnection'),
  vault('page repeated', { repeatPage: true }, { times: 1 }),
  vault('page lost nextLink', { dropNextLink: true }, { times: 1 }),
  vault('wrong bytes from the vault', { corruptBlob: true }, { times: 1, end: 'unseen' }),
  { name: 'DNS failure', making: { at: 'network', trouble: 'dns' }, times: 1, end: 'complete' },
  {
    name: 'expired certificate',
    making: { at: 'network', trouble: 'certificate' },
    times: 1,
    end: 'complete',
  },
  { ...blob('blob 403', { status: 403, code: 'AuthorizationPermissionMismatch' }), end: 'told' },
  blob('blob 409', { status: 409, code: 'BlobAlreadyExists' }),
  // Without the other writer that a real one tells of, so what meets it may give up on an object, and says so.
  { ...blob('blob 412', { status: 412, code: 'ConditionNotMet' }), end: 'told' },
  blob('blob 500', { status: 500, code: 'InternalError' }),
  // What a full account answers is not documented; 507 stands for it, and hits more calls than a client repeats.
  blob('storage full', { status: 507, code: 'InsufficientStorage' }, 4),
  blob('blob reset before', { reset: 'before' }),
  blob('blob reset after', { reset: 'after' }, 1),
  blob('blob hang', { hang: true }, 1),
  { ...blob('wrong bytes from storage', { flip: true }, 1), end: 'told' },
  queue('message duplicated', 'duplicated'),
  queue('message delayed', 'delayed'),
  queue('message reordered', 'reordered'),
  queue('message corrupt', 'corrupt'),
  queue('message lost its lease', 'lostLease'),
  { name: 'worker SIGKILL', making: { at: 'process', dies: 'worker' }, times: 1, end: 'complete' },
  { name: 'host SIGKILL', making: { at: 'process', dies: 'host' }, times: 1, end: 'complete' },
  { name: 'clock back an hour', making: { at: 'clock', byMs: -hour }, times: 1, end: 'told' },
  { name: 'clock forward an hour', making: { at: 'clock', byMs: hour }, times: 1, end: 'told' },
  { name: 'clock back 5 s', making: { at: 'clock', byMs: -5_000 }, times: 1, end: 'complete' },
  { name: 'clock forward 5 s', making: { at: 'clock', byMs: 5_000 }, times: 1, end: 'complete' },
];
