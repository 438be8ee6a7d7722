/**
 * The table: every fault at every moment, but for what a rule leaves out with its reason. Nothing is left out silently:
 * the rules are counted with the result. A short share is chosen by counting, so that it is the same one every day.
 */
import { type Fault, faults, type Surface } from './faults.ts';
import { type Moment, moments } from './moments.ts';

export interface Cell {
  readonly fault: Fault;
  readonly moment: Moment;
  readonly name: string;
  /** How many of these cells may go on in one stack at once: some faults hit everybody in it. */
  readonly atOnce: number;
}

interface Rule {
  readonly reason: string;
  leavesOut(fault: Fault, moment: Moment): boolean;
}

const isList = (moment: Moment) => moment.call?.endsWith('.list') === true;
const atVault = (fault: Fault) => ['vault', 'network', 'token'].includes(fault.making.at);
const isPageFault = ({ making }: Fault) =>
  making.at === 'vault' && ('repeatPage' in making.kind || 'dropNextLink' in making.kind);
const spoilsBlob = ({ making }: Fault) => making.at === 'vault' && 'corruptBlob' in making.kind;
const troubleOf = ({ making }: Fault) => (making.at === 'blob' ? making.trouble : null);

export const rules: readonly Rule[] = [
  {
    reason: 'no vault is called at that moment',
    leavesOut: (fault, moment) => atVault(fault) && moment.call === undefined,
  },
  {
    reason: 'no blob is written or read at that moment',
    leavesOut: (fault, moment) => fault.making.at === 'blob' && moment.blob === undefined,
  },
  {
    reason: 'no message is sent at that moment',
    leavesOut: (fault, moment) => fault.making.at === 'queue' && moment.message === undefined,
  },
  {
    reason: 'only a list has pages',
    leavesOut: (fault, moment) => isPageFault(fault) && moment.call !== undefined && !isList(moment),
  },
  {
    reason: 'the answer holds no blob',
    leavesOut: (fault, moment) => spoilsBlob(fault) && moment.call?.endsWith('.backup') === false,
  },
  {
    reason: 'a GET or a list is never answered 409 or 412',
    leavesOut(fault, moment) {
      const trouble = troubleOf(fault);
      const conditional = trouble !== null && 'status' in trouble && [409, 412].includes(trouble.status);
      return conditional && moment.blob !== undefined && moment.blob.operation !== 'PutBlob';
    },
  },
  {
    reason: 'a full account still answers reads',
    leavesOut(fault, moment) {
      const trouble = troubleOf(fault);
      const full = trouble !== null && 'status' in trouble && trouble.status === 507;
      return full && moment.blob !== undefined && moment.blob.operation !== 'PutBlob';
    },
  },
  {
    reason: 'only what is read whole can come back with other bytes',
    leavesOut(fault, moment) {
      const trouble = troubleOf(fault);
      return trouble !== null && 'flip' in trouble && moment.blob?.operation !== 'GetBlob';
    },
  },
  {
    reason: 'one message of its kind is sent there, so there is no order',
    leavesOut: ({ making }, moment) =>
      making.at === 'queue' &&
      making.trouble === 'reordered' &&
      (moment.message?.startsWith('advance') === true || moment.message === 'verifyBlobs'),
  },
  {
    reason: 'a clock cannot tell moments of one step apart: it is moved at the first',
    leavesOut: ({ making }, moment) =>
      making.at === 'clock' &&
      moments.find(({ work, steps }) => work === moment.work && steps.join() === moment.steps.join()) !==
        moment,
  },
];

/** A vault has its own wire, a clock is everybody's; a death is everybody's too, and may as well come more often. */
const atOnceOf: Readonly<Record<Surface, number>> = {
  vault: 16,
  network: 16,
  blob: 16,
  queue: 16,
  token: 16,
  process: 3,
  clock: 1,
};

export const momentName = ({ work, steps, name }: Moment): string =>
  `${work}, ${steps[0] ?? 'start'}: ${name}`;

export interface Table {
  readonly cells: readonly Cell[];
  /** By rule: how many cells it leaves out. */
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
}

export function tableOf(of: readonly Fault[] = faults, at: readonly Moment[] = moments): Table {
  const cells: Cell[] = [];
  const counts = new Map(rules.map(({ reason }) => [reason, 0]));
  for (const moment of at)
    for (const fault of of) {
      const rule = rules.find((each) => each.leavesOut(fault, moment));
      if (rule) counts.set(rule.reason, (counts.get(rule.reason) ?? 0) + 1);
      else
        cells.push({
          fault,
          moment,
          name: `${fault.name} · ${momentName(moment)}`,
          atOnce: atOnceOf[fault.making.at],
        });
    }
  return { cells, leftOut: [...counts].map(([reason, count]) => ({ reason, count })) };
}

/** Each fault and each moment at least once: always the cell whose other half was met least. */
export function shortShare(cells: readonly Cell[]): Cell[] {
  const met = new Map<Fault | Moment, number>();
  const times = (what: Fault | Moment) => met.get(what) ?? 0;
  const chosen: Cell[] = [];
  const choose = (candidates: readonly Cell[], half: 'fault' | 'moment') => {
    const rarest = candidates.toSorted((a, b) => times(a[half]) - times(b[half]))[0];
    if (!rarest) return;
    for (const each of [rarest.fault, rarest.moment]) met.set(each, times(each) + 1);
    chosen.push(rarest);
  };
  for (const fault of new Set(cells.map((cell) => cell.fault)))
    choose(
      cells.filter((cell) => cell.fault === fault),
      'moment',
    );
  for (const moment of new Set(cells.map((cell) => cell.moment)))
    if (!met.has(moment))
      choose(
        cells.filter((cell) => cell.moment === moment && cell.atOnce > 3),
        'fault',
      );
  return chosen;
}
