/**
 * What a bad day does to a vault: an operator with the rights deletes and purges objects of every kind, so that no
 * soft delete brings them back, and overwrites a secret. What the vault held is noted first, to be compared with.
 */
import type { VaultObjects } from '../emulator/emulator.ts';
import { demand } from './demoHttp.ts';
import { type Operator, operatorOf } from './demoOperator.ts';
import { sourceVault } from './demoStack.ts';
import type { Stack } from './stack.ts';

const purged = [
  'secrets/storage-key',
  'secrets/service-01-connection',
  'secrets/retired-api-key',
  'keys/rotated-every-quarter',
  'keys/ec-P-521',
  'certificates/www',
  'certificates/not-exportable',
] as const;
const overwritten = 'secrets/service-02-connection';

export interface Destruction {
  /** What the vault held before. */
  readonly before: VaultObjects;
  readonly at: Date;
  /** In words. */
  readonly lines: readonly string[];
}

export async function destroy(stack: Stack): Promise<Destruction> {
  const { control } = stack.emulator;
  const operator = await operatorOf(stack, sourceVault);
  const before = control.objects(sourceVault);
  const at = new Date();
  for (const object of purged) {
    await did(operator, 'DELETE', object, 200);
    await did(operator, 'DELETE', `deleted${object}`, 204);
  }
  await did(operator, 'PUT', overwritten, 200, { value: 'changed by mistake' });

  const left = countOf(control.objects(sourceVault));
  const gone = purged.filter((object) => !object.startsWith('certificates/')).length;
  const withTheirs = 3 * (purged.length - gone);
  demand(
    left === countOf(before) - gone - withTheirs,
    `${left} of ${countOf(before)} objects are left, though ${gone + withTheirs} were purged`,
  );
  return {
    before,
    at,
    lines: [
      ...purged.map((object, index) => fact(index === 0 ? 'purged' : '', describe(before, object))),
      fact('overwritten', describe(before, overwritten)),
      fact('left', `${left} of ${countOf(before)} objects; no soft delete brings back what was purged`),
    ],
  };
}

async function did(operator: Operator, method: string, path: string, expected: number, body?: unknown) {
  const { status, text } = await operator.call(method, path, body);
  demand(status === expected, `${method} ${operator.url}/${path} answered ${status}: ${text}`);
}

const fact = (name: string, value: string) => `  ${name.padEnd(14)}${value}`;

const countOf = ({ secrets, keys, certificates }: VaultObjects): number =>
  secrets.length + keys.length + certificates.length;

function describe(held: VaultObjects, object: string): string {
  const [plural, name] = object.split('/');
  const found = [
    ...(plural === 'secrets' ? held.secrets : plural === 'keys' ? held.keys : held.certificates),
  ].find((one) => one.name === name);
  demand(found !== undefined, `${sourceVault} holds no ${object}`);
  const { length } = found.versions;
  const facts = [
    `${length} version${length === 1 ? '' : 's'}`,
    ...(plural === 'certificates' ? ['with its key and secret'] : []),
    ...('rotationPolicy' in found ? ['with a rotation policy'] : []),
    ...(found.versions.at(-1)?.enabled ? [] : ['disabled']),
  ];
  return `${object.padEnd(34)}${facts.join(', ')}`;
}
