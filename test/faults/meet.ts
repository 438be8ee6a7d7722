/**
 * Meets the requests of a moment: those of one vault's work, in the moment's step, after the ones that are to pass. At
 * each of them something may be done before it is served, and after it, before the answer reaches the app.
 */
import type { SpoiledAnswer, StorageFault, StorageProxy, StorageRequest } from '../local/storageProxy.ts';
import type { FaultStack } from './faultStack.ts';
import type { Moment } from './moments.ts';
import { jobIn, type Subject } from './stepWatch.ts';

export interface Scene {
  readonly moment: Moment;
  readonly subject: Subject;
  readonly stack: FaultStack;
}

export interface Meeting {
  before?(request: StorageRequest): StorageFault | undefined | Promise<StorageFault | undefined>;
  after?(request: StorageRequest): SpoiledAnswer | undefined | Promise<SpoiledAnswer | undefined>;
  /** In place of both where the request is one to the vault. */
  called?(): void;
}

export interface Met {
  /** How many requests were met. */
  count(): number;
  stop(): void;
}

export const isInStep = ({ moment, subject, stack }: Scene): boolean => {
  const step = stack.steps.stepOf(subject.vault);
  return moment.steps.length === 0 ? step === null : step !== null && moment.steps.includes(step);
};

export function meet(scene: Scene, times: number, meeting: Meeting): Met {
  const { moment, subject, stack } = scene;
  let passed = 0;
  let met = 0;
  const isDue = () => {
    if (!isInStep(scene) || met >= times) return false;
    if (passed < (moment.skip ?? 0)) {
      passed += 1;
      return false;
    }
    met += 1;
    return true;
  };
  if (moment.call !== undefined) {
    const stop = stack.control.onRequest(({ vault, operation, identity }) => {
      const isIt = vault === subject.vault && operation === moment.call && identity !== 'operator';
      if (isIt && isDue()) meeting.called?.();
    });
    return { count: () => met, stop };
  }
  const proxy = moment.blob ? stack.e2e.stack.blobs : stack.e2e.stack.queues;
  const isIt = (request: StorageRequest) => fits(request, moment) && stack.steps.belongsTo(request, subject);
  return { count: () => met, stop: atRequests(proxy, (request) => isIt(request) && isDue(), meeting) };
}

function fits(request: StorageRequest, { blob, message }: Moment): boolean {
  if (message !== undefined) return jobIn(request)?.type === message;
  if (blob === undefined || request.operation !== blob.operation || request.container !== blob.container)
    return false;
  return blob.part === undefined || `${request.container}/${request.name}`.includes(blob.part);
}

/** The step may have changed by the time of the answer, so the request is known again by its number. */
function atRequests(
  proxy: StorageProxy,
  isDue: (request: StorageRequest) => boolean,
  { before, after }: Meeting,
): () => void {
  const due = new Set<number>();
  const stops = [
    proxy.before((request) => {
      if (!isDue(request)) return undefined;
      due.add(request.sequence);
      return before?.(request);
    }),
    proxy.after((request) => (due.delete(request.sequence) ? after?.(request) : undefined)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
