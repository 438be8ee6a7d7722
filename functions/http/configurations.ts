/** A vault's own settings: ask for a record now, read one, and what differs between two, with the commands that would set it. */
import { z } from 'zod';
import { configAccepted, configDiff, configView } from '../../shared/domain/answers.ts';
import type { TakeConfig } from '../../shared/domain/jobs.ts';
import { runsBackups, runsRestores } from '../app.ts';
import { Problem } from './problem.ts';
import { anyVaultParam, bodyOf, type Call, queryOf, registerRoute } from './route.ts';

const name = z.string('write the name of a vault').regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault');
const moment = z
  .string()
  .max(64)
  .default('latest')
  .describe('The id of a record, an instant (the newest record by then) or `latest`.');
const body = z.strictObject({
  vault: name.describe('A source of the backup app, or a target of the restore app.'),
});
const route = 'vaults/{vault}/configuration';

registerRoute('postConfigurations', {
  method: 'POST',
  route: 'configurations',
  summary:
    'Records the settings of a vault now: of a source (backup app), or of a restore target (restore app).',
  roles: ['Backup.Run', 'Restore.Execute'],
  apps: 'both',
  body,
  answers: {
    202: {
      description: 'Accepted. The record is made as a job; what cannot be read is a gap in it.',
      schema: configAccepted,
      headers: { location: 'Where to look at it.', 'retry-after': 'Seconds until it is worth asking.' },
    },
  },
  problems: { 404: 'This app calls no such vault.' },
  handler: async (call) => {
    const { vault } = await bodyOf(call.request, body);
    const whose = whoseOf(call, vault);
    const { id } = await call.app.requestConfig(whose, call.events);
    return {
      status: 202,
      headers: { location: `/api/vaults/${whose.vault}/configuration?at=${id}`, 'retry-after': '2' },
      jsonBody: { vault: whose.vault, id },
    };
  },
});

/** Each app calls only its own vaults. */
function whoseOf({ app }: Call, wanted: string): Pick<TakeConfig, 'vault' | 'role'> {
  const source = runsBackups ? app.findVault(wanted) : null;
  if (source) return { vault: source.vault.name, role: 'source' };
  const targets = runsRestores ? [...app.config.restoreTargets.values()].flat() : [];
  const target = targets.find((one) => one.name.toLowerCase() === wanted.toLowerCase());
  if (target) return { vault: target.name, role: 'target' };
  throw new Problem(
    'notFound',
    `vault: this app calls no vault "${wanted}"`,
    'Ask the backup app for a vault of its plans, the restore app for one of RESTORE_TARGETS.',
  );
}

const asked = z.strictObject({ at: moment });

registerRoute('getConfiguration', {
  method: 'GET',
  route,
  summary:
    'The settings of a vault as they were recorded: SKU, network, access, protection, issuers, rotation.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  query: asked,
  answers: { 200: { description: 'With what could not be read, and why.', schema: configView } },
  problems: { 400: 'A parameter is no id or instant.', 404: 'There is no record (yet).' },
  handler: async (call) => {
    const { at } = queryOf(call.request, asked);
    return { status: 200, jsonBody: await call.app.configurationOf(anyVaultParam(call), at, call.events) };
  },
});

const compared = z.strictObject({
  from: moment,
  to: moment,
  against: name.optional().describe('Another vault, to which `to` then belongs; without it the same one.'),
});

registerRoute('getConfigurationDiff', {
  method: 'GET',
  route: `${route}/diff`,
  summary:
    'What differs between the settings of a vault and those of another vault or moment, with az commands.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  query: compared,
  answers: {
    200: {
      description:
        'The commands make the target (`to`) what the source (`from`) is. Nothing is ever set by this service.',
      schema: configDiff,
    },
  },
  problems: { 400: 'A parameter is no id, instant or name.', 404: 'There is no such record.' },
  handler: async (call) => {
    const { against = null, ...moments } = queryOf(call.request, compared);
    const diff = await call.app.diffConfigurations(
      { vault: anyVaultParam(call), ...moments, against },
      call.events,
    );
    return { status: 200, jsonBody: diff };
  },
});
