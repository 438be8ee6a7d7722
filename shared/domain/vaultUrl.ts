/** Vault names become URLs with the cloud's suffix (docs: "about keys, secrets and certificates"); a full URL stays. */
export type Cloud = 'public' | 'china' | 'usgovernment';

const suffixOf: Readonly<Record<Cloud, string>> = {
  public: 'vault.azure.net',
  china: 'vault.azure.cn',
  usgovernment: 'vault.usgovcloudapi.net',
};

export const vaultUrl = ({ name, url }: { name: string; url?: string | undefined }, cloud: Cloud): string =>
  url === undefined ? `https://${name.toLowerCase()}.${suffixOf[cloud]}` : url.replace(/\/+$/, '');
