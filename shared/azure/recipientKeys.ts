/** The RecipientKeys on the real Key Vault SDK clients: the keys of one vault. */
import { BackupError } from '../domain/errors.ts';
import type { RecipientKeys } from '../ports/recipientKeys.ts';
import { dataAction, type KeyVaultOptions, keyVaultClients } from './keyVaultClients.ts';

const base64url = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64url');

export function recipientKeys(options: KeyVaultOptions): RecipientKeys {
  const { keys, crypto, call } = keyVaultClients(options);
  return {
    publicKey(keyId) {
      const [, , , , name = '', version] = keyId.split('/');
      return call(
        { operation: `get of the recipient ${keyId}`, permission: dataAction('key', 'read') },
        async () => {
          const { id, key, keyType } = await keys().getKey(name, version ? { version } : {});
          if (!keyType?.startsWith('RSA') || !id)
            throw new BackupError('invalid', `the recipient ${keyId} is a key of type ${keyType}, not RSA`, {
              hint: 'Name an RSA key among the recipients: content keys are wrapped with RSA-OAEP-256.',
            });
          return { kid: id, n: base64url(key?.n), e: base64url(key?.e) };
        },
      );
    },

    unwrap: (kid, encryptedKey) =>
      call(
        {
          operation: `unwrapping with ${kid}`,
          permission: 'Microsoft.KeyVault/vaults/keys/unwrap/action',
          hush: true,
        },
        async () => (await crypto(kid).unwrapKey('RSA-OAEP-256', encryptedKey)).result,
      ),
  };
}
