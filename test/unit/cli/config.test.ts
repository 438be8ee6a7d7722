/** `kvb config`: which app it asks for what, what it waits for, and what a script may rely on. */
import { expect, test } from 'vitest';
import { configRows } from '../../../shared/domain/vaultConfigRows.ts';
import { kvb } from '../../e2e/kvb.ts';
import { posixWords } from '../../fakes/posixWords.ts';
import { configOf, otherConfig } from '../../fakes/vaultConfigs.ts';
import { type ScriptedAnswer, scriptedApp } from './scriptedApp.ts';

const id = '20261122T020000Z';
const [here, there] = [configOf('contoso'), otherConfig('contoso-dr')];
const sideOf = (vault: string) => ({ vault, id, takenAt: here.takenAt, gaps: [] });
const diffOf = (rows: ReturnType<typeof configRows>) => ({
  body: { source: sideOf('contoso'), target: sideOf('contoso-dr'), same: 3, rows },
});
const rows = configRows(here, there).filter(({ change }) => change !== 'same');
const record = { body: { id, configuration: here } };
const refused = (status: number, detail: string): ScriptedAnswer => ({
  status,
  body: { type: 'about:blank', title: 'x', status, code: 'notFound', detail, hint: 'y' },
});

async function say(backup: ScriptedAnswer[], restore: ScriptedAnswer[] | null, ...words: string[]) {
  const apps = { backup: await scriptedApp(...backup), restore: restore && (await scriptedApp(...restore)) };
  const env = {
    KVB_BACKUP_URL: apps.backup.url,
    ...(apps.restore ? { KVB_RESTORE_URL: apps.restore.url } : {}),
  };
  const said = await kvb(['config', 'contoso', ...words], { env, sleep: async () => {} });
  const asked = (app: { asked: { method?: string | undefined; url?: string | undefined }[] } | null) =>
    app?.asked.map(({ method, url }) => `${method} ${url}`) ?? [];
  return { ...said, asked: { backup: asked(apps.backup), restore: asked(apps.restore) } };
}

test('shows each setting, and what could not be read', async () => {
  const gaps = [{ part: 'issuers', reason: 'refused' }];
  const { out, exitCode } = await say([{ body: { id, configuration: { ...here, gaps } } }], null);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^ {2}sku: premium$/m);
  expect(out).toMatch(/^ {2}tag team: the payments' team$/m);
  expect(out).toMatch(/^\? {2}issuers of contoso: refused$/m);
});

test('asks the restore app where there is one: it alone has looked at targets', async () => {
  const { asked } = await say([record], [diffOf(rows)], '--against', 'contoso-dr', '--at', id);
  expect(asked).toEqual({
    backup: [],
    restore: [`GET /api/vaults/contoso/configuration/diff?from=${id}&against=contoso-dr`],
  });
});

test('--since compares with what is recorded as the latest', async () => {
  const { asked } = await say([diffOf(rows)], null, '--since', '2026-11-01T00:00:00Z');
  expect(asked.backup).toEqual([
    'GET /api/vaults/contoso/configuration/diff?from=2026-11-01T00%3A00%3A00.000Z&to=latest',
  ]);
});

const accepted = { status: 202, body: { vault: 'contoso', id } };
const none = refused(404, 'no record yet');
const look = (vault: string) => `GET /api/vaults/${vault}/configuration?at=${id}`;

test('--now asks the app that calls the vault, and waits for that record', async () => {
  const { asked, exitCode } = await say([accepted, none, none, record], null, '--now');
  expect(exitCode).toBe(0);
  expect(asked.backup).toEqual([
    'POST /api/configurations',
    ...[1, 2, 3].map(() => look('contoso')),
    'GET /api/vaults/contoso/configuration?at=latest',
  ]);
});

test('--now with --against asks for the other vault alone: the first may be gone', async () => {
  const { asked, exitCode } = await say(
    [refused(404, 'this app calls no vault')],
    [accepted, none, record, diffOf(rows)],
    '--now',
    '--against',
    'contoso-dr',
  );
  expect(exitCode).toBe(0);
  expect(asked.backup).toEqual(['POST /api/configurations']);
  expect(asked.restore).toEqual([
    'POST /api/configurations',
    look('contoso-dr'),
    look('contoso-dr'),
    'GET /api/vaults/contoso/configuration/diff?from=latest&against=contoso-dr',
  ]);
});

test('--exit-code is 1 if anything but the contacts differs', async () => {
  const contacts = rows.filter(({ setting }) => setting === 'certificate contacts');
  expect((await say([diffOf(rows)], null, '--since', id, '--exit-code')).exitCode).toBe(1);
  expect((await say([diffOf(contacts)], null, '--since', id, '--exit-code')).exitCode).toBe(0);
});

test('--commands is a script in which what takes away is a comment, whatever a value holds', async () => {
  const evil = rows.map((row) =>
    row.setting === 'tag only-there' ? { ...row, command: "az tag update --tags 'a=\nrm -rf /'" } : row,
  );
  const { out } = await say([diffOf(evil)], null, '--against', 'contoso-dr', '--commands');
  const lines = out.split('\n').filter((line) => line !== '');
  const run = lines.filter((line) => !line.startsWith('# '));
  expect(run.every((line) => posixWords(line)[0] === 'az')).toBe(true);
  expect(run).toEqual(rows.flatMap(({ command, removes }) => (command && !removes ? [command] : [])));
  expect(lines.filter((line) => /delete-policy|issuer delete/.test(line))).toHaveLength(2);
  expect(lines.at(-1)).toContain('--enable-purge-protection true');
});
