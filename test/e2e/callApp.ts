/** One call of the app's HTTP interface. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function callApp(
  origin: string,
  method: string,
  route: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await fetch(`${origin}/api/${route}`, {
    method,
    ...content,
    headers: { 'content-type': 'application/json', ...headers },
  });
  // A worker that died answers 500 with nothing.
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse(text || '{}') as Record<string, unknown>,
  };
}
