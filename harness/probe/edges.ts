/** Where time turns one answer into another: tried at the promised moment, else searched for. */

import type { Bench } from './bench.ts';
import { timeText, Unseen, type Seen } from './row.ts';

/** The first age at which it is over. */
export interface Edge {
  readonly atMs: number | string;
  /** What showed it: the answer at that age. */
  readonly seen: Seen;
  /** How exactly it is known. ms */
  readonly withinMs: number;
}

export interface EdgeAsked {
  /** Everything anew, asked again at that age. */
  readonly looked: (ageMs: number) => Promise<Seen>;
  readonly isOver: (seen: Seen) => boolean;
  readonly promisedMs: number | undefined;
  /** Ages that are mostly chosen, in order; the last one is the longest that is tried. ms */
  readonly ladder: readonly number[];
}

/** Without a clock that can be moved so long is waited at most. ms */
export const MOST_WAIT_MS = 6000;
/** Where time runs, an edge is tried so far before and after it. ms */
const MARGIN_MS = 300;
/** A search ends here. ms */
const FINE_MS = 1000;

/** Throws `Unseen` where time neither can be moved nor passes soon enough. */
export async function edgeOf(bench: Bench, asked: EdgeAsked): Promise<Edge> {
  return bench.options.clock === undefined ? await waitedFor(asked) : await movedTo(asked);
}

async function movedTo({ looked, isOver, promisedMs, ladder }: EdgeAsked): Promise<Edge> {
  const troubles: string[] = [];
  const at = async (ageMs: number): Promise<readonly [boolean, Seen]> => {
    const seen = await looked(ageMs);
    if (seen.trouble !== undefined) troubles.push(seen.trouble);
    return [isOver(seen), seen];
  };
  const found = (atMs: number | string, seen: Seen, withinMs: number): Edge => {
    const [trouble] = troubles;
    return { atMs, seen: { ...seen, ...(trouble !== undefined && { trouble }) }, withinMs };
  };
  const ages = promisedMs === undefined ? ladder : [promisedMs];
  for (const age of ages.slice(0, promisedMs === undefined ? 0 : 1)) {
    const [before] = await at(age - 1);
    const [after, seen] = before ? [false, undefined] : await at(age);
    if (!before && after && seen !== undefined) return found(age, seen, 0);
  }
  let low = 0;
  let high: number | undefined;
  let last: Seen | undefined;
  for (const age of ladder) {
    const [over, seen] = await at(age);
    last = seen;
    if (over) {
      high = age;
      break;
    }
    low = age;
  }
  if (last === undefined) throw new Unseen('there is no age to try');
  if (high === undefined) return found(`more than ${timeText(low)}`, last, 0);
  const [early] = await at(high - 1);
  if (!early) return found(high, last, 0);
  while (high - low > FINE_MS) {
    const middle: number = Math.floor((low + high) / 2);
    const [over, seen] = await at(middle);
    if (over) [high, last] = [middle, seen];
    else low = middle;
  }
  return found(high, last, high - low);
}

/** Time runs: only what is promised to be over soon is waited for. */
async function waitedFor({ looked, isOver, promisedMs }: EdgeAsked): Promise<Edge> {
  if (promisedMs === undefined || promisedMs > MOST_WAIT_MS)
    throw new Unseen(
      promisedMs === undefined
        ? 'nothing says how long to wait, and the clock cannot be moved: hooks.setClock'
        : `it is ${timeText(promisedMs)} away, and the clock cannot be moved: hooks.setClock`,
    );
  const margin = Math.min(MARGIN_MS, promisedMs / 4);
  const early = await looked(promisedMs - margin);
  if (isOver(early))
    return { atMs: `less than ${timeText(promisedMs - margin)}`, seen: early, withinMs: margin };
  const late = await looked(promisedMs + margin);
  if (!isOver(late))
    return { atMs: `more than ${timeText(promisedMs + margin)}`, seen: late, withinMs: margin };
  return { atMs: promisedMs, seen: late, withinMs: margin };
}

/** `the window ends at 5 s: 200, redeemed` */
export function edgeText({ atMs, seen, withinMs }: Edge, what: string): string {
  const exact = withinMs === 0 ? '' : ` (to within ${timeText(Math.round(withinMs))})`;
  return `${what} ends at ${typeof atMs === 'number' ? timeText(atMs) : atMs}${exact}: ${seen.text}`;
}

/** Lets a customer's time pass: by its clock, else by waiting. */
export interface Passing {
  /** Until it is so long after the moment at which something was done (`performance.now()`). */
  readonly until: (ageMs: number, doneAt: number) => Promise<void>;
  readonly done: () => Promise<void>;
}

/** Stops the customer's clock, where there is one: ages are exact then. */
export async function pastWait(bench: Bench, customer: string): Promise<Passing> {
  const { clock, sleep } = bench.options;
  if (clock === undefined)
    return {
      until: async (ageMs, doneAt) => {
        if (ageMs > 0) await sleep(Math.max(0, doneAt + ageMs - performance.now()));
      },
      done: async () => {},
    };
  await bench.turn();
  await clock.freeze(customer);
  let stands = 0;
  return {
    until: async (ageMs) => {
      await bench.turn();
      await clock.advance(customer, ageMs - stands);
      stands = ageMs;
    },
    done: async () => {
      await bench.turn();
      await clock.release(customer);
    },
  };
}
