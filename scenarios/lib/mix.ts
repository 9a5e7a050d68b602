/** Which scenario each iteration of a soak plays. */
import { below } from '../../harness/model/decide.ts';

/** Each twenty iterations hold so many of each, in an order by hash: a short soak, too, meets all of them. */
const DECK = [
  ...Array<'retry-storm'>(5).fill('retry-storm'),
  ...Array<'duplicated-requests'>(3).fill('duplicated-requests'),
  ...Array<'double-click'>(3).fill('double-click'),
  ...Array<'lost-answer'>(3).fill('lost-answer'),
  ...Array<'key-expiry'>(2).fill('key-expiry'),
  ...Array<'key-reuse'>(2).fill('key-reuse'),
  'near-zero' as const,
];
export type MixPart = (typeof DECK)[number];

/** And a further double click, at one of these places: there it is one with two keys. */
const TWO_KEYS_AT: readonly number[] = [2, 7, 12, 17];

/** By hash: the same one on every engine and in every repetition. */
export function mixPart(seed: string, iteration: number): MixPart {
  const size = DECK.length + 1;
  const block = Math.floor(iteration / size);
  return shuffled(seed, block)[iteration % size] ?? 'retry-storm';
}

function shuffled(seed: string, block: number): readonly MixPart[] {
  const deck = [...DECK];
  for (let last = deck.length - 1; last > 0; last--) {
    const other = below(last + 1, seed, 'soak', block, last);
    const [one, two] = [deck[last], deck[other]];
    if (one !== undefined && two !== undefined) [deck[last], deck[other]] = [two, one];
  }
  const place = TWO_KEYS_AT[below(TWO_KEYS_AT.length, seed, 'soak', block, 'two keys')] ?? 0;
  deck.splice(place, 0, 'double-click');
  return deck;
}
