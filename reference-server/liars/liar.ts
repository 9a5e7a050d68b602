/** What a liar is: the right endpoint behind an edge that lies in one way. */

import type { Contract } from '../../harness/model/contract.ts';
import type { LedgerReading } from '../../harness/model/protocol.ts';
import type { Payload, Store } from '../store.ts';

export interface Liar {
  readonly name: string;
  /** What it does wrong, as a sentence without a subject. */
  readonly description: string;
  /** Bundled scenarios in which it lies, each of them enough to find it. */
  readonly scenarios: readonly [string, ...string[]];
  /** Rules of the checker any of which catches it. */
  readonly rules: readonly string[];
  /** How long after an answer it still does something, ms. Default 0. */
  readonly lateMs?: number;
  /** Fresh state of its own for each edge. */
  readonly lies: (right: Right) => Lies;
}

/** Where it steps in. What is absent is honest. */
export interface Lies {
  /** A redemption that came in with one key or none; `honest` asks the right endpoint, as often as it is called. */
  readonly redeem?: (request: Asked, honest: () => Promise<Told>) => Promise<Told>;
  readonly list?: (customer: string, items: readonly Item[]) => readonly Item[];
  readonly balance?: (customer: string, points: number) => number;
  readonly ledger?: (customer: string, reading: LedgerReading) => LedgerReading;
  /** A customer has just been made, or is there from the beginning. */
  readonly made?: (customer: string) => Promise<void>;
  /** Gives what the hook says the balance is; `honest` books the points. */
  readonly credit?: (
    customer: string,
    points: number,
    honest: () => Promise<number | undefined>,
  ) => Promise<number | undefined>;
}

/** The right endpoint as a liar sees it. */
export interface Right {
  readonly contract: Contract;
  readonly store: Store;
  /** What it would answer to this request. */
  readonly answer: (request: Asked) => Promise<Told>;
  /** Books one more redemption, with an effect of its own everywhere; its id, or undefined for too few points. */
  readonly book: (payload: Payload) => Promise<string | undefined>;
  /** Does this so much later, unless the edge is closed before. */
  readonly later: (ms: number, work: () => Promise<unknown>) => void;
}

/** A redemption as it came in. */
export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent: perhaps no JSON, perhaps not whole. */
  readonly text: string;
  readonly key: string | undefined;
  readonly payload: Payload;
}

/** An answer. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Sent in two pieces, without a length. Default false. */
  readonly isStreamed?: boolean;
  /** Its body goes with gzip. Default false. */
  readonly isPacked?: boolean;
}

/** A redemption as the list and a 200 show it. */
export interface Item {
  readonly redemption_id: string;
  readonly client_redemption_id?: string;
  readonly customer_id: string;
  readonly reward_id: string;
  readonly points_amount: number;
  readonly redemption_type?: string;
  readonly balance_after: number;
  readonly status: string;
  readonly created_at: string;
}

/** What a 2xx says; undefined for any other answer. */
export function toldOf({ status, text }: Told): Item | undefined {
  return status >= 200 && status < 300 ? (JSON.parse(text) as Item) : undefined;
}

/** The same answer with other members in its body. */
export function retold(told: Told, changes: Partial<Item>): Told {
  return { ...told, text: JSON.stringify({ ...(JSON.parse(told.text) as object), ...changes }) };
}

/** A 200 that the right endpoint never gave. */
export function invented({ payload }: Asked, redemption: string, balance: number): Told {
  const item: Item = {
    redemption_id: redemption,
    ...(payload.clientRedemptionId === undefined ? {} : { client_redemption_id: payload.clientRedemptionId }),
    customer_id: payload.customer,
    reward_id: payload.reward,
    points_amount: payload.points,
    ...(payload.type === undefined ? {} : { redemption_type: payload.type }),
    balance_after: balance,
    status: 'completed',
    created_at: new Date().toISOString(),
  };
  return { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(item) };
}

/** The same request with other members in its body. */
export function instead(request: Asked, payload: Partial<Payload>): Asked {
  const changed = { ...request.payload, ...payload };
  const text = JSON.stringify({
    ...(JSON.parse(request.text) as object),
    reward_id: changed.reward,
    points_amount: changed.points,
  });
  return { ...request, payload: changed, text };
}

/** Tells the first time that it is asked about a text from all later ones. */
export function firstTime(): (text: string) => boolean {
  const seen = new Set<string>();
  return (text) => {
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  };
}

/** A key of one customer as one text. */
export function keyOf({ payload, key = '' }: Asked): string {
  return `${payload.customer} ${key}`;
}

/** Picks every n-th of the texts that it is asked about, always the same ones. */
export function everyNth(n: number): (text: string) => boolean {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number % n === 0;
  };
}
