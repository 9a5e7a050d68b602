/** The same key while its first request is still being worked on. */

import type { Row } from '../look.ts';
import type { Account, Answered } from '../account.ts';
import type { Bench } from '../bench.ts';
import {
  didText,
  is,
  Nowhere,
  promise,
  promisedRefusal,
  REPLAYED,
  Unseen,
  type Did,
  type Seen,
} from '../row.ts';
import { refusal } from './keys.ts';

/** Rounds of copies sent at one moment, where no handler can be made slow. */
const ROUNDS = 12;
const ROUNDS_MORE = 4;
const COPIES = 3;
/** How long a handler is held that can be. ms */
const SLOW_MS = 300;
/** When the second request follows: the first one has to have got to its slow point. ms */
const FOLLOWS_MS = 100;
/** After the work, or before it: where a key is taken is not known. */
const SLOW_WAYS = ['after', 'before'] as const;
/** Whoever waits does so for most of what is left of the first one's time, which has to be long enough to be told. ms */
const WAITED_SHARE = 0.5;
const LEAST_LEFT_MS = 100;

interface Met extends Seen {
  /** How long the second request was under way. ms */
  readonly tookMs: number;
  /** How long the first one was still open when the second came. ms */
  readonly leftMs: number;
}

async function meeting(bench: Bench): Promise<Met> {
  return await bench.once('in flight', async () => {
    for (const how of SLOW_WAYS) {
      if (bench.options.slow === undefined) break;
      const met = await unlessUnseen(() => behindASlowOne(bench, how));
      if (met === undefined) continue;
      // Whoever looks and then acts refuses the one that comes late, and not the one that comes at the same moment.
      const twice = await unlessUnseen(() => atOneMoment(bench, ROUNDS_MORE));
      return twice?.did.did === 'is' ? twice : met;
    }
    return await atOneMoment(bench, ROUNDS);
  });
}

/** The second one leaves while the first is held, and is answered before or after it: either shows that they met. */
async function behindASlowOne(bench: Bench, how: (typeof SLOW_WAYS)[number]): Promise<Met> {
  const { slow, sleep } = bench.options;
  const account = await bench.account();
  const asked = { key: bench.key(), payload: account.payload(), isOnce: true };
  await slow?.(asked.key, SLOW_MS, how);
  const pending = account.redeem(asked);
  await sleep(FOLLOWS_MS);
  const second = await account.redeem({ ...asked, at: 1 });
  const first = await pending;
  return await judged(account, [first, second], true);
}

async function unlessUnseen<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Unseen) return undefined;
    throw error;
  }
}

async function atOneMoment(bench: Bench, rounds: number): Promise<Met> {
  const account = await bench.account();
  let last: Met | undefined;
  for (let round = 1; round <= rounds; round++) {
    const copies = await account.together({ key: bench.key(), payload: account.another() }, COPIES);
    const met = await unlessUnseen(() => judged(account, copies, false));
    if (met?.did.did === 'is') return met;
    last = met ?? last;
    if (bench.options.provision === undefined) break;
  }
  if (last !== undefined) return last;
  throw new Unseen(`of ${COPIES} copies at one moment none met the first in flight: it is too quick`);
}

