/** Calls `start` for each item in order, with at most `width` of them under way at once (at least one). Gives what became of each, in order. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  width: number,
  start: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      [results[at]] = await Promise.allSettled([start(items[at] as Item)]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(items.length, width || 1) }, work));
  return results;
}
