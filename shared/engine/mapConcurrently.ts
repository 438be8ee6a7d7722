/** Runs `work` over the items with at most `width` at once, in order of start; the first rejection rejects the whole. */
export async function mapConcurrently<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T, position: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let position = next++; position < items.length; position = next++) {
      results[position] = await work(items[position] as T, position);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
