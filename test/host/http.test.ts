/** HTTP functions and the admin API, through real requests: routing, the RPC quirks, answers, keys, manual runs. */
import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostOptions, LocalHost } from './host.ts';
import { countLines, eventually, logged, start, stopHosts } from './testTools.ts';

const NO_STORAGE =
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a';
const KEYS = { master: 'M', host: 'H', functions: { echo: 'E' } };
let host: LocalHost;
let guarded: LocalHost;

function startMain(options: Partial<HostOptions>): Promise<LocalHost> {
  const env = {
    Work: NO_STORAGE,
    AzureWebJobsStorage: NO_STORAGE,
    WORK_QUEUE: 'work',
    NIGHTLY: '0 0 0 1 1 *',
    'AzureWebJobs.off.Disabled': 'true',
    'AzureWebJobs.work.Disabled': 'true',
    'AzureWebJobs.poisoned.Disabled': 'true',
  };
  const hostId = `http-${process.pid}`;
  return start('main', { timers: false, hostId, ...options, env: { ...env, ...options.env } });
}
beforeAll(async () => {
  host = await startMain({});
  guarded = await startMain({ enableAuth: true, keys: KEYS });
});
afterAll(stopHosts);

const get = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
interface Echo {
  method: string;
  url: string;
  params: Record<string, string>;
  query: Record<string, string>;
  header: string | null;
  body: string;
}
const echo = async (path: string, init?: RequestInit) => (await (await get(path, init)).json()) as Echo;

describe('a request', () => {
  test('reaches its function with method, URL, parameters, query, headers and body', async () => {
    const seen = await echo('/api/echo/ab/12?q=1', {
      method: 'POST',
      body: 'hällo',
      headers: { 'X-Test': 'yes' },
    });
    expect(seen).toEqual({
      method: 'POST',
      url: `${host.url}/api/echo/ab/12?q=1`,
      params: { kind: 'ab', id: '12' },
      query: { q: '1' },
      header: 'yes',
      body: 'hällo',
    });
  });

  test('has repeated query keys joined, whatever their case', async () => {
    expect((await echo('/api/echo/ab/1?a=1&A=2&b=3&a=4')).query).toEqual({ a: '1,2,4', b: '3' });
  });

  test('has repeated headers joined', async () => {
    const body = await raw('/api/echo/ab/1', { 'x-test': ['one', 'two'] });
    expect((JSON.parse(body) as Echo).header).toBe('one,two');
  });

  test('without Content-Length arrives with an empty body', async () => {
    const body = await raw('/api/echo/ab/1', { 'transfer-encoding': 'chunked' }, 'lost');
    expect((JSON.parse(body) as Echo).body).toBe('');
  });
});

