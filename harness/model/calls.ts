/** The calls that make one attempt: mostly one; where one reserves and another confirms, one after the other. Dependency-free: k6 loads it. */

import { exactJson } from './json.ts';
import type { Target } from './target.ts';
import { redeemRequest, type RedeemPayload, type WireRequest } from './redeem-request.ts';
import { at } from './read-answer.ts';

/** Which of several calls a request is, as `n/of`: the hop reads it and takes it off. */
export const STEP_HEADER = 'Onceproof-Step';

export interface CallAnswer {
  /** 0: none came. */
  readonly status: number;
  readonly body: string;
}

export interface CallsResult<Answer> {
  readonly answer: Answer;
  /** Where it was sent, without credentials. */
  readonly url: string;
  /** The call, from 1, whose answer it is, when the last one was not made. */
  readonly step?: number;
  /** The answer was a success that lacks what the next call needs: nothing is known of the rest. */
  readonly lacks?: string;
}

export interface CallsAsked<Answer> {
  readonly target: Target;
  readonly payload: RedeemPayload;
  readonly key: string | undefined;
  /** In the place of the first call's body. */
  readonly body?: string | undefined;
  readonly send: (request: WireRequest, step: number) => Promise<Answer>;
  readonly read: (answer: Answer) => CallAnswer;
}

/** Sends one call after the other until one is not answered with success. */
export async function sendCalls<Answer>(asked: CallsAsked<Answer>): Promise<CallsResult<Answer>> {
  const { target, payload, key, body, send, read } = asked;
  const { before = [] } = target.redeem;
  const taken: Record<string, string> = {};
  for (const [index, call] of before.entries()) {
    const step = index + 1;
    const request = redeemRequest(callTarget(target, index), payload, key, taken);
    const answer = await send(stepped(withBody(request, step, body), step, before.length + 1), step);
    const found = read(answer);
    if (found.status < 200 || found.status > 299) return { answer, url: request.url, step };
    for (const [name, pointer] of Object.entries(call.take)) {
      const value = at(exactJson(found.body), pointer);
      if (typeof value !== 'string' && typeof value !== 'number')
        return { answer, url: request.url, step, lacks: pointer };
      taken[name] = String(value);
    }
  }
  const step = before.length + 1;
  const last = withBody(redeemRequest(target, payload, key, taken), step, body);
  const answer = await send(before.length === 0 ? last : stepped(last, step, step), step);
  return { answer, url: last.url };
}

/** The first call's request: what the payload is written in. */
export function firstRequest(target: Target, payload: RedeemPayload, key?: string): WireRequest {
  return redeemRequest(target.redeem.before === undefined ? target : callTarget(target, 0), payload, key);
}

function callTarget(target: Target, index: number): Target {
  const { keyHeader, before } = target.redeem;
  const call = before?.[index];
  return call === undefined ? target : { ...target, redeem: { ...call, keyHeader } };
}

function withBody(request: WireRequest, step: number, body: string | undefined): WireRequest {
  return step === 1 && body !== undefined ? { ...request, body } : request;
}

function stepped(request: WireRequest, step: number, of: number): WireRequest {
  return { ...request, headers: { ...request.headers, [STEP_HEADER]: `${step}/${of}` } };
}
