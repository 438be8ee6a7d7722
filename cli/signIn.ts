/** Headers that tell an app who calls: a function key, or a token for whom DefaultAzureCredential finds signed in. */
import { Failure } from './failure.ts';
import type { SignIn } from './settings.ts';

export async function headersOf(signIn: SignIn): Promise<Record<string, string>> {
  if (signIn.how === 'none') return {};
  if (signIn.how === 'key') return { 'x-functions-key': signIn.key };
  return { authorization: `Bearer ${await tokenFor(signIn.scope)}` };
}

let credential: { getToken(scope: string): Promise<{ token: string }> } | undefined;

async function tokenFor(scope: string): Promise<string> {
  // Large, and not needed for --help or with a key. It keeps tokens until shortly before they expire.
  const { DefaultAzureCredential } = await import('@azure/identity');
  credential ??= new DefaultAzureCredential();
  try {
    return (await credential.getToken(scope)).token;
  } catch (error) {
    const tried = error instanceof Error && 'errors' in error ? (error.errors as unknown[]) : [error];
    const why = tried.map((one) => `\n  - ${firstLine(one)}`).join('');
    throw new Failure(
      'notAllowed',
      `no token for ${scope}:${why}`,
      'Sign in with az login, and see that the app id is that of the app’s registration and that you are assigned to it.',
    );
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
