/** Builds a move's report: before the first change from the plan of the restore, at the end from what it did. Pure. */
import { cutOverOf, type NeedsFacts, needsOf, settingsByHand } from './moveAdvice.ts';
import type { FinalPass } from './moveChanges.ts';
import { type Budgets, estimateOf } from './moveEstimate.ts';
import type { MovedObject, MoveOutcome, MoveReport, Told, Way } from './moveReport.ts';
import { isOurs, type MoveSources, type RestoredObject, travelsOf } from './moveTravel.ts';
import type { ConfigRow } from './vaultConfig.ts';

export interface ReportFacts extends MoveSources, NeedsFacts {
  readonly onConflict: MoveReport['onConflict'];
  readonly madeAt: string;
  readonly point: { readonly runId: string; readonly status: string; readonly sealedAt: string };
  readonly budgets: Budgets;
  /** Null: nobody has looked at the two vaults' settings. */
  readonly setAgain: readonly ConfigRow[] | null;
}

export function reportOf(facts: ReportFacts, end: EndFacts | null = null): MoveReport {
  const { from, to, mode, onConflict, madeAt, lines, point } = facts;
  const planned = travelsOf(facts);
  const objects = end ? planned.map((object) => ({ ...object, ...becameOf(object, facts, end) })) : planned;
  const clashes = objects.flatMap(({ object, why }) =>
    facts.restored.get(object)?.action === 'conflict' ? [{ object, why, todo: clashTodo }] : [],
  );
  return {
    format: 1,
    from,
    to,
    mode,
    onConflict,
    madeAt,
    point: { runId: point.runId, status: point.status, sealedAt: point.sealedAt, objects: objects.length },
    objects,
    counts: countsOf(objects),
    clashes,
    needs: end ? [] : needsOf(objects, facts),
    setAgain: [...(facts.setAgain ?? settingsByHand)],
    estimate: estimateOf(objects, lines.length, facts.budgets),
    cutOver: cutOverOf(objects, from, to),
    outcome: end && outcomeOf(objects, facts, end),
  };
}

const clashTodo =
  'Free the name in the target, or ask with --on-conflict skip or replace, if the one that is there may stay or give way.';

function countsOf(objects: readonly MovedObject[]): Partial<Record<Way, number>> {
  const counts: Partial<Record<Way, number>> = {};
  for (const { travels } of objects) counts[travels] = (counts[travels] ?? 0) + 1;
  return counts;
}

export interface EndFacts
  extends Pick<MoveOutcome, 'startedAt' | 'recoveryPoints' | 'restores' | 'comparison'> {
  readonly pass: FinalPass;
  /** What the final pass did; `restored` of the facts has both, this one over the first. */
  readonly final: ReadonlyMap<string, RestoredObject>;
}

const ours = (one: RestoredObject | undefined): boolean => one !== undefined && isOurs(one);

function becameOf({ object, travels }: MovedObject, { restored }: ReportFacts, { pass, final }: EndFacts) {
  const last = restored.get(object);
  const isStale = pass.replace.includes(object) && !ours(final.get(object));
  if (isStale || pass.lost.some((one) => one.object === object)) return { became: 'stale' as const };
  if (travels === 'there') return { became: 'there' as const };
  return { became: ours(last) ? ('moved' as const) : ('not' as const) };
}

function outcomeOf(objects: readonly MovedObject[], facts: ReportFacts, end: EndFacts): MoveOutcome {
  const { from, to, restored, madeAt, point } = facts;
  const { startedAt, recoveryPoints, restores, comparison, pass } = end;
  const those = (became: MovedObject['became']) => objects.filter((one) => one.became === became);
  const whyOf = ({ object, why }: MovedObject) =>
    end.final.get(object)?.reason ?? restored.get(object)?.reason ?? why;
  const tell = (one: MovedObject, todo: string | null): Told => ({
    object: one.object,
    why: whyOf(one),
    todo,
  });
  const hintOf = ({ object }: MovedObject) => restored.get(object)?.hint ?? null;
  const again = ({ object }: MovedObject) =>
    `Once the target allows it: kvb restore ${from} ${object} --target ${to} --point ${point.runId} --on-conflict replace --reason "stale after the move"`;
  const lost = new Map(pass.lost.map(({ object, why }) => [object, why]));
  const stale = those('stale').map((one) => {
    const why = lost.get(one.object);
    return why === undefined
      ? tell(one, again(one))
      : { object: one.object, why, todo: 'Back it up, then restore it with --on-conflict replace.' };
  });
  const notMoved = those('not').map((one) => tell(one, hintOf(one)));
  const differs = objects
    .filter(({ object }) => restored.get(object)?.outcome === 'differs')
    .map((one) => tell(one, hintOf(one)));
  const { missing, differs: otherwise, unknown } = comparison;
  const bad = [stale, notMoved, differs, missing, otherwise, unknown].some((list) => list.length > 0);
  return {
    status: bad ? 'partial' : 'complete',
    startedAt,
    endedAt: madeAt,
    recoveryPoints,
    restores,
    stale,
    left: [...pass.left],
    notMoved,
    differs,
    comparison,
  };
}
