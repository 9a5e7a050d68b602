/** Where in an answer a value may stand that a pointer did not find: by its type, by its name, and by what it is. */

import { editDistance } from '../config/member.ts';

/** What JSON can hold, in words. */
export type Kind = 'a text' | 'a number' | 'true or false' | 'null' | 'an array' | 'an object';

export interface Place {
  /** RFC 6901, from the body's root or, of a list, from one item. */
  readonly pointer: string;
  readonly value: unknown;
  readonly kind: Kind;
}

export interface Wanted {
  /** The pointer that found nothing, or something else. */
  readonly pointer: string;
  readonly kinds: readonly Kind[];
  /** Words by which such a value is called elsewhere, the best first. */
  readonly words: readonly string[];
  /** What it has to be, where that is known. */
  readonly equal?: string | number;
  /** What it hardly is: values that the request had already. */
  readonly sent?: readonly (string | number)[];
}

/** So many places of an answer are looked at, so deep, and so many items of an array. */
const MAX_PLACES = 2000;
const MAX_DEPTH = 12;
const MAX_ITEMS = 3;

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false' : 'a text';
}

/** Every place of a body, those near the root first. Bounded. */
export function placesOf(body: unknown): readonly Place[] {
  const places: Place[] = [];
  let level: readonly Place[] = [{ pointer: '', value: body, kind: kindOf(body) }];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0 && places.length < MAX_PLACES; depth++) {
    places.push(...level);
    level = level.flatMap(within);
  }
  return places.slice(0, MAX_PLACES);
}

/** The places that are most likely meant, the best first; none where no value has the type. */
export function nearestPlaces(body: unknown, wanted: Wanted, most = 3): readonly Place[] {
  return placesOf(body)
    .filter(({ kind, pointer }) => wanted.kinds.includes(kind) && pointer !== wanted.pointer)
    .map((place) => ({ place, score: scoreOf(place, wanted) }))
    .toSorted((one, other) => other.score - one.score)
    .filter(({ score }, index, all) => index === 0 || score > (all[0]?.score ?? 0) / 2)
    .slice(0, most)
    .map(({ place }) => place);
}

/** How well a name fits: 0 not at all, 100 the same. */
export function likeness(name: string, wanted: string): number {
  const [one, other] = [name, wanted].map((text) => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase());
  if (one === undefined || other === undefined || one === '' || other === '') return 0;
  if (one === other) return 100;
  const [parts, wantedParts] = [tokensOf(name), tokensOf(wanted)];
  const shared = parts.filter((part) => wantedParts.includes(part)).length;
  const byParts = (80 * shared) / Math.max(parts.length, wantedParts.length);
  const byLetters = 70 * (1 - editDistance(one, other) / Math.max(one.length, other.length));
  return Math.max(byParts, byLetters > 40 ? byLetters : 0);
}

/** `balanceAfter`, `balance_after` and `balance-after`: balance, after. */
export function tokensOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
}

/** The last member of a pointer, unescaped. */
export function lastOf(pointer: string): string {
  const last = pointer.slice(pointer.lastIndexOf('/') + 1);
  return last.replace(/~1/g, '/').replace(/~0/g, '~');
}

/** How likely it is that a place is what such a value is called elsewhere: 0 to 100. */
export function wordScore(pointer: string, words: readonly string[]): number {
  const name = lastOf(pointer);
  let best = 0;
  for (const [index, word] of words.entries()) {
    const score = likeness(name, word) * (1 - (index / words.length) * 0.6);
    best = Math.max(best, score);
  }
  return best;
}

function scoreOf({ pointer, value }: Place, wanted: Wanted): number {
  const isSent = wanted.sent?.some((one) => String(one) === String(value)) ?? false;
  const isEqual = wanted.equal !== undefined && String(value) === String(wanted.equal);
  const parents = tokensOf(pointer).slice(0, -1);
  const shared = tokensOf(wanted.pointer).filter((token) => parents.includes(token)).length;
  const depth = pointer.split('/').length;
  return (
    (isEqual ? 150 : 0) -
    (isSent ? 200 : 0) +
    likeness(lastOf(pointer), lastOf(wanted.pointer)) +
    wordScore(pointer, wanted.words) * 0.8 +
    shared * 5 -
    depth
  );
}

function within({ pointer, value }: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const members: [string, unknown][] = Array.isArray(value)
    ? value.slice(0, MAX_ITEMS).map((item: unknown, index) => [String(index), item])
    : Object.entries(value);
  return members.map(([name, member]) => ({
    pointer: `${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`,
    value: member,
    kind: kindOf(member),
  }));
}
