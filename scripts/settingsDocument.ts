/** docs/settings.md, made of the schemas that parse the settings; a test says when it is not current. */
import { z } from 'zod';
import { planSchema } from '../shared/domain/plans.ts';
import { targetSchema } from '../shared/domain/restoreTargets.ts';
import { settingGroups } from '../shared/settings.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

const intro = `# Settings

Made by \`npm run settings\` from the schemas that the app parses its settings with; a test says when this page is not current.

[local.settings.sample.json](../local.settings.sample.json) has all of them. They are read once, at start; every problem is reported at once, with what to write instead, and then no function registers.`;

const plans = `## A plan

\`BACKUP_PLANS\` is a JSON array of plans:
\`\`\`json
[{ "name": "payments", "schedule": "0 0 2 * * *", "vaults": ["contoso-payments"],
   "justification": "PCI DSS 3.6: key custody outside the production tenant's reach",
   "exclude": ["secrets/tmp-*"] }]
\`\`\``;

const targets = `## A restore target

\`RESTORE_TARGETS\` is a JSON object: each source vault with its targets, a name or an object.
\`\`\`json
{ "contoso-payments": ["contoso-payments-dr", { "name": "contoso-drill", "allowReplace": true }] }
\`\`\``;

export function settingsDocument(): string {
  const groups = Object.entries(settingGroups).map(([title, shape]) => `## ${title}\n\n${table(shape)}`);
  return `${[intro, ...groups, plans, table(planSchema.shape), targets, table(targetSchema.shape)].join('\n\n')}\n`;
}

function table(shape: Shape): string {
  const rows = Object.entries(shape).map(([name, schema]) => rowOf(name, schema));
  return ['| setting | values | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function rowOf(name: string, schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const { description } = json;
  if (description === undefined) throw new Error(`${name} says nothing of itself: .describe() it`);
  const fallback = schema.safeParse(undefined);
  const byDefault = fallback.success && fallback.data !== undefined ? `\`${told(fallback.data)}\`` : '';
  const cells = [`\`${name}\``, valuesOf(json), byDefault, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const told = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function valuesOf(json: z.core.JSONSchema.BaseSchema): string {
  if (typeof json['values'] === 'string') return json['values'];
  const from = json.minimum ?? (json.exclusiveMinimum === 0 ? 'over 0' : undefined);
  if (from !== undefined && json.maximum !== undefined) return `${from} to ${json.maximum}`;
  if (json.type === 'boolean') return '`true`, `false`';
  return json.format === 'uri' ? 'a URL' : 'a text';
}
