/** One request for an intent: `invoke` is written before it leaves, `complete` when its answer is there or is given up. */
import http from 'k6/http';

import { digest } from '../../harness/model/decide.ts';
import {
  finalAnswer,
  isMarked,
  lowerCased,
  toldMembers,
  type FinalAnswer,
  type WholeAnswer,
} from '../../harness/model/final-answer.ts';
import { ATTEMPT_HEADER, BY_HEADER } from '../../harness/model/protocol.ts';
import type { CompleteEvent, InvokeEvent } from '../../harness/history/events.ts';
import { sendCalls } from '../../harness/model/calls.ts';
import { traced } from '../../harness/model/trace.ts';
import { payloadHash, type RedeemPayload, type WireRequest } from '../../harness/model/redeem-request.ts';
import { authorised, readRequest } from '../../harness/model/wire.ts';
import { count } from './counters.ts';
import { emit, now } from './events.ts';
import { noteAnswer } from './hope.ts';
import { leaksIn, type Secret } from './leaks.ts';
import { pause } from './pause.ts';
import { turnOf } from './turns.ts';
import type { Attempt, Intent, Party, Story } from './story.ts';
import type { Envelope } from './ways/envelopes.ts';

export interface AttemptOptions {
  /** Another key than the intent's own; null sends none. */
  readonly key?: string | null;
  /** Another writing of the same payload. */
  readonly body?: string;
  readonly timeoutMs?: number;
  /** How many attempts leave together with this one, itself included. */
  readonly together?: number;
  /** Whose credentials are used, when not the payload's customer's. */
  readonly actor?: Party;
  /** Values that must not stand in the answer. */
  readonly secrets?: readonly Secret[];
  /** How this attempt differs from the one before, `group: way`; written into the history. */
  readonly way?: string;
  /** A refusal says nothing: no row of a contract speaks of a request that is sent so. */
  readonly mayRefuse?: boolean;
  /** Another envelope for the same payload. */
  readonly envelope?: Envelope;
}

/** Sends one attempt and resolves with what came of it; never rejects for what the endpoint or the network did. */
export async function attempt(story: Story, intent: Intent, options: AttemptOptions = {}): Promise<Attempt> {
  const turn = turnOf(story, options.together);
  if (turn !== undefined) await turn;
  intent.sentCount += 1;
  const name = `${intent.id}.${intent.sentCount}`;
  const key = options.key === null ? undefined : (options.key ?? intent.key);
  if (intent.sentCount > 1) count('retries_seen');
  const invokedAt = now();
  const token = tokenFor(story, intent.payload, options.actor);
  emit(invokeEvent(invokedAt, name, intent, key, { ...options, ...wayOf(intent, token, options) }));
  const { payload } = intent;
  const { response, step, url } = await sendAll(story, { name, key, token, payload }, options);
  const { answered, told } = await answerOf(story, { name, key, payload, invokedAt }, url, token, response);
  intent.attempts.push(answered);
  // What this very request brought may be said again.
  const brought = [key, payload.customer, payload.reward, payload.points, payload.clientRedemptionId];
  const secrets = (options.secrets ?? []).filter((secret) => !brought.includes(secret));
  const leaks = leaksIn(answered.body, secrets, told);
  // That ids are each customer's own, so that two have one, is for the checker to say: it has read the lists.
  const strange = leaks.filter((leak) => leak !== told.redemption);
  if (strange.length > 0) count('leaked_values', strange.length);
  emit(completeEvent(answered, told, response.error_code === 0 ? '' : response.error, leaks, step));
  return answered;
}

interface Sending {
  readonly name: string;
  readonly key: string | undefined;
  readonly token: string;
  readonly payload: RedeemPayload;
}

/** The attempt's calls; the response is that of the last one that was made. */
async function sendAll(
  story: Story,
  { name, key, token, payload }: Sending,
  { body, timeoutMs, together: count, envelope }: AttemptOptions,
): Promise<{ readonly response: Response; readonly url: string; readonly step?: number | undefined }> {
  const { redeemTarget: target } = story.settings;
  const send = async (plain: WireRequest, step: number): Promise<Response> => {
    const usual = authorised(target, plain, token);
    const { method, url, headers, body: text } = envelope?.put(usual, story) ?? usual;
    const turn = step === 1 ? undefined : turnOf(story);
    if (turn !== undefined) await turn;
    const isTogether = count !== undefined && step === 1;
    const response = await http.asyncRequest(method, url, text, {
      headers: { ...traced(headers, story.runId, name), [ATTEMPT_HEADER]: name },
      // A redirect could lead to a host that nobody has named.
      redirects: 0,
      timeout: timeoutMs ?? story.settings.timeoutMs,
      tags: isTogether ? { name: 'redeem', together: String(count) } : { name: 'redeem' },
    });
    noteAnswer(method, url, response);
    return response;
  };
  const read = ({ status, body: text }: Response) => ({ status, body: typeof text === 'string' ? text : '' });
  const { answer, step, lacks, url: sentTo } = await sendCalls({ target, payload, key, body, send, read });
  if (lacks === undefined) return { response: answer, step, url: sentTo };
  const error = `the answer to call ${step} has nothing at ${lacks}`;
  return { response: { ...NO_RESPONSE, headers: answer.headers, error }, step, url: sentTo };
}

