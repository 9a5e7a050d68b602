/**
 * From the first answer to the final one: an endpoint may accept a redemption (202) and tell elsewhere how it ended,
 * or make it (201) and name where it stands. Dependency-free: scenarios, audit, sweep and raw sender follow by it.
 */

import { exactJson } from './json.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { fillPath } from './protocol.ts';
import type { Pointer, StatusCall, Target } from './target.ts';
import { localUrl } from './local-url.ts';
import { at, readAnswer, type ReadAnswer } from './read-answer.ts';

/** An answer as all senders have it: header names in lower case. */
export interface WholeAnswer {
  /** 0: none came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** No answer came. */
export const NO_ANSWER: WholeAnswer = { status: 0, headers: {}, body: '' };

export interface FinalAnswer extends ReadAnswer {
  readonly outcome: Outcome;
  /** What it counts as: of a refusal that was told in a 200, the status that its word stands for. */
  readonly status: number;
  readonly headers: WholeAnswer['headers'];
  readonly body: string;
  /** Requests that asked how it ended. Absent: none was needed. */
  readonly polls?: number;
  /** Why it stayed open. */
  readonly error?: string;
}

export interface FollowOptions {
  readonly target: Target;
  /** URL that the redemption was sent to, and the customer it was for. */
  readonly sentTo: string;
  readonly customer: string;
  readonly by: 'server' | 'proxy';
  /** Asks at a URL of the target, with the credentials of the attempt. Status 0 where no answer came; never rejects. */
  readonly get: (url: string) => Promise<WholeAnswer>;
  readonly pause: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** What every wait is multiplied by. Default 1. */
  readonly waitFactor?: number;
}

const LONGEST_WAIT_MS = 2000;
/** A redemption that was made is asked for so often when its own answer does not come. */
const RESOURCE_TRIES = 3;
/** A poll that is refused with one of these was not allowed, came too early or was one too many: it says nothing. */
const NO_WORD: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 425, 429, 499]);

/** What the first answer comes to in the end. Bounded in count and time; what is open after that is `info`. */
export async function finalAnswer(first: WholeAnswer, options: FollowOptions): Promise<FinalAnswer> {
  const { target, by } = options;
  if (by === 'proxy') return told(target, first, outcomeOf(first.status, by));
  if (target.status !== undefined && stateOf(target.status, first) === 'pending')
    return await polled(target.status, first, options);
  if (target.status !== undefined && isMade(first.status)) {
    const { status, outcome } = endOf(target.status, first);
    if (outcome !== 'ok') return { ...told(target, first, outcome), status };
  }
  if (!isMade(first.status)) return told(target, first, outcomeOf(first.status, by));
  if (isOnlyAccepted(target, first))
    return { ...told(target, first, 'info'), error: 'accepted, and no redemption named' };
  return await withResource(first, options);
}

/** A 202 that names nothing, where redemptions are named: it is taken up, and nobody says how it ends. */
export function isOnlyAccepted(target: Target, answer: Pick<WholeAnswer, 'status' | 'body'>): boolean {
  const { redemption, from = 'body' } = target.answer;
  if (answer.status !== 202 || redemption === undefined || from !== 'body') return false;
  return readAnswer(target, answer.body).redemption === undefined;
}

/** What a `complete` event takes of it. */
export function toldMembers(final: FinalAnswer): Omit<FinalAnswer, 'headers' | 'body'> {
  const { headers: _headers, body: _body, ...members } = final;
  return members;
}

/** An answer's headers in lower case: k6 gives Go's spelling, Node lower case. */
export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

/** Whether the answer is marked as a replay, at its beginning or at its end. */
export function isMarked({ headers }: Pick<WholeAnswer, 'headers'>, marker: string): boolean {
  return textOf(headers[marker.toLowerCase()]) === 'true';
}

/** Whether the answer says that the redemption is still being worked on. */
export function isPending(call: StatusCall, answer: Pick<WholeAnswer, 'status' | 'body'>): boolean {
  return stateOf(call, answer) === 'pending';
}

type State = 'pending' | 'done' | 'refused' | 'other';

function stateOf(call: StatusCall, answer: Pick<WholeAnswer, 'status' | 'body'>): State {
  if (!isMade(answer.status)) return 'other';
  const word = call.value === undefined ? undefined : wordAt(answer.body, call.value);
  if (word !== undefined && call.done.includes(word)) return 'done';
  if (word !== undefined && Object.hasOwn(call.refused, word)) return 'refused';
  return answer.status === 202 || word !== undefined ? 'pending' : 'done';
}

