/** A move's report for people. */
import type { MoveOutcome, MoveReport, Told } from '../../shared/domain/moveReport.ts';
import { countsText, instant, number, plural, table } from '../text.ts';

const mostRows = 60;

export function reportText(report: MoveReport): string {
  const { from, to, point, mode, clashes, needs, cutOver, outcome } = report;
  const sealed = `${point.runId} (${point.status}, sealed ${instant(point.sealedAt)})`;
  return [
    `Move of ${from} to ${to}, mode ${mode}, as of ${sealed}${outcome ? `: ${outcome.status}` : ''}`,
    ...(outcome ? outcomeLines(report, outcome) : planLines(report)),
    ...section('Names that clash', clashes.map(toldText)),
    ...section('Before the move', needs.map(toldText)),
    ...section('To be set again: no backup holds it', settingsLines(report)),
    ...section(
      'Cut over',
      cutOver.map(({ what, how }) => `  ${what}: ${how}`),
    ),
  ].join('\n');
}

function planLines({ objects, counts, estimate }: MoveReport): string[] {
  const rows = objects.map(({ object, travels, why, loses, notes }) => [
    object,
    travels,
    [why, ...loses.map((lost) => `without ${lost}`), ...notes].join('; '),
  ]);
  const shown = table([['OBJECT', 'TRAVELS', 'HOW'], ...rows.slice(0, mostRows)]);
  return [
    ...(rows.length > mostRows ? [shown, moreText(rows.length)] : [shown]),
    countsText(counts),
    `About ${durationText(estimate.seconds)}: ${estimate.how}.`,
  ];
}

function outcomeLines({ objects }: MoveReport, outcome: MoveOutcome): string[] {
  const { recoveryPoints, restores, stale, left, notMoved, differs, comparison } = outcome;
  const { missing, differs: otherwise, more, unknown } = comparison;
  const became: Record<string, number> = {};
  for (const one of objects) became[one.became ?? 'unknown'] = (became[one.became ?? 'unknown'] ?? 0) + 1;
  return [
    `  objects   ${countsText(became)}`,
    `  points    ${recoveryPoints.join(', ')}`,
    `  restores  ${restores.join(', ')}`,
    ...section('Stale in the target', stale.map(toldText)),
    ...section('Not moved', notMoved.map(toldText)),
    ...section('There, but not as recorded', differs.map(toldText)),
    ...section('Deleted in the source meanwhile, still in the target', left.map(indented)),
    ...section('Missing in the target', missing.map(indented)),
    ...section(
      'Different in the target',
      otherwise.map((one) => `  ${one.object}: ${one.in.join(', ')}`),
    ),
    ...section('Not compared', unknown.map(indented)),
    ...section('Only in the target', more.map(indented)),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0
    ? []
    : [
        '',
        `${title}:`,
        ...lines.slice(0, mostRows),
        ...(lines.length > mostRows ? [moreText(lines.length)] : []),
      ];
const moreText = (count: number) => `  and ${number(count - mostRows)} more: --json shows all`;
const indented = (text: string) => `  ${text}`;
const toldText = ({ object, why, todo }: Told) =>
  `  ${object === '**' ? '' : `${object}: `}${why}${todo === null ? '' : `\n    ${todo}`}`;

/** The commands are long, and are to be read before they are run: `kvb config` prints them as a script. */
function settingsLines({ from, to, setAgain, outcome }: MoveReport): string[] {
  const differing = setAgain.filter(({ change }) => change === 'differs');
  const told = outcome ? setAgain.filter(({ change }) => change === 'unknown') : setAgain;
  return [
    ...told.map(({ setting, source, target, change, command, byHand }) => {
      const values =
        change === 'unknown' ? (byHand ?? 'not known') : `${target ?? 'unset'} → ${source ?? 'unset'}`;
      const todo = change === 'unknown' || command !== null || byHand === null ? '' : `\n    ${byHand}`;
      return `  ${setting}: ${values}${todo}`;
    }),
    ...(differing.length === 0
      ? []
      : [
          `  ${plural(differing.length, 'setting')} and the commands: kvb config ${from} --against ${to} --commands`,
        ]),
  ];
}

function durationText(seconds: number): string {
  if (seconds < 90) return plural(Math.max(1, seconds), 'second');
  if (seconds < 90 * 60) return plural(Math.round(seconds / 60), 'minute');
  return plural(Math.round(seconds / 3600), 'hour');
}
