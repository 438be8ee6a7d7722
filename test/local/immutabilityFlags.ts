/**
 * The immutability flags of a container, which Azurite answers as false for every container:
 * headers of GetContainerProperties, elements of ListContainers.
 */
import type { StorageAnswer } from './storageErrors.ts';

export function withContainerFlags(answer: StorageAnswer, worm: boolean): StorageAnswer {
  const flags = { 'x-ms-has-immutability-policy': String(worm), 'x-ms-has-legal-hold': 'false' };
  const headers: string[] = [];
  for (let index = 0; index + 1 < answer.headers.length; index += 2) {
    const name = answer.headers[index] ?? '';
    if (!(name.toLowerCase() in flags)) headers.push(name, answer.headers[index + 1] ?? '');
  }
  return { ...answer, headers: [...headers, ...Object.entries(flags).flat()] };
}

export function withListedFlags(
  answer: StorageAnswer,
  isWorm: (container: string) => boolean,
): StorageAnswer {
  const xml = answer.body
    .toString('utf8')
    .replace(/<Container><Name>([^<]*)<\/Name>.*?<\/Container>/gs, mark);
  function mark(element: string, container: string): string {
    const flag = '<HasImmutabilityPolicy>';
    return isWorm(container) ? element.replace(`${flag}false`, `${flag}true`) : element;
  }
  const body = Buffer.from(xml);
  const headers = answer.headers.map((value, index) =>
    index % 2 === 1 && answer.headers[index - 1]?.toLowerCase() === 'content-length'
      ? String(body.length)
      : value,
  );
  return { ...answer, headers, body };
}
