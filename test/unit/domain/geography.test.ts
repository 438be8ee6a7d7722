/** Regions and the geographies that a native blob cannot leave; the URLs of vaults. */
import { describe, expect, test } from 'vitest';
import { compareGeography, geographyOf, type SameGeography } from '../../../shared/domain/geography.ts';
import { type Cloud, vaultUrl } from '../../../shared/domain/vaultUrl.ts';

test.each<[string | null, string | null, SameGeography]>([
  ['westeurope', 'westeurope', 'same'],
  ['westeurope', 'northeurope', 'same'],
  ['eastus', 'westus3', 'same'],
  ['West Europe', 'northeurope', 'same'],
  ['WESTEUROPE', 'westeurope', 'same'],
  ['westeurope', 'germanywestcentral', 'different'],
  ['uksouth', 'westeurope', 'different'],
  ['eastus', 'usgovvirginia', 'different'],
  // Each a world of its own (overview-security-worlds).
  ['usdodeast', 'usdodcentral', 'different'],
  // A region that the table does not know is equal only to itself.
  ['atlantis1', 'atlantis1', 'same'],
  ['atlantis1', 'atlantis2', 'unknown'],
  ['atlantis1', 'westeurope', 'unknown'],
  [null, 'westeurope', 'unknown'],
  ['westeurope', null, 'unknown'],
  [null, null, 'unknown'],
])('%s and %s: %s', (source, target, expected) => {
  expect([compareGeography(source, target), compareGeography(target, source)]).toEqual([expected, expected]);
});

test.each<[string | null, string | null]>([
  ['westeurope', 'Europe'],
  ['Brazil South', 'Brazil'],
  ['constructor', null],
  ['', null],
  [null, null],
])('the geography of %s is %s', (region, geography) => {
  expect(geographyOf(region)).toBe(geography);
});

describe('the address of a vault', () => {
  test.each<[string, string | undefined, Cloud, string]>([
    ['Contoso', undefined, 'public', 'https://contoso.vault.azure.net'],
    ['contoso', undefined, 'china', 'https://contoso.vault.azure.cn'],
    ['contoso', undefined, 'usgovernment', 'https://contoso.vault.usgovcloudapi.net'],
    ['local', 'https://localhost:9443', 'public', 'https://localhost:9443'],
    ['local', 'https://localhost:9443//', 'china', 'https://localhost:9443'],
  ])('%s with %s in %s', (name, url, cloud, expected) => {
    expect(vaultUrl({ name, url }, cloud)).toBe(expected);
  });
});
