/** A customer of the probe: asks for redemptions, and counts what they did in the books. */

import { sendCalls, STEP_HEADER } from '../model/calls.ts';
import {
  finalAnswer,
  isPending,
  NO_ANSWER,
  type FinalAnswer,
  type WholeAnswer,
} from '../model/final-answer.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import { authorised, readRequest } from '../model/wire.ts';
import type { Desk } from './desk.ts';
import { effectsBetween, type Books } from './books.ts';
import { EXECUTED, REPLAYED, Nowhere, Unseen, type Did, type Seen } from './row.ts';
import type { Sent, ToSend } from './sender.ts';

/** Absent: no key is sent. Several: as many header lines. */
export type Key = string | readonly string[] | undefined;

export interface Asked {
  readonly key: Key;
  readonly payload: RedeemPayload;
  /** In the place of the body that the config describes. */
  readonly body?: (body: string) => string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly token?: string;
  readonly path?: string;
  /** Replica, from 0. */
  readonly at?: number;
  /** Whatever is answered, it is asked once: no wait where the endpoint says to come back. */
  readonly isOnce?: boolean;
}

/** A request with what came of it in the end. */
export interface Answered {
  readonly sent: Sent;
  readonly final: FinalAnswer;
  /** When the last poll left that was told "not yet": it was still being worked on then. Absent: no poll was. */
  readonly pendingAt?: number;
}

/** So often a request is sent again that was told to come back, or whose connection broke. */
const TRIES = 3;
/** Whoever is told to wait longer does not. ms */
const MOST_WAIT_MS = 2000;
const PAUSE_MS = 100;

export class Account {
  readonly id: string;
  /** A token of the same customer beside the one that requests carry. */
  readonly otherToken: string | undefined;
  readonly #bench: Desk;
  readonly #token: string;
  readonly #opened: Books;
  /** Prices of what was asked for. */
  readonly #prices: number[] = [];
  #credited = 0;
  #effects = 0;

  constructor(bench: Desk, id: string, token: string, otherToken: string | undefined, opened: Books) {
    this.#bench = bench;
    this.id = id;
    this.#token = token;
    this.otherToken = otherToken === token ? undefined : otherToken;
    this.#opened = opened;
  }

  /** The token that acts for this customer alone, where there is one. */
  get ownToken(): string {
    return this.otherToken ?? this.#token;
  }

