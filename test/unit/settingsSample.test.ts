/** The sample of the settings: complete, without anything that is not read, and good to start with. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../shared/config.ts';
import { settingsSchema } from '../../shared/settings.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../local.settings.sample.json', import.meta.url), 'utf8'),
) as { IsEncrypted: boolean; Values: Record<string, string> };

/** What the host reads for itself and the app does not. */
const ofTheHost = ['FUNCTIONS_WORKER_RUNTIME'];

test('it has exactly the settings that the app reads, and the host’s own', () => {
  expect(Object.keys(sample.Values).toSorted()).toEqual(
    [...Object.keys(settingsSchema.shape), ...ofTheHost].toSorted(),
  );
});

test('the app starts with it, on what it would assume anyway', () => {
  const config = parseConfig(sample.Values);
  const { AzureWebJobsStorage, BackupStorage, BACKUP_PLANS, API_AUTH } = sample.Values;
  expect(config).toEqual({
    ...parseConfig({ AzureWebJobsStorage, BackupStorage, BACKUP_PLANS, API_AUTH }),
    plans: config.plans,
    restoreTargets: config.restoreTargets,
  });
  expect(config.plans).toHaveLength(1);
  expect([...config.restoreTargets.values()].flat().map(({ allowReplace }) => allowReplace)).toEqual([false]);
});

test('values are texts and in the clear, as the host wants them', () => {
  expect(sample.IsEncrypted).toBe(false);
  expect(Object.values(sample.Values).every((value) => typeof value === 'string')).toBe(true);
});

test('it holds no key', () => {
  expect(JSON.stringify(sample)).not.toMatch(/AccountKey|SharedAccessSignature|sig=/);
});
