/**
 * The Azure resource id of a vault, where an entry of the plans or targets has one. The infrastructure reads the same files,
 * and gives roles, audit logs and private endpoints to the vaults that it names; the apps read the vault's own settings by it.
 */
import { z } from 'zod';

const shape =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i;

export const vaultResourceId = z
  .string()
  .regex(shape, 'write /subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/…')
  .optional()
  .describe(
    'Where the vault is in Azure: lets the infrastructure assign its roles, and the app record the vault’s own settings.',
  );

/** True if there is none that is one, or its last part is the vault's name: a role on another vault would help nobody. */
export const namesTheVault = ({ name, resourceId }: { name: string; resourceId?: string | undefined }) =>
  resourceId === undefined ||
  !shape.test(resourceId) ||
  resourceId.split('/').at(-1)?.toLowerCase() === name.toLowerCase();

export const otherVault = 'resourceId: ends with the name of another vault; write this vault’s own';