  /** The cheapest reward, with a name of its own where the endpoint takes one. */
  payload(changes: Partial<RedeemPayload> & { readonly isNameless?: boolean } = {}): RedeemPayload {
    const { target } = this.#bench.options;
    const [reward] = this.#bench.rewards;
    const [type] = target.redemptionTypes;
    const { isNameless = false, ...rest } = changes;
    return {
      customer: this.id,
      reward: reward?.id ?? '',
      points: reward?.points ?? 1,
      ...(type !== undefined && { type }),
      ...(target.sendsClientRedemptionId && !isNameless && { clientRedemptionId: this.#bench.name() }),
      ...rest,
    };
  }

  /** An honest second redemption, that nothing takes for the first: by its name, else by its reward. */
  another(): RedeemPayload {
    const reward = this.#bench.rewards[1];
    if (this.#bench.options.target.sendsClientRedemptionId || reward === undefined) return this.payload();
    return this.payload({ reward: reward.id, points: reward.points });
  }

  /** The redemption that the others of a row are compared with. Throws `Unseen` where it does not come to one. */
  async first(asked: Asked): Promise<Answered & { readonly seen: Seen }> {
    const answered = await this.redeem(asked);
    const seen = await this.told(answered);
    if (seen.did.did === 'executed') return { ...answered, seen };
    throw new Unseen(`the first redemption was answered with ${seen.text}`);
  }

  /** One redemption, with every call and poll that belongs to it. Throws `Unseen` where no answer comes. */
  async redeem(asked: Asked): Promise<Answered> {
    const { sleep, signal } = this.#bench.options;
    for (let tries = 1; ; tries++) {
      const answered = await this.#redeemOnce(asked);
      const { sent, final } = answered;
      const waitMs = comeBackMs(sent);
      const isTried = tries >= TRIES || signal.aborted;
      if (sent.answer === undefined && isTried) throw new Unseen(`no answer: ${sent.error ?? 'unknown'}`);
      if (final.status === 202 && final.error !== undefined) throw new Unseen(`not final: ${final.error}`);
      const comesBack = sent.answer === undefined || (waitMs !== undefined && asked.isOnce !== true);
      if (!comesBack || isTried) return answered;
      await sleep(waitMs ?? PAUSE_MS);
    }
  }

  /** The same request several times, at the same moment, one at each replica in turn. Of one call only. */
  async together(asked: Asked, count: number): Promise<readonly Answered[]> {
    const requests: ToSend[] = [];
    for (let index = 0; index < count; index++) {
      const { key } = asked;
      if (typeof key !== 'string' || this.#bench.options.target.redeem.before !== undefined)
        throw new Unseen('a redemption of several calls cannot be sent at one moment');
      await sendCalls({
        target: this.#target(index),
        payload: asked.payload,
        key,
        send: async (plain) => {
          requests.push(this.#written(asked, plain));
          return NO_ANSWER;
        },
        read: ({ status, body }) => ({ status, body }),
      });
    }
    this.#asks(asked.payload);
    const all = await this.#bench.sender.together(requests);
    return await Promise.all(
      all.map(async (sent, index) => ({ sent, ...(await this.#final(sent, index, asked.payload)) })),
    );
  }

  /** What an answer was, and whether the books say the same. `first`: what a replay would repeat. */
  async told(answered: Answered, first?: Answered): Promise<Seen> {
    const known = didOf(answered, first);
    const before = this.#effects;
    const effects = await this.#read(before + (known?.did === 'executed' ? 1 : 0));
    const count = effects.count === undefined ? undefined : effects.count - before;
    const did = known ?? (count === undefined || count > 0 ? EXECUTED : REPLAYED);
    const owed = did.did === 'executed' ? 1 : 0;
    if (effects.count !== undefined) this.#effects = effects.count;
    const trouble = troubleOf(count, owed, effects.disagreement);
    return {
      did,
      text: textOf(did, answered, count),
      shown: first === undefined ? [answered.sent] : [first.sent, answered.sent],
      ...(trouble !== undefined && { trouble }),
    };
  }

  /** Effects since the last count, when so many are owed. Undefined: nothing can be read. */
  async count(owed: number): Promise<{ readonly count: number | undefined; readonly trouble?: string }> {
    const before = this.#effects;
    const { count, disagreement } = await this.#read(before + owed);
    if (count === undefined) return { count };
    this.#effects = count;
    const trouble = troubleOf(count - before, owed, disagreement);
    return { count: count - before, ...(trouble !== undefined && { trouble }) };
  }

  async credit(points: number): Promise<void> {
    const { credit } = this.#bench.options;
    if (credit === undefined) throw new Unseen('no points can be given: hooks.credit');
    await this.#bench.turn();
    await credit(this.id, points);
    this.#credited += points;
  }

  async #redeemOnce(asked: Asked): Promise<Answered> {
    const { key, payload, body, at = 0 } = asked;
    const target = this.#target(at, asked.path);
    this.#asks(payload);
    const single = typeof key === 'string' || key === undefined ? key : key[0];
    if (typeof key === 'object' && target.redeem.keyPointer !== undefined)
      throw new Nowhere('the key stands in the body, which has room for one');
    const { answer: sent, lacks } = await sendCalls({
      target,
      payload,
      key: single,
      send: async (plain) => {
        const written = this.#written(asked, plain);
        return await this.#bench.sender.send(body ? { ...written, body: body(written.body) } : written);
      },
      read: ({ answer }) => ({ status: answer?.status ?? 0, body: answer?.text ?? '' }),
    });
    if (lacks !== undefined) throw new Unseen(`the answer to the first call has nothing at ${lacks}`);
    return { sent, ...(await this.#final(sent, at, payload)) };
  }

  #asks({ points }: RedeemPayload): void {
    this.#prices.push(points);
    this.#bench.used(this.id);
  }

  #target(at: number, path?: string) {
    const { target, baseUrls } = this.#bench.options;
    const baseUrl = baseUrls[at % baseUrls.length] ?? target.baseUrl;
    return { ...target, baseUrl, ...(path !== undefined && { redeem: { ...target.redeem, path } }) };
  }

  #written(
    { key, headers = [], token = this.#token }: Asked,
    plain: { method: string; url: string; body: string; headers: Record<string, string> },
  ): ToSend {
    const { target } = this.#bench.options;
    const { method, url, body, headers: named } = authorised(target, plain, token);
    const keyName = target.redeem.keyHeader.toLowerCase();
    const extra = new Set(headers.map(([name]) => name.toLowerCase()));
    const lines = Object.entries(named).flatMap(([name, value]): (readonly [string, string])[] => {
      if (name === STEP_HEADER || extra.has(name.toLowerCase())) return [];
      if (name.toLowerCase() !== keyName || typeof key !== 'object') return [[name, value]];
      return key.map((one) => [name, one] as const);
    });
    return { method, url, body, headers: [...lines, ...headers] };
  }

  async #final(sent: Sent, at: number, payload: RedeemPayload): Promise<Omit<Answered, 'sent'>> {
    const { target, sleep, now } = this.#bench.options;
    let pendingAt: number | undefined;
    const final = await finalAnswer(wholeOf(sent), {
      target: this.#target(at),
      sentTo: sent.url,
      customer: payload.customer,
      by: 'server',
      get: async (url) => {
        const { url: whole, headers } = readRequest(target, url, payload.customer, this.#token);
        const lines = Object.entries(headers);
        const poll = await this.#bench.sender.send({ method: 'GET', url: whole, headers: lines, body: '' });
        const told = wholeOf(poll);
        if (target.status !== undefined && isPending(target.status, told)) pendingAt = poll.sentAt;
        return told;
      },
      pause: sleep,
      now,
    });
    return { final, ...(pendingAt !== undefined && { pendingAt }) };
  }

  /** Reads until so many effects show, as long as reads may lag; one reading where they do. */
  async #read(owed: number) {
    const { now, sleep, lagMs, signal } = this.#bench.options;
    const since = now();
    for (;;) {
      const books = await this.#bench.books(this.id);
      const effects = effectsBetween(this.#opened, books, { prices: this.#prices, credited: this.#credited });
      const isShort =
        effects.count !== undefined && (effects.count < owed || effects.disagreement !== undefined);
      if (!isShort || now() - since >= lagMs || signal.aborted) return effects;
      await sleep(PAUSE_MS);
    }
  }
}

/** Undefined: only the books tell whether it was a new one. */
function didOf({ final, sent }: Answered, first: Answered | undefined): Did | undefined {
  const { status, code, redemption, outcome } = final;
  if (outcome !== 'ok') {
    const kind = outcome === 'fail' || (status >= 400 && status < 500) ? 'refused' : 'failed';
    return { did: kind, status, ...(code !== undefined && { code }) };
  }
  if (first === undefined) return EXECUTED;
  const { redemption: firstRedemption } = first.final;
  if (redemption !== undefined && firstRedemption !== undefined)
    return redemption === firstRedemption ? REPLAYED : EXECUTED;
  const hasBody = (sent.answer?.text ?? '') !== '';
  return hasBody && sent.answer?.text === first.sent.answer?.text ? REPLAYED : undefined;
}

function textOf(did: Did, { final }: Answered, count: number | undefined): string {
  const { status, code } = final;
  const effects = count === undefined ? 'effects cannot be read' : effectsText(count);
  const what =
    did.did === 'executed'
      ? `${status}, redeemed`
      : did.did === 'replayed'
        ? `${status}, the first answer again`
        : `${status}${code === undefined ? '' : ` ${code}`}`;
  return `${what}; ${effects}`;
}

/** `1 effect`, `2 effects`. */
export function effectsText(count: number): string {
  return count === 1 ? '1 effect' : `${count} effects`;
}

function troubleOf(
  count: number | undefined,
  owed: number,
  disagreement: string | undefined,
): string | undefined {
  if (count === undefined) return undefined;
  if (disagreement !== undefined) return `the books disagree: ${disagreement}`;
  if (count === owed) return undefined;
  return `${effectsText(count)} in the books where the answer means ${owed}`;
}

function wholeOf({ answer }: Sent): WholeAnswer {
  if (answer === undefined) return NO_ANSWER;
  return { status: answer.status, headers: answer.headers, body: answer.text };
}

/** How long it is told to stay away: 429 and 503 with Retry-After. Undefined: it is not. */
function comeBackMs({ answer }: Sent): number | undefined {
  if (answer === undefined || (answer.status !== 429 && answer.status !== 503)) return undefined;
  const text = answer.headers['retry-after'];
  const ms = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) * 1000 : Number.NaN;
  return ms <= MOST_WAIT_MS ? Math.max(ms, PAUSE_MS) : undefined;
}
