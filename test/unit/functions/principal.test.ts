/** Who may call: the platform's header counts only where the platform writes it. */
import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { demandRole, type Role } from '../../../functions/http/principal.ts';
import { Problem } from '../../../functions/http/problem.ts';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const principal = (...roles: string[]) => base64({ claims: roles.map((val) => ({ typ: 'roles', val })) });
const request = (header?: string) =>
  new HttpRequest({
    method: 'POST',
    url: 'https://app/api/backups',
    headers: header === undefined ? {} : { 'x-ms-client-principal': header },
  });
const entra = { apiAuth: 'entra', platformAuthEnabled: true } as const;

function refusal(role: Role, header: string | undefined, config: Parameters<typeof demandRole>[2] = entra) {
  try {
    demandRole([role], request(header), config);
    return 'admitted';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

describe('with the platform’s sign-in', () => {
  test.each<[string, Role, string | undefined, string]>([
    ['the role itself', 'Backup.Run', principal('Backup.Run'), 'admitted'],
    ['the role among others', 'Backup.Read', principal('Backup.Run', 'Backup.Read'), 'admitted'],
    ['another role', 'Backup.Run', principal('Backup.Read'), 'forbidden'],
    ['a role that only begins like it', 'Backup.Run', principal('Backup.Runner'), 'forbidden'],
    ['a role in another case', 'Backup.Run', principal('backup.run'), 'forbidden'],
    ['no role', 'Backup.Read', principal(), 'forbidden'],
    [
      'the role as another claim',
      'Backup.Run',
      base64({ claims: [{ typ: 'name', val: 'Backup.Run' }] }),
      'forbidden',
    ],
    [
      'the role as the long claim',
      'Backup.Run',
      base64({
        claims: [{ typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role', val: 'Backup.Run' }],
      }),
      'admitted',
    ],
    ['no header', 'Backup.Read', undefined, 'unauthorized'],
    ['an empty header', 'Backup.Read', '', 'unauthorized'],
    ['no base64', 'Backup.Read', '%%%', 'unauthorized'],
    ['base64 of no JSON', 'Backup.Read', Buffer.from('hello').toString('base64'), 'unauthorized'],
    ['JSON without claims', 'Backup.Read', base64({ roles: ['Backup.Read'] }), 'unauthorized'],
    ['claims of another shape', 'Backup.Read', base64({ claims: ['Backup.Read'] }), 'unauthorized'],
    ['null', 'Backup.Read', base64(null), 'unauthorized'],
  ])('%s for %s', (_what, role, header, expected) => {
    expect(refusal(role, header)).toBe(expected);
  });

  test('a refusal names the role and how to get it', () => {
    expect(() => demandRole(['Backup.Run'], request(principal()), entra)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('Backup.Run'),
        hint: expect.stringContaining('Backup.Run'),
      }),
    );
  });
});

test('without the platform’s sign-in the header is anybody’s, and nobody is admitted', () => {
  const config = { apiAuth: 'entra', platformAuthEnabled: false } as const;
  expect(refusal('Backup.Run', principal('Backup.Run'), config)).toBe('unauthorized');
  expect(refusal('Backup.Run', undefined, config)).toBe('unauthorized');
});

test.each([true, false])(
  'with keys the host has checked already (platform sign-in %s)',
  (platformAuthEnabled) => {
    expect(refusal('Backup.Run', undefined, { apiAuth: 'key', platformAuthEnabled })).toBe('admitted');
  },
);
