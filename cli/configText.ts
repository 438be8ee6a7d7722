/** A vault's settings and their differences for people: ~ differs, + only the source has it, - only the target has it, ? not known. */
import type { z } from 'zod';
import type { configDiff, configView } from '../shared/domain/answers.ts';
import type { ConfigRow } from '../shared/domain/vaultConfig.ts';
import { configRows } from '../shared/domain/vaultConfigRows.ts';
import { instant } from './text.ts';

type Diff = z.infer<typeof configDiff>;

const gapLines = (vault: string, gaps: Diff['source']['gaps']) =>
  gaps.map(({ part, reason }) => `?  ${part} of ${vault}: ${reason}`);

export function configText({ configuration, id }: z.infer<typeof configView>): string {
  const rows = configRows(configuration, configuration);
  return [
    `${configuration.vault}  ${id}  (${instant(configuration.takenAt)})`,
    ...rows.flatMap(({ setting, source }) => (source === null ? [] : [`  ${setting}: ${source}`])),
    ...gapLines(configuration.vault, configuration.gaps),
  ].join('\n');
}

const signOf = ({ source, target, change }: ConfigRow) => {
  if (change === 'unknown') return '?';
  if (target === null) return '+';
  return source === null ? '-' : '~';
};

export function configDiffText({ source, target, same, rows }: Diff): string {
  const of = (side: Diff['source']) => `${side.vault} ${side.id}`;
  return [
    `${of(source)} → ${of(target)}`,
    ...rows.flatMap((row) => [
      `${signOf(row)}  ${row.setting}${row.source === null && row.target === null ? '' : `: ${row.source ?? 'none'} → ${row.target ?? 'none'}`}`,
      ...(row.byHand === null ? [] : [`     ${row.byHand}`]),
    ]),
    `${rows.filter(({ change }) => change === 'differs').length} differ, ${same} are the same`,
  ].join('\n');
}

/** Every line of it, so that nothing in a name or value can leave the comment. */
const comment = (text: string) =>
  text
    .split(/[\r\n]+/)
    .map((line) => `# ${line}`)
    .join('\n');

/** A shell script, to be read first: what takes something away, and what nobody but a person can do, is a comment. */
export const configCommands = ({ source, target, rows }: Diff): string =>
  [
    `# makes the settings of ${target.vault} (${target.id}) what those of ${source.vault} (${source.id}) are`,
    ...rows.flatMap(({ setting, command, removes, byHand }) => [
      ...(byHand === null ? [] : [comment(`${setting}: ${byHand}`)]),
      ...(command === null ? [] : [removes ? comment(command) : command]),
    ]),
  ].join('\n');
