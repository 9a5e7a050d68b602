/** Requests and answers as plain data, on their way between the thread of a VU and the engine's. */
import { CookieJar, type JarEntry } from '../k6/cookie-jar.ts';
import { ExpectedStatuses } from '../k6/expected-statuses.ts';
import type { RequestPlan } from '../k6/request-plan.ts';
import { joined, type Answer } from '../k6/answer.ts';
import type { SetCookie } from '../k6/set-cookie.ts';
import type { Answered, KeptCookies, PlainAnswer, PlainPlan, Requests } from './messages.ts';

/** `jars`: those that the plans name by their place. */
export function plainRequests(
  plans: readonly RequestPlan[],
  isBatch: boolean,
): { readonly requests: Requests; readonly jars: readonly CookieJar[] } {
  const jars = [...new Set(plans.map(({ jar }) => jar))];
  const requests = {
    plans: plans.map((plan) => plainPlan(plan, jars.indexOf(plan.jar))),
    jars: jars.map((jar) => jar.all()),
    isBatch,
  };
  return { requests, jars };
}

function plainPlan(plan: RequestPlan, jar: number): PlainPlan {
  const { plainBody: _plainBody, ...rest } = plan;
  const { body, expected } = plan;
  // A copy of its own: a Buffer may be a small part of a large one, and would go as a whole.
  const bytes = typeof body === 'string' || body === null ? body : Uint8Array.from(body);
  return { ...rest, jar, body: bytes, expected: expected === null ? null : expected.ranges };
}

/** A copy of a script's jar, which remembers what it was given. */
export class CopiedJar extends CookieJar {
  private readonly place: number;
  private readonly kept: KeptCookies[];

  constructor(entries: readonly JarEntry[], place: number, kept: KeptCookies[]) {
    super(Date.now, entries);
    this.place = place;
    this.kept = kept;
  }

  override set(url: URL, cookies: readonly SetCookie[]): void {
    super.set(url, cookies);
    this.kept.push({ jar: this.place, url: url.href, cookies });
  }
}

/** The plans with copies of the jars; what these are given is put into `kept`. */
export function plansOf({ plans, jars }: Requests, kept: KeptCookies[]): RequestPlan[] {
  const copies = jars.map((entries, place) => new CopiedJar(entries, place, kept));
  return plans.map(({ jar, expected, body, ...plan }) => ({
    ...plan,
    jar: copies[jar] ?? new CookieJar(),
    expected: expected === null ? null : new ExpectedStatuses(expected.map(([min, max]) => ({ min, max }))),
    body: typeof body === 'string' || body === null ? body : Buffer.from(body.buffer),
  }));
}

export function plainAnswer(answer: Answer): PlainAnswer {
  const { status, error, errorCode, url, method, statusText, blockedMs, waitingMs, receivingMs } = answer;
  const { peer, rawHeaders, chunks } = answer;
  return {
    status,
    error,
    errorCode,
    url,
    method,
    statusText,
    peer,
    blockedMs,
    waitingMs,
    receivingMs,
    rawHeaders: rawHeaders.map((text) => text.toString('latin1')),
    body: chunks === undefined ? undefined : Uint8Array.from(joined(chunks)),
  };
}

/** The answers as the script's thread has them; the jars get what they were to keep. */
export function answersOf(
  { answers, kept }: Answered,
  plans: readonly RequestPlan[],
  jars: readonly CookieJar[],
): Answer[] {
  for (const { jar, url, cookies } of kept) jars[jar]?.set(new URL(url), cookies);
  return answers.flatMap((answer, index) => {
    const plan = plans[index];
    return plan === undefined ? [] : [answerOf(answer, plan)];
  });
}

function answerOf({ rawHeaders, body, ...answer }: PlainAnswer, plan: RequestPlan): Answer {
  return {
    ...answer,
    plan,
    rawHeaders: rawHeaders.map((text) => Buffer.from(text, 'latin1')),
    chunks: body === undefined ? undefined : [Buffer.from(body.buffer)],
  };
}
