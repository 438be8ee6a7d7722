/** Answers that come in pages. */
import type { Answer } from './call.ts';

interface Page {
  readonly objects: unknown[];
  readonly next: string | null;
}

/** All pages as one answer, with the head of the first. */
export async function pages<T extends Page>(
  page: (after: { after?: string }, first: T | null) => Promise<Answer<T>>,
): Promise<{ value: T; raw: unknown }> {
  const first = await page({}, null);
  const objects = [...first.value.objects];
  for (let { next } = first.value; next !== null; ) {
    const { value } = await page({ after: next }, first.value);
    objects.push(...value.objects);
    next = value.next;
  }
  return {
    value: { ...first.value, objects },
    raw: { ...(first.raw as object), objects, next: null },
  };
}
