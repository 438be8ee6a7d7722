/**
 * Opens the portable copy of an object: the bytes that its line names, bound to that object by their header, their
 * content key unwrapped by the vault of a recipient's key. Only keys that the settings name are asked, whatever a copy
 * says of its recipients. Nothing of the content stands in an error.
 */
import { parsePortableName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import { NotOpened, readCopy, type SealedCopy } from '../domain/openCopy.ts';
import { boundToOther, type CopyContent } from '../domain/portableCopy.ts';
import type { PortableLine } from '../domain/portablePoint.ts';
import type { RestoreDeps } from './deps.ts';

type OpenDeps = Pick<RestoreDeps, 'backups' | 'recipients'>;

export async function openPortable(line: PortableLine, deps: OpenDeps): Promise<CopyContent> {
  const copy = await readSealed(line, deps);
  const bound = {
    vault: parsePortableName(line.blob ?? '')?.vault ?? '',
    kind: line.kind,
    name: line.name,
    version: line.currentVersion ?? '',
    runId: line.runId ?? '',
  };
  const other = boundToOther(copy.header, bound);
  if (other) throw corrupt(line, `is the copy of another object: ${other}`);
  return unwrapped(line, copy, deps);
}

async function readSealed(line: PortableLine, { backups }: OpenDeps): Promise<SealedCopy> {
  const found = await backups.read(line.blob ?? '');
  if (!found) throw corrupt(line, 'is missing');
  if (sha256Hex(found.bytes) !== line.sha256 || found.bytes.length !== line.size)
    throw corrupt(line, 'does not have the recorded SHA-256 and size');
  try {
    return readCopy(found.bytes);
  } catch (error) {
    throw corrupt(line, error instanceof NotOpened ? error.message : 'cannot be read');
  }
}

/** Each recipient whose key may be used is tried. An outage of one is waited for only if no other opens it. */
async function unwrapped(line: PortableLine, copy: SealedCopy, deps: OpenDeps): Promise<CopyContent> {
  const refused: string[] = [];
  let passing: BackupError | NotNow | null = null;
  for (const { kid, encryptedKey } of copy.recipients.filter((one) => deps.recipients.allows(one.kid))) {
    try {
      return copy.open(await deps.recipients.unwrap(kid, encryptedKey));
    } catch (error) {
      if (error instanceof NotOpened) refused.push(`${kid}: ${error.message}`);
      else if (error instanceof NotNow) passing = error;
      else {
        const known = asBackupError(error);
        if (known.code === 'unreachable' || known.code === 'throttled') passing ??= known;
        else refused.push(`${known.code}: ${known.message}`);
      }
    }
  }
  if (passing) throw passing;
  const others = copy.recipients.map(({ kid }) => kid).join(', ');
  const why =
    refused.length > 0 ? refused.join('; ') : `none of its recipients is in RECIPIENT_KEYS: ${others}`;
  throw new BackupError('forbidden', `the copy of ${objectKey(line)} cannot be opened: ${why}`, {
    hint: 'Recover or enable that version of the recipient’s key, or name its key in RECIPIENT_KEYS and let the restore app unwrap with it; or open the copy with an offline key: kvb open-portable.',
  });
}

const corrupt = (line: PortableLine, what: string) =>
  new BackupError('corruptBlob', `the copy ${line.blob} of ${objectKey(line)} ${what}`, {
    hint: 'Its bytes are not those that were sealed. Choose another recovery point, and find out who could change the container; nothing of this object was sent to the vault.',
  });