const NO_RESPONSE = { status: 0, body: null, error_code: 1 } as const;

/** Sends attempts that leave together: the tag lets an engine release their last bytes at once. */
export function together(sends: readonly ((count: number) => Promise<Attempt>)[]): Promise<Attempt[]> {
  return Promise.all(sends.map((send) => send(sends.length)));
}

function tokenFor(story: Story, payload: RedeemPayload, actor: Party | undefined): string {
  const party = actor ?? story.parties.find(({ id }) => id === payload.customer) ?? story.owner;
  return party.token;
}

function invokeEvent(
  at: number,
  name: string,
  intent: Intent,
  key: string | undefined,
  { actor, body, way, mayRefuse }: AttemptOptions,
): InvokeEvent {
  const { payload } = intent;
  return {
    type: 'invoke',
    at,
    attempt: name,
    intent: intent.id,
    ...(key === undefined ? {} : { key }),
    customer: payload.customer,
    reward: payload.reward,
    points: payload.points,
    ...(payload.type === undefined ? {} : { redemptionType: payload.type }),
    ...(payload.clientRedemptionId === undefined ? {} : { clientRedemptionId: payload.clientRedemptionId }),
    payloadHash: payloadHash(payload),
    ...(body === undefined ? {} : { bodyHash: digest(body) }),
    via: 'script',
    ...(actor === undefined ? {} : { actor: actor.id }),
    ...(way === undefined ? {} : { way }),
    ...(mayRefuse === true ? { mayRefuse } : {}),
  };
}

/** A token that is not that of the intent's first attempt is another envelope; a way that was asked for says more. */
function wayOf(intent: Intent, token: string, { actor, way }: AttemptOptions): Pick<AttemptOptions, 'way'> {
  if (actor !== undefined || way !== undefined) return {};
  intent.token ??= token;
  return intent.token === token ? {} : { way: 'envelope: a new token' };
}

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ArrayBuffer | null;
  readonly error: string;
  readonly error_code: number;
}

type Sent = Pick<Attempt, 'name' | 'key' | 'payload' | 'invokedAt'>;
type Told = Omit<FinalAnswer, 'headers' | 'body'>;

/** What came in the end: an endpoint that only accepts is asked until it tells how it ended. */
async function answerOf(
  story: Story,
  sent: Sent,
  sentTo: string,
  token: string,
  response: Response,
): Promise<{ readonly answered: Attempt; readonly told: Told }> {
  const first = wholeOf(response);
  const by = first.headers[BY_HEADER.toLowerCase()] === undefined ? 'server' : 'proxy';
  const { settings } = story;
  const final = await finalAnswer(first, {
    target: settings.target,
    sentTo,
    customer: sent.payload.customer,
    by,
    get: async (url) => await askAgain(story, url, sent.payload.customer, token),
    pause,
    now,
    waitFactor: settings.backoffFactor,
  });
  const { replayMarker } = story.contract;
  const hasMarker = replayMarker !== 'none' && replayMarker !== 'unspecified';
  const retryAfterMs = retryAfter(final.headers);
  const answered: Attempt = {
    ...sent,
    completedAt: now(),
    outcome: final.outcome,
    status: final.status,
    by,
    body: final.body,
    ...(final.code === undefined ? {} : { code: final.code }),
    ...(final.redemption === undefined ? {} : { redemption: final.redemption }),
    ...(hasMarker ? { replayed: isMarked(final, replayMarker) } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return { answered, told: toldMembers(final) };
}

async function askAgain(story: Story, at: string, customer: string, token: string): Promise<WholeAnswer> {
  const turn = turnOf(story);
  if (turn !== undefined) await turn;
  const { url, headers } = readRequest(story.settings.target, at, customer, token);
  const response = await http.asyncRequest('GET', url, null, {
    headers,
    redirects: 0,
    timeout: story.settings.timeoutMs,
    tags: { name: 'status' },
  });
  return wholeOf(response);
}

function wholeOf({ status, headers, body }: Response): WholeAnswer {
  return { status, headers: lowerCased(headers), body: typeof body === 'string' ? body : '' };
}

function completeEvent(
  answered: Attempt,
  { status, ...told }: Told,
  error: string,
  leaks: readonly string[],
  step: number | undefined,
): CompleteEvent {
  return {
    type: 'complete',
    at: answered.completedAt,
    attempt: answered.name,
    ...(status === 0 ? {} : { status }),
    ...told,
    ...(answered.replayed === undefined || status === 0 ? {} : { replayed: answered.replayed }),
    ...(answered.retryAfterMs === undefined || answered.outcome === 'ok'
      ? {}
      : { retryAfterMs: answered.retryAfterMs }),
    by: answered.by,
    ...(error === '' ? {} : { error }),
    ...(step === undefined ? {} : { step }),
    ...(leaks.length === 0 ? {} : { leaks }),
  };
}

/** Retry-After in ms: seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfter(headers: WholeAnswer['headers']): number | undefined {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
