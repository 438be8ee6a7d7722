/** The retention policy, by the real management client: read by the app every day, locked by a person and by nobody else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lockRetention } from '../../scripts/lockRetention.ts';
import { armRetention } from '../../shared/azure/retention.ts';
import { storageResourceOf } from '../../shared/domain/retention.ts';
import { checkRetention } from '../../shared/watch/checkRetention.ts';
import { account, credential, startArm } from './armServer.ts';

let arm: Awaited<ReturnType<typeof startArm>>;
beforeAll(async () => {
  arm = await startArm();
});
afterAll(() => arm.stop());
beforeEach(() => {
  arm.policies.clear();
  arm.requests.length = 0;
  arm.failWith(null);
});

const unlocked = (days: number) => ({ state: 'Unlocked' as const, days, etag: '"1"' });
const locked = (days: number) => ({ ...unlocked(days), state: 'Locked' as const });

describe('the daily look', () => {
  async function look() {
    const resource = storageResourceOf(account);
    if (!resource) throw new Error('no resource');
    const said: unknown[] = [];
    await checkRetention({
      retention: armRetention({
        resource,
        container: 'backups',
        credential,
        cloud: 'public',
        endpoint: arm.url,
      }),
      events: { emit: (event, fields) => void said.push({ event, ...fields }) },
      settings: { retentionDays: 90, fullEveryDays: 7 },
    });
    return said;
  }
  const mutable = (immutability: string, reason: unknown) => [
    { event: 'storage.mutable', vault: null, plan: null, immutability, reason },
  ];

  test('says nothing of a policy that is locked and long enough', async () => {
    arm.policies.set('backups', locked(98));
    expect(await look()).toEqual([]);
    expect(arm.requests).toHaveLength(1);
  });

  test.each([
    ['unlocked', unlocked(98), 'the retention policy is not locked'],
    ['a day too short', locked(97), 'the retention policy keeps blobs for 97 days, and 98 are needed'],
  ])('says so where it is %s', async (_, policy, reason) => {
    arm.policies.set('backups', policy);
    expect(await look()).toEqual(mutable('policy', reason));
  });

  test('says so where there is none', async () => {
    expect(await look()).toEqual(mutable('none', 'there is no retention policy'));
  });

  test('says so where it may not be read', async () => {
    arm.failWith(403);
    expect(await look()).toEqual(mutable('unknown', expect.stringContaining('cannot be read')));
  });
});

describe('locking', () => {
  async function lock(
    container: string,
    answer: string,
    before: () => void = () => {},
    resourceId = account,
  ) {
    const said: string[] = [];
    const ask = async (question: string) => {
      said.push(question);
      before();
      return answer;
    };
    const say = (line: string) => void said.push(line);
    const result = await lockRetention({ resourceId, container, credential, ask, say, endpoint: arm.url });
    return { result, said: said.join('\n') };
  }
  const stateOf = (container: string) => arm.policies.get(container)?.state;

  test('says what becomes irreversible, and locks when the name is typed', async () => {
    arm.policies.set('backups', unlocked(98));
    const { result, said } = await lock('backups', 'backups\n');
    expect(result).toBe('locked');
    expect(stateOf('backups')).toBe('Locked');
    expect(said).toMatch(/98 days.*cannot be undone.*five times.*cannot be deleted.*Type the container/s);
  });

  test.each(['', 'yes', 'y', 'audit', 'Backups'])('changes nothing for the answer "%s"', async (answer) => {
    arm.policies.set('backups', unlocked(98));
    expect((await lock('backups', answer)).result).toBe('refused');
    expect(stateOf('backups')).toBe('Unlocked');
  });

  test('asks nothing where it is locked already', async () => {
    arm.policies.set('audit', locked(400));
    expect((await lock('audit', 'audit')).result).toBe('alreadyLocked');
    expect(arm.requests).toHaveLength(1);
  });

  test('does not lock what somebody changed while it asked', async () => {
    const policy = unlocked(98);
    arm.policies.set('backups', policy);
    const changed = () => void (policy.etag = '"2"');
    await expect(lock('backups', 'backups', changed)).rejects.toThrow('ETag differs');
    expect(stateOf('backups')).toBe('Unlocked');
  });

  test('as a command, refuses what it cannot do and says what to write', async () => {
    const script = path.join(import.meta.dirname, '../../scripts', 'lockRetention.ts');
    const env = { ...process.env, BACKUP_STORAGE_RESOURCE_ID: '' };
    const child = spawn(process.execPath, [script, 'backups'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(said).toContain('BACKUP_STORAGE_RESOURCE_ID: write /subscriptions/');
    expect(code).toBe(1);
  });

  test('refuses a container without a policy, an unknown one, and an id that is none', async () => {
    await expect(lock('backups', 'backups')).rejects.toThrow('has no retention policy');
    await expect(lock('state', 'state')).rejects.toThrow('one of backups, audit, safety');
    await expect(lock('backups', 'backups', () => {}, '/subscriptions/x')).rejects.toThrow(
      'BACKUP_STORAGE_RESOURCE_ID',
    );
    expect(arm.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });
});
