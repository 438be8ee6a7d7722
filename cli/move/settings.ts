/**
 * What of the vaults' own settings must be set again: the source's newest record against one of the target made now.
 * Null where that cannot be known; the report then says what to set by hand. A move does not fail over it.
 */
import { configDiff } from '../../shared/domain/answers.ts';
import { settingsAgain } from '../../shared/domain/moveAdvice.ts';
import type { ConfigRow } from '../../shared/domain/vaultConfig.ts';
import { routeOf } from '../call.ts';
import { askConfig, recordConfig } from '../configRecords.ts';
import { Failure } from '../failure.ts';
import type { Kvb } from '../kvb.ts';

export async function settingsBetween(kvb: Kvb, from: string, to: string): Promise<ConfigRow[] | null> {
  const query = new URLSearchParams({ against: to }).toString();
  try {
    await recordConfig(kvb, to, 'restore');
    const route = `${routeOf`vaults/${from}/configuration/diff`}?${query}`;
    const { value } = await askConfig(kvb, { route, answer: configDiff });
    return settingsAgain(value.rows, [...value.source.gaps, ...value.target.gaps]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    kvb.note(`the settings of the two vaults are not known: ${error.message}`);
    return null;
  }
}
