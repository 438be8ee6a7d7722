/** One HTTP call of one of the apps: signs in, checks the answer against the interface's own schema, explains refusals. */
import { z } from 'zod';
import { problemShape } from '../shared/domain/answers.ts';
import { Failure } from './failure.ts';
import type { AppSettings } from './settings.ts';
import { headersOf } from './signIn.ts';

export interface Request<T> {
  readonly method?: 'GET' | 'POST';
  /** Below `/api/`; its parts are encoded by `routeOf`. */
  readonly route: string;
  readonly answer: z.ZodType<T>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A status besides 2xx that carries an answer and no problem. */
  readonly also?: number;
}

export interface Answer<T> {
  readonly value: T;
  /** As it came, with fields that this version may not know. */
  readonly raw: unknown;
  readonly retryAfterSeconds: number | null;
}

export const routeOf = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: strings }, ...values.map(encodeURIComponent));

export async function callApp<T>(
  app: AppSettings,
  timeoutSeconds: number,
  request: Request<T>,
): Promise<Answer<T>> {
  const { response, text } = await fetched(app, timeoutSeconds, request);
  const raw = jsonOf(text);
  if (!response.ok && response.status !== request.also) throw refusal(app, response, raw);
  const parsed = request.answer.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Failure(
      'notWell',
      `the ${app.name} app answered ${request.route} in a way that this version does not understand (${issue?.path.join('.') || 'the whole answer'}: ${issue?.message})`,
      `See that ${app.url} is the app, and that the command line is of the same version. --json with an older one shows what came.`,
    );
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { value: parsed.data, raw, retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null };
}

async function fetched<T>(app: AppSettings, timeoutSeconds: number, request: Request<T>) {
  const { method = 'GET', route, body, headers = {} } = request;
  const signedIn = await headersOf(app.signIn);
  try {
    const response = await fetch(`${app.url}/${route}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
        ...signedIn,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A key would travel along to wherever we are sent.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    return { response, text: await response.text() };
  } catch (error) {
    throw unreachable(app, timeoutSeconds, error);
  }
}

function unreachable({ name, url }: AppSettings, timeoutSeconds: number, error: unknown): Failure {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const cause = error instanceof Error ? error.cause : undefined;
  const reason =
    cause instanceof Error ? ('code' in cause && String(cause.code)) || cause.message : String(error);
  return new Failure(
    'unreachable',
    timedOut
      ? `the ${name} app did not answer within ${timeoutSeconds} s (${url})`
      : `the ${name} app cannot be reached at ${url} (${reason})`,
    timedOut
      ? 'An app that slept may take a minute to wake: try again, or give --timeout.'
      : 'See that the address is right, that the app runs, and that its network lets this machine in.',
  );
}

function refusal({ name, url, signIn }: AppSettings, { status }: Response, raw: unknown): Failure {
  const problem = problemShape.safeParse(raw);
  const [detail, hint] = problem.success
    ? [problem.data.detail, problem.data.hint]
    : [`the ${name} app answered ${status}`, hintWithout(status, url, signIn.how)];
  if (!problem.success) return new Failure(endingOf(status), detail, hint);
  const { vaults, run } = problem.data;
  const each =
    vaults?.map(({ vault, notStarted, hint: what }) => `\n  ${vault}: ${notStarted}. ${what}`) ?? [];
  // With a reason for each vault, or a run that goes on, the app was there and said no.
  const ending = vaults || run ? 'notWell' : endingOf(status);
  return new Failure(ending, detail + each.join(''), run ? `kvb backup <vault> --follow ${run}` : hint, raw);
}

function endingOf(status: number): Failure['ending'] {
  if (status === 401 || status === 403 || (status >= 300 && status < 400)) return 'notAllowed';
  if (status === 400 || status === 404 || status === 413) return 'usage';
  return status === 502 || status === 503 || status === 504 ? 'unreachable' : 'notWell';
}

/** What the platform answers, before the app is asked. */
function hintWithout(status: number, url: string, how: string): string {
  if (endingOf(status) === 'notAllowed')
    return how === 'key'
      ? 'See that the function key is one of this app: each app has its own (KVB_KEY, KVB_RESTORE_KEY).'
      : 'See that the app id is that of this app’s registration and that you are assigned to it, or set KVB_KEY where API_AUTH=key.';
  if (status === 404) return `See that ${url} is the app: nothing there has this route.`;
  return 'Try again; the app’s logs say more.';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
