/**
 * Region → geography, the boundary that a native blob cannot cross. From the documented list of Azure regions
 * (ARM: locations, metadata.geography; overview-security-worlds names the exceptions: US DoD East and Central are each
 * a world of their own). A region that is not here is simply not judged: the vault will tell.
 */
const regionsOf: Readonly<Record<string, string>> = {
  'United States':
    'centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 westus3 eastus2euap centraluseuap',
  'US Government': 'usgovvirginia usgovarizona usgovtexas',
  'US DoD East': 'usdodeast',
  'US DoD Central': 'usdodcentral',
  Canada: 'canadacentral canadaeast',
  Brazil: 'brazilsouth brazilsoutheast',
  Mexico: 'mexicocentral',
  Chile: 'chilecentral',
  Europe: 'northeurope westeurope',
  France: 'francecentral francesouth',
  Germany: 'germanywestcentral germanynorth',
  Norway: 'norwayeast norwaywest',
  Switzerland: 'switzerlandnorth switzerlandwest',
  Sweden: 'swedencentral swedensouth',
  Italy: 'italynorth',
  Poland: 'polandcentral',
  Spain: 'spaincentral',
  Austria: 'austriaeast',
  'United Kingdom': 'uksouth ukwest',
  'South Africa': 'southafricanorth southafricawest',
  UAE: 'uaenorth uaecentral',
  Qatar: 'qatarcentral',
  Israel: 'israelcentral',
  India: 'centralindia southindia westindia jioindiawest jioindiacentral',
  'Asia Pacific': 'eastasia southeastasia',
  Japan: 'japaneast japanwest',
  Korea: 'koreacentral koreasouth',
  Malaysia: 'malaysiawest',
  Indonesia: 'indonesiacentral',
  Australia: 'australiaeast australiasoutheast australiacentral australiacentral2',
  'New Zealand': 'newzealandnorth',
  China: 'chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3',
};

const geographyOfRegion = new Map(
  Object.entries(regionsOf).flatMap(([geography, regions]) =>
    regions.split(' ').map((region) => [region, geography] as const),
  ),
);

/** Null for a region that this table does not know. */
export const geographyOf = (region: string | null): string | null =>
  region === null ? null : (geographyOfRegion.get(region.toLowerCase().replaceAll(' ', '')) ?? null);

export type SameGeography = 'same' | 'different' | 'unknown';

export function compareGeography(source: string | null, target: string | null): SameGeography {
  if (source !== null && source === target) return 'same';
  const [from, to] = [geographyOf(source), geographyOf(target)];
  if (from === null || to === null) return 'unknown';
  return from === to ? 'same' : 'different';
}
