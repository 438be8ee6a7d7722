/** What a vault holds, as text that can be compared: every object that is nobody's property, with all its versions. */
import type { EmulatorControl } from '../emulator/emulator.ts';

/** `secrets/db-password` → its state and its versions with value, key or certificate. */
export type Contents = ReadonlyMap<string, { readonly state: string; readonly content: string }>;

export function contentsOf(control: EmulatorControl, vault: string): Contents {
  const { secrets, keys, certificates } = control.objects(vault);
  const contents = new Map<string, { state: string; content: string }>();
  const put = (kind: string, { name, state, managed }: Named, versions: readonly (readonly string[])[]) => {
    if (!managed)
      contents.set(`${kind}/${name.toLowerCase()}`, {
        state,
        content: JSON.stringify(versions.map((version) => version.join(' ')).sort()),
      });
  };
  for (const secret of secrets)
    put(
      'secrets',
      secret,
      secret.versions.map(({ id, value }) => [id, value]),
    );
  for (const key of keys)
    put(
      'keys',
      key,
      key.versions.map(({ id, jwk }) => [id, `${jwk['n'] ?? jwk['x']}`]),
    );
  for (const certificate of certificates)
    put(
      'certificates',
      certificate,
      certificate.versions.map(({ id, cer }) => [id, cer ?? '']),
    );
  return contents;
}

interface Named {
  readonly name: string;
  readonly state: string;
  readonly managed: boolean;
}
