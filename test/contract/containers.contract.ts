/** What every container promises, whatever it is made of. Run on the memory fake and on real Blob clients. */
import { describe, expect, test } from 'vitest';
import type { BackupContainer, StateContainer } from '../../shared/ports/containers.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const blob = (text: string, metadata = {}) => ({
  bytes: bytes(text),
  contentType: 'application/octet-stream',
  metadata,
});
const names = async (items: AsyncIterable<{ name: string }>) =>
  (await Array.fromAsync(items)).map(({ name }) => name);

export function immutableContainerContract(title: string, open: () => Promise<BackupContainer>): void {
  describe(title, () => {
    test('creates once; the second writer is told, and the first bytes stay', async () => {
      const container = await open();
      expect(await container.create('a/one', blob('first'))).toBe('created');
      expect(await container.create('a/one', blob('second'))).toBe('exists');
      expect(Buffer.from((await container.read('a/one'))?.bytes ?? []).toString()).toBe('first');
    });

    test('lets exactly one of many writers of a name win', async () => {
      const container = await open();
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, i) => container.create('b/race', blob(`writer ${i}`))),
      );
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
    });

    test('keeps bytes and metadata as they were given', async () => {
      const container = await open();
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await container.create('c/bytes', {
        bytes: all,
        contentType: 'application/octet-stream',
        metadata: { sha256: 'ab', runid: 'x' },
      });
      const found = await container.read('c/bytes');
      expect([...(found?.bytes ?? [])]).toEqual([...all]);
      expect(found?.facts).toMatchObject({
        name: 'c/bytes',
        size: 256,
        metadata: { sha256: 'ab', runid: 'x' },
      });
      expect(await container.facts('c/bytes')).toMatchObject({
        size: 256,
        metadata: { sha256: 'ab', runid: 'x' },
      });
    });

    test('has null for what is not there', async () => {
      const container = await open();
      expect(await container.facts('d/none')).toBeNull();
      expect(await container.read('d/none')).toBeNull();
    });

    test('lists by prefix in order of name, with size, metadata and the store’s time', async () => {
      const container = await open();
      for (const name of ['e/2', 'e/1', 'e/10', 'f/1'])
        await container.create(name, blob(name, { kind: 'secret' }));
      expect(await names(container.list('e/'))).toEqual(['e/1', 'e/10', 'e/2']);
      const [first] = await Array.fromAsync(container.list('e/1'));
      expect(first).toMatchObject({ size: 3, metadata: { kind: 'secret' } });
      expect(first?.lastModified).toBeInstanceOf(Date);
    });

    test('says whether there is an immutability policy', async () => {
      expect(await (await open()).immutability()).toBe('policy');
    });
  });
}

export function stateContainerContract(title: string, open: () => Promise<StateContainer>): void {
  describe(title, () => {
    test('replaces only what it was given the tag of', async () => {
      const state = await open();
      expect(await state.replace('s/one', bytes('1'), null)).toBe('replaced');
      const held = await state.readTagged('s/one');
      expect(Buffer.from(held?.bytes ?? []).toString()).toBe('1');
      expect(await state.replace('s/one', bytes('2'), held?.etag ?? '')).toBe('replaced');
      expect(await state.replace('s/one', bytes('3'), held?.etag ?? '')).toBe('lost');
      expect(Buffer.from((await state.readTagged('s/one'))?.bytes ?? []).toString()).toBe('2');
    });

    test('creates with a null tag only if there is nothing', async () => {
      const state = await open();
      await state.replace('s/two', bytes('1'), null);
      expect(await state.replace('s/two', bytes('2'), null)).toBe('lost');
    });

    test('lets exactly one of two holders of a tag win', async () => {
      const state = await open();
      await state.replace('s/three', bytes('0'), null);
      const etag = (await state.readTagged('s/three'))?.etag ?? '';
      const results = await Promise.all(
        ['a', 'b', 'c', 'd'].map((text) => state.replace('s/three', bytes(text), etag)),
      );
      expect(results.filter((result) => result === 'replaced')).toHaveLength(1);
    });

    test('tells the store’s time', async () => {
      expect(await (await open()).serverTime()).toBeInstanceOf(Date);
    });
  });
}
