/** Where Azure Resource Manager is, per cloud: the address, and whom its tokens are for. */
import type { Cloud } from '../domain/vaultUrl.ts';

export const resourceManagerOf: Readonly<Record<Cloud, string>> = {
  public: 'https://management.azure.com',
  china: 'https://management.chinacloudapi.cn',
  usgovernment: 'https://management.usgovcloudapi.net',
};

export const resourceManagerScope = (cloud: Cloud): string => `${resourceManagerOf[cloud]}/.default`;