describe('routing', () => {
  test.each([
    ['/API/Echo/AB/1', 200, 'ignores case'],
    ['/api/echo/ab/1/more', 200, 'an optional parameter'],
    ['/api/echo/ab/x', 404, 'a constraint that does not hold'],
    ['/api/echo/ab', 404, 'a parameter that is missing'],
    ['/api/echo/ab/1/more/evenmore', 404, 'a segment too many'],
    ['/echo/ab/1', 404, 'no prefix'],
    ['/api/plainname', 200, 'the function name as route'],
    ['/api/off', 404, 'a disabled function'],
  ])('%s gives %i: %s', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  test('takes a wrong method for no match', async () => {
    expect((await get('/api/echo/ab/1', { method: 'DELETE' })).status).toBe(404);
  });

  test('prefers literals, and gives catch-alls the rest', async () => {
    expect(await (await get('/api/answer/literal')).text()).toBe('literal wins');
    expect(await (await get('/api/files/a/b%20c')).text()).toBe('path=a/b c');
    expect(await (await get('/api/files')).text()).toBe('path=');
  });

  test('has the prefix of host.json, or none', async () => {
    const bare = await startMain({ env: { AzureFunctionsJobHost__extensions__http__routePrefix: '' } });
    expect((await fetch(`${bare.url}/plainName`)).status).toBe(200);
    expect((await fetch(`${bare.url}/api/plainName`)).status).toBe(404);
  });
});

describe('an answer', () => {
  test('has status, headers, cookies and body', async () => {
    const response = await get('/api/answer/status');
    expect(response.status).toBe(418);
    expect(response.headers.get('x-tea')).toBe('pot');
    expect(response.headers.get('set-cookie')).toBe('a=b%20c; httponly');
    expect(await response.text()).toBe('short');
  });

  test('may be bytes, a response object, or JSON with its content type', async () => {
    expect(Buffer.from(await (await get('/api/answer/bytes')).arrayBuffer())).toEqual(
      Buffer.from([0, 255, 1]),
    );
    expect((await get('/api/answer/response')).status).toBe(201);
    expect((await get('/api/echo/ab/1')).headers.get('content-type')).toBe('application/json');
  });

  test.each([
    ['undefined', 204],
    ['throw', 500],
    ['string', 500],
  ])('%s becomes %i with an empty body', async (how, status) => {
    const response = await get(`/api/answer/${how}`);
    expect(response.status).toBe(status);
    expect(await response.text()).toBe('');
  });
});

test('an answer of 204 has no body and no length', async () => {
  const response = await get('/api/answer/noContent');
  expect(response.status).toBe(204);
  expect(response.headers.get('content-length')).toBeNull();
});

describe('keys', () => {
  const status = async (path: string, key?: string, where: 'header' | 'query' = 'header') => {
    const url = new URL(`${guarded.url}${path}`);
    if (key !== undefined && where === 'query') url.searchParams.set('code', key);
    const headers: Record<string, string> =
      key === undefined || where === 'query' ? {} : { 'x-functions-key': key };
    return (await fetch(url, { headers })).status;
  };

  test.each([
    ['/api/answer/undefined', undefined, 204],
    ['/api/echo/ab/1', undefined, 401],
    ['/api/echo/ab/1', 'wrong', 401],
    ['/api/echo/ab/1', 'E', 200],
    ['/api/echo/ab/1', 'H', 200],
    ['/api/echo/ab/1', 'M', 200],
    ['/api/plainName', 'E', 401],
    ['/api/plainName', 'H', 401],
    ['/api/plainName', 'M', 200],
    ['/api/off', 'H', 404],
    ['/api/off', 'M', 200],
    ['/admin/functions', 'H', 401],
    ['/admin/functions', 'M', 200],
  ])('%s with key %s gives %i', async (path, key, expected) => {
    expect(await status(path, key)).toBe(expected);
  });

  test('may come as code in the query, under the header', async () => {
    expect(await status('/api/echo/ab/1', 'E', 'query')).toBe(200);
    const both = await fetch(`${guarded.url}/api/echo/ab/1?code=E`, {
      headers: { 'x-functions-key': 'wrong' },
    });
    expect(both.status).toBe(401);
  });

  test('are asked of nobody without enableAuth', async () => {
    expect((await get('/api/plainName')).status).toBe(200);
  });
});

describe('the admin API', () => {
  const post = async (name: string, body?: string) =>
    (await get(`/admin/functions/${name}`, { method: 'POST', ...(body === undefined ? {} : { body }) }))
      .status;

  test('tells the state and the functions', async () => {
    expect(await (await get('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
    const functions = (await (await get('/admin/functions')).json()) as {
      name: string;
      invoke_url_template: string;
    }[];
    expect(functions.map(({ name }) => name)).toContain('nightly');
    expect(functions[0]?.invoke_url_template).toBe(`${host.url}/api/echo/{kind:alpha}/{id:int}/{rest?}`);
  });

  test('starts a run and answers 202 before it has ended', async () => {
    expect(await post('work', JSON.stringify({ input: '{"do":{"act":"wait","ms":200},"by":"admin"}' }))).toBe(
      202,
    );
    expect(host.inFlight()).toBe(1);
    await eventually('the run', () =>
      logged<{ message: { by?: string } }>(host, 'got').some(({ message }) => message.by === 'admin'),
    );
    await host.idle();
    expect(countLines(host, "Executed 'Functions.work' (Succeeded")).toBe(1);
  });

  test('wants a JSON object, and knows its functions', async () => {
    expect(await post('work')).toBe(400);
    expect(await post('work', 'text')).toBe(400);
    expect(await post('work', '{"input":{}}')).toBe(400);
    expect(await post('nobody', '{}')).toBe(404);
  });

  test('invoke awaits the end and rejects with the failure', async () => {
    await expect(host.invoke('work', '{"do":{"act":"throw"}}')).rejects.toThrow('asked to throw');
    await expect(host.invoke('nobody')).rejects.toThrow('does not exist');
  });
});

function raw(path: string, headers: Record<string, string | string[]>, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = rawRequest(`${host.url}${path}`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.once('error', reject);
    request.end(body);
  });
}
