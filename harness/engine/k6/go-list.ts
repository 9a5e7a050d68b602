/** Lists of texts that are Go's own, as k6/html gives them for a select that takes several: a form writes such a list as Go prints it. */
import type { Realm } from './realm.ts';

const lists = new WeakSet<object>();

/** As an array of the script's realm. */
export function goList(realm: Realm, texts: readonly string[]): string[] {
  const list = realm.array() as string[];
  list.push(...texts);
  lists.add(list);
  return list;
}

export function isGoList(value: unknown): value is readonly string[] {
  return typeof value === 'object' && value !== null && lists.has(value);
}
