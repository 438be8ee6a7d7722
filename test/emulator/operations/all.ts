/** Every operation the emulator serves: the routing table. */
import type { Operation } from '../call.ts';
import { backupOperations } from './backup.ts';
import { certificateCreationOperations } from './certificateCreation.ts';
import { pendingOperations } from './certificatePending.ts';
import { certificateOperations } from './certificates.ts';
import { contactOperations } from './contacts.ts';
import { deletedOperations } from './deleted.ts';
import { issuerOperations } from './issuers.ts';
import { keyCryptoOperations } from './keyCrypto.ts';
import { keyRotationOperations } from './keyRotation.ts';
import { keyOperations } from './keys.ts';
import { secretOperations } from './secrets.ts';

export const allOperations: Operation[] = [
  ...secretOperations,
  ...keyOperations,
  ...keyRotationOperations,
  ...keyCryptoOperations,
  ...certificateOperations,
  ...certificateCreationOperations,
  ...pendingOperations,
  ...contactOperations,
  ...issuerOperations,
  ...deletedOperations,
  ...backupOperations,
];
