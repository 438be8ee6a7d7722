/** Arms a fault at a moment: from then on it is made when the moment comes, and it is gone when it is lifted. */
import type { SpoiledAnswer, StorageFault } from '../local/storageProxy.ts';
import { armDeath } from './armDeath.ts';
import { armQueue } from './armQueue.ts';
import type { Fault, Making, StorageTrouble } from './faults.ts';
import { isInStep, meet, type Scene } from './meet.ts';

export interface Armed {
  /** How often the fault was really made. */
  made(): number;
  lift(): Promise<void>;
}

/** A network that is down comes back by itself. */
const networkIsDownMs = 2_500;

export function arm(fault: Fault, scene: Scene): Armed {
  const { making } = fault;
  switch (making.at) {
    case 'vault':
      return armVault(making, fault.times, scene);
    case 'network':
      return armNetwork(making.trouble, scene);
    case 'token': {
      const met = meet(scene, 1, { called: () => scene.stack.control.expireTokens() });
      return { made: met.count, lift: async () => met.stop() };
    }
    case 'blob': {
      const met = meet(scene, fault.times ?? Number.POSITIVE_INFINITY, storageMeeting(making.trouble));
      return { made: met.count, lift: async () => met.stop() };
    }
    case 'queue':
      return armQueue(making.trouble, scene);
    case 'process':
    case 'clock':
      return armDeath(making, scene);
    default:
      return making satisfies never;
  }
}

/** The emulator's own fault, from the moment's step on: it hits what carries the operation out, before or after. */
function armVault(
  { kind, when }: Extract<Making, { at: 'vault' }>,
  times: number | undefined,
  scene: Scene,
): Armed {
  const { moment, subject, stack } = scene;
  let id: string | null = null;
  const begin = () => {
    if (id !== null || !isInStep(scene)) return;
    id = stack.control.addFault({
      vault: subject.vault,
      operation: moment.call ?? '',
      kind,
      skip: moment.skip ?? 0,
      ...(when ? { when } : {}),
      ...(times === undefined ? {} : { count: times }),
    });
  };
  const stop = stack.steps.onStep(subject.vault, begin);
  let made = 0;
  return {
    made: () => (id === null ? made : stack.control.faultHits(id)),
    async lift() {
      stop();
      if (id === null) return;
      made = stack.control.faultHits(id);
      stack.control.removeFault(id);
      id = null;
    },
  };
}

/** Open connections end, and no new one comes about; after a while all is well again. */
function armNetwork(trouble: 'dns' | 'certificate', scene: Scene): Armed {
  const { subject, stack } = scene;
  let timer: NodeJS.Timeout | null = null;
  const end = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    if (trouble === 'certificate') return stack.control.showCertificate(subject.vault, 'valid');
    stack.setResolvable(subject.vault, true);
    stack.control.setReachable(subject.vault, true);
  };
  const met = meet(scene, 1, {
    called() {
      if (trouble === 'certificate') stack.control.showCertificate(subject.vault, 'expired');
      else {
        stack.setResolvable(subject.vault, false);
        stack.control.setReachable(subject.vault, false);
      }
      timer = setTimeout(end, networkIsDownMs);
    },
  });
  return {
    made: met.count,
    async lift() {
      met.stop();
      end();
    },
  };
}

function storageMeeting(trouble: StorageTrouble) {
  if ('flip' in trouble)
    return { after: ({ answer }: { answer?: Buffer }): SpoiledAnswer | undefined => flipped(answer) };
  if ('reset' in trouble && trouble.reset === 'after')
    return { after: (): SpoiledAnswer => ({ reset: true }) };
  const fault: StorageFault =
    'reset' in trouble
      ? { reset: true }
      : 'hang' in trouble
        ? { hang: true }
        : { status: trouble.status, code: trouble.code };
  return { before: () => fault };
}

function flipped(answer: Buffer | undefined): SpoiledAnswer | undefined {
  if (!answer || answer.length === 0) return undefined;
  const body = Buffer.from(answer);
  const at = Math.floor(body.length / 2);
  body[at] = (body[at] ?? 0) ^ 1;
  return { body };
}
