/** The sweep's own client: one request on a connection of its own, written down before it leaves and when it ends. */

import { traced } from '../model/trace.ts';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../model/contract.ts';
import { finalAnswer, isMarked, toldMembers, toldWait, type WholeAnswer } from '../model/final-answer.ts';
import { outcomeOf } from '../model/outcome.ts';
import type { Target } from '../model/target.ts';
import { balanceUrl, payloadHash, redemptionsUrl, type RedeemPayload } from '../model/redeem-request.ts';
import { sendCalls, STEP_HEADER } from '../model/calls.ts';
import { authorised, readRequest } from '../model/wire.ts';
import type { CompleteEvent, HistoryEvent } from '../history/events.ts';

export interface SweepIntent {
  readonly id: string;
  readonly key: string;
  readonly payload: RedeemPayload;
  /** Bearer token; empty: none. */
  readonly token: string;
  /** Attempts sent so far, by whoever sends for this intent. */
  readonly attempts: { sent: number };
}

export interface Answer {
  readonly attempt: string;
  readonly complete: CompleteEvent;
  /** What the server asked to wait, ms. */
  readonly retryAfterMs?: number;
}

export interface SendOptions {
  /** Base URL of the replica that gets it. */
  readonly to: string;
  readonly timeoutMs: number;
  /** Another payload under the intent's key. */
  readonly payload?: RedeemPayload;
}

export interface ClientOptions {
  readonly target: Target;
  readonly contract: Contract;
  readonly emit: (event: HistoryEvent) => void;
  readonly now: () => number;
  /** Of the run, for the attempts' traces. */
  readonly runId?: string;
}

export class SweepClient {
  readonly #options: ClientOptions;
  #requests = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Redeem requests sent so far. */
  get requestCount(): number {
    return this.#requests;
  }

  /** One attempt. What went wrong on the way is told in the answer, never thrown. */
  async send(intent: SweepIntent, options: SendOptions): Promise<Answer> {
    const { target, emit, now, runId } = this.#options;
    const payload = options.payload ?? intent.payload;
    const attempt = `${intent.id}.${++intent.attempts.sent}`;
    this.#requests += 1;
    emit({
      type: 'invoke',
      at: now(),
      attempt,
      intent: intent.id,
      key: intent.key,
      customer: payload.customer,
      reward: payload.reward,
      points: payload.points,
      ...(payload.type !== undefined && { redemptionType: payload.type }),
      ...(payload.clientRedemptionId !== undefined && { clientRedemptionId: payload.clientRedemptionId }),
      payloadHash: payloadHash(payload),
      via: 'script',
    });
    const at = { ...target, baseUrl: options.to };
    const { answer, step, lacks, url } = await sendCalls({
      target: at,
      payload,
      key: intent.key,
      send: async (plain) => {
        const { [STEP_HEADER]: _, ...sent } = plain.headers;
        const request = authorised(at, { ...plain, headers: traced(sent, runId, attempt) }, intent.token);
        return await ask({ ...request, timeoutMs: options.timeoutMs });
      },
      read: ({ status = 0, text }) => ({ status, body: text }),
    });
    const told =
      lacks === undefined ? answer : { headers: {}, text: '', error: `call ${step} gave no ${lacks}` };
    const whole = await this.#complete(attempt, told, url, intent, options);
    const complete = { ...whole, ...(step !== undefined && { step }) };
    emit(complete);
    const retryAfterMs = waitOf(answer.headers['retry-after']);
    return { attempt, complete, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  /** Reads balance and list, as an app does; nothing is kept of it. */
  async read(to: string, { payload, token }: SweepIntent, timeoutMs: number): Promise<boolean> {
    const target = { ...this.#options.target, baseUrl: to };
    const urls = [balanceUrl(target, payload.customer), redemptionsUrl(target, payload.customer)];
    let isWhole = true;
    for (const url of urls) {
      if (url === undefined) continue;
      const { status } = await ask({
        method: 'GET',
        ...readRequest(target, url, payload.customer, token),
        timeoutMs,
      });
      isWhole &&= status !== undefined;
    }
    return isWhole;
  }

  async #complete(
    attempt: string,
    answer: Asked,
    sentTo: string,
    { token, payload: { customer } }: SweepIntent,
    options: SendOptions,
  ): Promise<CompleteEvent> {
    const { target, contract, now } = this.#options;
    const { replayMarker: marker } = contract;
    const hasMarker = marker !== 'none' && marker !== 'unspecified' && answer.status !== undefined;
    if (answer.status === undefined)
      return {
        type: 'complete',
        at: now(),
        attempt,
        outcome: outcomeOf(answer.status),
        by: 'server',
        ...(answer.error !== undefined && { error: answer.error }),
      };
    const final = await finalAnswer(wholeOf(answer), {
      target: { ...target, baseUrl: options.to, alsoAt: [target.baseUrl, ...(target.alsoAt ?? [])] },
      sentTo,
      customer,
      by: 'server',
      get: async (url) =>
        wholeOf(
          await ask({
            method: 'GET',
            ...readRequest(target, url, customer, token),
            timeoutMs: options.timeoutMs,
          }),
        ),
      pause: (ms) => sleep(ms),
      now,
    });
    return {
      type: 'complete',
      at: now(),
      attempt,
      ...toldMembers(final),
      ...(final.outcome !== 'ok' && toldWait(final)),
      ...(hasMarker && { replayed: isMarked(final, marker) }),
      by: 'server',
    };
  }
}

interface Asked {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly error?: string;
}

/** Answers larger than this are cut off: no redemption's is. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

function ask(request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}): Promise<Asked> {
  const { method, url, body, timeoutMs } = request;
  const send = new URL(url).protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((done) => {
    const failed = (error: unknown): void => {
      clearTimeout(timer);
      done({ headers: {}, text: '', error: codeOf(error) });
    };
    // A connection of its own: one that died with a killed process must fail nobody else's request.
    const headers = {
      ...request.headers,
      ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
    };
    const call = send(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('answer too large'));
        else chunks.push(chunk);
      });
      answer.once('error', failed);
      answer.once('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString('utf8');
        done({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    const timer = setTimeout(
      () => call.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    call.once('error', failed);
    call.end(body);
  });
}

function wholeOf({ status = 0, headers, text }: Asked): WholeAnswer {
  return { status, headers, body: text };
}

function waitOf(header: string | readonly string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