/** What came of requests of one key that were open at the same time. Throws `Unseen` where they may have come one after the other. */
async function judged(account: Account, all: readonly Answered[], isHeld: boolean): Promise<Met> {
  const done = all.filter(({ final }) => final.outcome === 'ok');
  const [first] = done.toSorted((one, two) => one.sent.answeredAt - two.sent.answeredAt);
  if (first === undefined) throw new Unseen(`none was done: ${all.map(statusOf).join(', ')}`);
  const ids = new Set(done.map(({ final }) => final.redemption));
  const { count, trouble } = await account.count(1);
  const books = { ...(trouble !== undefined && { trouble }), shown: all.map(({ sent }) => sent) };
  const others = all.filter((one) => one !== first);
  const refused = others.find(({ final }) => final.outcome !== 'ok');
  const second = refused ?? others.at(-1);
  if (second === undefined) throw new Unseen('only one request was sent');
  const open = all.find((one) => one !== second) ?? first;
  const times = {
    tookMs: second.sent.answeredAt - second.sent.sentAt,
    leftMs: open.sent.answeredAt - second.sent.sentAt,
  };
  if (ids.size > 1 || (count ?? 1) > 1) {
    const what = `${Math.max(ids.size, count ?? 0)} redemptions of one key`;
    return {
      ...books,
      ...times,
      did: is('redeemed twice'),
      text: `${all.map(statusOf).join(', ')}: ${what}`,
    };
  }
  if (refused !== undefined) {
    const { status, code } = refused.final;
    const kind = status >= 500 ? 'failed' : 'refused';
    const did: Did = { did: kind, status, ...(code !== undefined && { code }) };
    const text = `${didText(did)} after ${ms(times.tookMs)}, while the first took ${ms(took(first))}`;
    return { ...books, ...times, did, text };
  }
  // All were answered with the one redemption. Where that was only accepted, a later poll tells that it was not done yet.
  const openAt = Math.max(...all.map(({ pendingAt }) => pendingAt ?? 0));
  if (openAt >= second.sent.answeredAt) {
    const text = `answered with the first one's redemption after ${ms(times.tookMs)}, while that was still worked on`;
    return { ...books, ...times, did: REPLAYED, text };
  }
  // Only where the first was held, the time tells whether they met.
  if (!isHeld || times.leftMs < LEAST_LEFT_MS || times.tookMs < times.leftMs * WAITED_SHARE)
    throw new Unseen('all were answered with one redemption, perhaps one after the other');
  const text = `waited ${ms(times.tookMs)} for the first, and was answered with its redemption`;
  return { ...books, ...times, did: REPLAYED, text };
}

const refused: Row = {
  name: 'in-flight',
  group: 'in flight',
  sends: 'a key whose first request is still open',
  look: meeting,
  promised: ({ inFlight, waitsFirst }) => {
    const row = promisedRefusal(inFlight, { wait: REPLAYED });
    if (row === undefined || inFlight === 'wait' || !waitsFirst) return row;
    return { text: `the first answer, or ${row.text}`, anyOf: [REPLAYED, ...row.anyOf] };
  },
  writes: (did) => (did.did === 'replayed' ? { inFlight: 'wait' } : refusal('inFlight', did)),
  opens: ['inFlight'],
};

const waits: Row = {
  name: 'in-flight-wait',
  group: 'in flight',
  isExtra: true,
  sends: 'the same: how soon it is answered',
  look: async (bench) => {
    if (bench.options.target.status !== undefined)
      throw new Nowhere('a redemption is only accepted: the answer waits for nothing');
    const met = await meeting(bench);
    const { shown, tookMs, leftMs } = met;
    if (bench.options.slow === undefined)
      throw new Unseen('no handler can be made slow, so that waiting shows: hooks.failNext');
    const hasWaited = tookMs >= leftMs * WAITED_SHARE;
    const text = `answered after ${ms(tookMs)}, when the first took ${ms(leftMs)} more`;
    return { did: is(hasWaited ? 'after waiting' : 'at once'), text, shown };
  },
  promised: ({ inFlight, waitsFirst }) => {
    if (inFlight === 'unspecified') return undefined;
    return promise(is(inFlight === 'wait' || waitsFirst ? 'after waiting' : 'at once'));
  },
};

export const IN_FLIGHT_ROWS: readonly Row[] = [refused, waits];

function statusOf({ final }: Answered): string {
  return final.code === undefined ? String(final.status) : `${final.status} ${final.code}`;
}

function took({ sent }: Answered): number {
  return sent.answeredAt - sent.sentAt;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
