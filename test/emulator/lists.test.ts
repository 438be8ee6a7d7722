import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start({ vaults: [{ name: 'v1' }, { name: 'empty' }, { name: 'odd' }] });
  running.control.seed.many('v1', 60, (index) => `s-${String(index).padStart(2, '0')}`);
});
afterAll(() => running.stop());

async function pages(path: string, limit = 100): Promise<Json[]> {
  const found: Json[] = [];
  let next: string | null = path;
  while (next !== null && found.length < limit) {
    const { json } = await running.raw('GET', next, undefined, found.length === 0 ? {} : { version: null });
    found.push(json);
    const link: string | null = json['nextLink'] ?? null;
    const { origin } = new URL(running.vaults[0]?.url ?? '');
    expect(link ?? `${origin}/`).toMatch(new RegExp(`^${origin}/`));
    next = link === null ? null : link.slice(origin.length);
  }
  return found;
}

const nameOf = (item: Json): string => (item['id'] ?? '').split('/')[4] ?? '';

describe('a list', () => {
  it('has pages of 25, an empty one with a link in the middle, and null at the end', async () => {
    const found = await pages('/secrets');
    expect(found.map((page) => page['value']?.length)).toEqual([25, 0, 25, 10]);
    expect(found.map((page) => page['nextLink'] === null)).toEqual([false, false, false, true]);
    const names = found.flatMap((page) => (page['value'] ?? []).map(nameOf));
    expect(names).toHaveLength(60);
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(60);
  });

  it('repeats maxresults behind the token, which names the next object', async () => {
    const [first] = await pages('/secrets?maxresults=7', 1);
    expect(first?.['value']).toHaveLength(7);
    const link = new URL(first?.['nextLink'] ?? '');
    expect([...link.searchParams.keys()]).toEqual(['api-version', '$skiptoken', 'maxresults']);
    expect(first?.['nextLink']).toContain('&$skiptoken=');
    const token = JSON.parse(
      Buffer.from(link.searchParams.get('$skiptoken') ?? '', 'base64url').toString(),
    ) as {
      NextMarker: string;
    };
    const [version, length, marker = ''] = token.NextMarker.split('!');
    expect([version, Number(length)]).toEqual(['2', marker.length]);
    const plain = Buffer.from(marker.replaceAll('-', '='), 'base64').toString();
    expect(plain).toContain('!secrets/S-07!');
  });

  it.each(['0', '26', 'x', '-1'])('refuses maxresults=%s', async (value) => {
    expect((await running.raw('GET', `/secrets?maxresults=${value}`)).status).toBe(400);
  });

  it('refuses a token it did not make', async () => {
    expect((await running.raw('GET', '/secrets?$skiptoken=bm9uc2Vuc2U')).status).toBe(400);
  });

  it('is empty with a null link in an empty vault, and for versions of a missing object', async () => {
    for (const path of ['/secrets', '/deletedkeys', '/keys/none/versions', '/certificates/none/versions']) {
      const answer = await running.raw('GET', path, undefined, { vault: 'empty' });
      expect([answer.status, answer.json]).toEqual([200, { value: [], nextLink: null }]);
    }
  });

  it('carries no value and no version; versions carry theirs', async () => {
    const listed = (await running.raw('GET', '/secrets?maxresults=1')).json['value']?.[0];
    expect(listed).not.toHaveProperty('value');
    expect((listed?.['id'] ?? '').split('/')).toHaveLength(5);
    const version = (await running.raw('GET', '/secrets/s-00/versions')).json['value']?.[0];
    expect((version?.['id'] ?? '').split('/')).toHaveLength(6);
  });

  it('orders by upper-cased name', async () => {
    for (const name of ['b', 'A', 'C', 'a-1']) running.control.seed.secret('odd', { name, value: 'x' });
    const { json } = await running.raw('GET', '/secrets', undefined, { vault: 'odd' });
    expect(json['value']?.map(nameOf)).toEqual(['A', 'a-1', 'b', 'C']);
  });

  it('pages through many versions in order of their ids', async () => {
    running.control.seed.secret('v1', { name: 'zz', value: 'x', versions: 30 });
    const found = await pages('/secrets/zz/versions');
    const ids = found.flatMap((page) => (page['value'] ?? []).map((item) => item['id'] ?? ''));
    expect(found.map((page) => page['value']?.length)).toEqual([25, 0, 5]);
    expect(ids).toEqual([...ids].sort());
    const inside = running.control.objects('v1').secrets.find(({ name }) => name === 'zz');
    expect(ids.map((id) => id.split('/').at(-1))).toEqual(
      (inside?.versions ?? []).map(({ id }) => id).sort(),
    );
  });

  it('goes on when the next object is deleted and another appears while listing', async () => {
    const client = running.secrets('odd');
    const names: string[] = [];
    for await (const page of client.listPropertiesOfSecrets().byPage({ maxPageSize: 2 })) {
      if (names.length === 0) {
        await client.beginDeleteSecret('b');
        await client.setSecret('bb', 'x');
      }
      names.push(...page.map(({ name }) => name));
    }
    expect(names).toEqual(['A', 'a-1', 'bb', 'C']);
  });
});

describe('the options', () => {
  it('change the page size and leave out the empty page', async () => {
    const other = await start({ pageSize: 10, emptyPages: false });
    other.control.seed.many('v1', 25, (index) => `n${index}`);
    const sizes = [];
    for await (const page of other.secrets().listPropertiesOfSecrets().byPage()) sizes.push(page.length);
    expect(sizes).toEqual([10, 10, 5]);
    await other.stop();
  });
});
