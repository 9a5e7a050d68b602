/** Runs many cells side by side: most of a cell's time is waiting. */

import { uniform } from '../../harness/model/decide.ts';

/** In an order that the seed draws. */
export function drawn<Item>(items: readonly Item[], seed: string): Item[] {
  return items
    .map((item, index) => ({ item, place: uniform(seed, 'trust', String(index)) }))
    .sort((one, two) => one.place - two.place)
    .map(({ item }) => item);
}

/** Does all the work, so many at a time, and gives the results in order; nothing is begun after `until` (performance.now). */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
  until = Infinity,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length && performance.now() < until; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  // Those that the time did not suffice for are holes.
  return results.filter(() => true);
}
