/** A verification's id says where its record lies, whatever dashes and digits its vault's name has. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseVerificationRecordName,
  verificationId,
  verificationRecordName,
  verificationRecordPrefix,
} from '../../../shared/domain/blobNames.ts';
import { decodeVerifyMessage } from '../../../shared/domain/jobs.ts';
import { runIdOf } from '../../../shared/domain/runId.ts';

const vault = fc.stringMatching(/^[A-Za-z][0-9A-Za-z-]{1,22}[0-9A-Za-z]$/);
const instant = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map(runIdOf);
const suffix = fc.option(fc.stringMatching(/^[0-9a-f]{12}$/));

test('an id leads to its record below its vault, and back', () => {
  fc.assert(
    fc.property(vault, instant, suffix, (name, at, end) => {
      const id = verificationId(name, at, end);
      const record = verificationRecordName(id);
      expect(record.startsWith(verificationRecordPrefix(name))).toBe(true);
      expect(parseVerificationRecordName(record)).toEqual({ id, instant: at });
      const message = { v: 1, job: { type: 'advanceVerification', id }, notAfter: null, attempt: 0 };
      expect(decodeVerifyMessage(message)).toEqual(message);
    }),
  );
});

test('records sort as their instants do', () => {
  const names = ['20261122T053000Z', '20261123T053000Z'].map((at) =>
    verificationRecordName(verificationId('contoso', at, null)),
  );
  const asked = verificationRecordName(verificationId('contoso', '20261122T070000Z', '0123456789ab'));
  expect([...names, asked].sort()).toEqual([names[0], asked, names[1]]);
});

test.each([
  'verifications/contoso/20261122T053000Z.txt',
  'verifications/contoso/20261399T053000Z.json',
  'verifications/contoso/x/20261122T053000Z.json',
  'restores/contoso/20261122T053000Z.json',
  'verifications/contoso/latest.json',
])('%s is no record', (name) => expect(parseVerificationRecordName(name)).toBeNull());