async function polled(call: StatusCall, first: WholeAnswer, options: FollowOptions): Promise<FinalAnswer> {
  const { target, pause, now, waitFactor = 1 } = options;
  const open = (polls: number, error: string): FinalAnswer => ({
    ...told(target, first, 'info'),
    ...(polls > 0 && { polls }),
    error,
  });
  let url = addressOf(call, first, options);
  if (url === undefined) return open(0, `no address of this endpoint in ${call.from}`);
  const since = now();
  let wait = call.everyMs;
  let asked = 0;
  let last = first;
  while (asked < call.mostPolls) {
    const ms = (retryAfterMs(last) ?? wait) * waitFactor;
    if (now() - since + ms > call.withinMs) break;
    await pause(ms);
    wait = Math.min(LONGEST_WAIT_MS, wait * 1.5);
    last = await options.get(url);
    asked += 1;
    // "See other": it is done, and its resource stands there.
    const moved: string | undefined =
      last.status === 303 ? localUrl(textOf(last.headers['location']), url, options) : undefined;
    if (moved !== undefined) {
      url = moved;
      last = await options.get(url);
      asked += 1;
    }
    const end = pollEnd(call, last, moved !== undefined);
    if (end !== undefined) {
      const pointers = call.answer ?? target.answer;
      return {
        ...told({ ...target, answer: pointers }, last, end.outcome),
        headers: { ...first.headers, ...last.headers },
        status: end.status,
        polls: asked,
      };
    }
  }
  return open(asked, `not final after ${asked} polls`);
}

/** How a poll's answer ends it; undefined: it goes on. The resource itself need not repeat the word. */
function pollEnd(
  call: StatusCall,
  answer: WholeAnswer,
  isResource: boolean,
): ReturnType<typeof endOf> | undefined {
  const state = stateOf(call, answer);
  if (state === 'pending') return undefined;
  // A 200 without the word that was to be there is no word at all.
  const needsWord = call.value !== undefined && !isResource;
  if (state === 'done' && needsWord && wordAt(answer.body, call.value) === undefined) return undefined;
  if (state !== 'other') return endOf(call, answer);
  const isRefusal = answer.status >= 400 && answer.status < 500 && !NO_WORD.has(answer.status);
  return isRefusal ? { status: answer.status, outcome: 'fail' } : undefined;
}

function endOf(
  call: StatusCall,
  answer: WholeAnswer,
): { readonly status: number; readonly outcome: Outcome } {
  const word = call.value === undefined ? undefined : wordAt(answer.body, call.value);
  const status = word !== undefined && Object.hasOwn(call.refused, word) ? call.refused[word] : undefined;
  return status === undefined
    ? { status: answer.status, outcome: 'ok' }
    : { status, outcome: outcomeOf(status) };
}

/** A redemption that was made and is named by its Location, or stands where that leads. */
async function withResource(first: WholeAnswer, options: FollowOptions): Promise<FinalAnswer> {
  const { target, pause } = options;
  const plain = told(target, first, 'ok');
  const location = textOf(first.headers['location']);
  const { from } = target.answer;
  if (location === undefined || from === undefined || from === 'body') return plain;
  if (from === 'location') {
    const redemption = plain.redemption ?? lastSegment(location);
    return redemption === undefined ? plain : { ...plain, redemption };
  }
  const url = localUrl(location, options.sentTo, options);
  if (url === undefined) return plain;
  for (let tries = 1; tries <= RESOURCE_TRIES; tries++) {
    const resource = await options.get(url);
    if (resource.status === 200) {
      const { redemption, customer, balance } = readAnswer(target, resource.body);
      return {
        ...plain,
        ...(redemption !== undefined && { redemption }),
        ...(customer !== undefined && { customer }),
        ...(balance !== undefined && { balance }),
        polls: tries,
      };
    }
    if (tries < RESOURCE_TRIES) await pause(100 * tries * (options.waitFactor ?? 1));
  }
  return { ...plain, polls: RESOURCE_TRIES };
}

function told(target: Target, answer: WholeAnswer, outcome: Outcome): FinalAnswer {
  const { status, headers, body } = answer;
  return { ...readAnswer(target, body), outcome, status, headers, body };
}

/** Where to ask, at the target itself; undefined where nothing is told or it lies elsewhere. */
function addressOf(call: StatusCall, first: WholeAnswer, options: FollowOptions): string | undefined {
  const found = call.from.startsWith('/')
    ? wordAt(first.body, call.from)
    : textOf(first.headers[call.from.toLowerCase()]);
  if (found === undefined || found === '') return undefined;
  if (call.path === undefined) return localUrl(found, options.sentTo, options);
  return options.target.baseUrl + fillPath(call.path, { status: found, customer_id: options.customer });
}

function lastSegment(location: string): string | undefined {
  const path = location.replace(/^(?:https?:)?\/\/[^/?#]*/i, '').replace(/[?#].*$/, '');
  const segment = path
    .split('/')
    .filter((part) => part !== '')
    .pop();
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** When the answer asks to come back, ms; a date (RFC 9110, section 10.2.3) says at least that one was asked to: 0. */
export function toldWait(answer: Pick<WholeAnswer, 'headers'>): { readonly retryAfterMs?: number } {
  const isTold = textOf(answer.headers['retry-after']) !== undefined;
  return isTold ? { retryAfterMs: retryAfterMs(answer) ?? 0 } : {};
}

function retryAfterMs({ headers }: Pick<WholeAnswer, 'headers'>): number | undefined {
  const text = textOf(headers['retry-after']);
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : undefined;
}

function isMade(status: number): boolean {
  return status >= 200 && status < 300;
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}

function wordAt(body: string, pointer: Pointer): string | undefined {
  const value = at(exactJson(body), pointer);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
