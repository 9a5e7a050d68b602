/**
 * The client's half of the contract: how an intent is carried to its end.
 *
 * `seed`, the safe reading: network error or 5xx, same key again after 1, 2, 4 s; in progress, wait as told, same key;
 * any other 409, look the redemption up and check the balance. `seed-literal`: the text's own rule "409 and the key does
 * not match: generate a new key and retry", which can redeem twice.
 */
import { holdsPoints } from '../../harness/model/protocol.ts';
import { attempt, type AttemptOptions } from './attempt.ts';
import { count } from './counters.ts';
import { now } from './events.ts';
import { isLawfulRefusal } from './lawful.ts';
import { pause } from './pause.ts';
import { readList, readBalanceOf } from './reads.ts';
import { anotherKey, isRefusal, type Attempt, type Intent, type Story } from './story.ts';

/** After the first, second and third failure, ms, before the factor. */
export const BACKOFF_MS = [1000, 2000, 4000] as const;
/** How long in all a client waits for "in progress" to end, ms: before the factor, and at least. */
const PROGRESS_MS = 20_000;
const PROGRESS_LEAST_MS = 2500;
/** The longest single wait, whatever Retry-After says, ms before the factor. */
const WAIT_CAP_MS = 30_000;
const NEW_KEY_LIMIT = 3;

export interface PursueOptions {
  /** What was sent already; the policy goes on from its answer. */
  readonly after?: Attempt;
  /** Time-out of the n-th attempt of this pursuit (from 1), ms. */
  readonly timeoutMs?: (number: number) => number;
  readonly attempt?: AttemptOptions;
  /** Rows of the contract that may refuse this intent, beside "in progress" and "too few points". */
  readonly refusals?: readonly unknown[];
}

/** Carries an intent to its end by the client's policy; its state tells how it ended. */
export async function pursue(story: Story, intent: Intent, options: PursueOptions = {}): Promise<void> {
  const pursuit = new Pursuit(story, intent, options);
  await pursuit.run();
  count(COUNTERS[intent.state]);
}

/** Sends the same attempt again and again until there is a definite answer; undefined when none came. For probes at a set time. */
export async function insist(
  story: Story,
  intent: Intent,
  options: AttemptOptions = {},
): Promise<Attempt | undefined> {
  for (let number = 0; number < 6; number++) {
    const answer = await attempt(story, intent, options);
    if (answer.outcome !== 'info' && !isRefusal(answer, story.contract.inFlight)) return answer;
    await pause(waitMs(story, answer, BACKOFF_MS[Math.min(number, 2)] ?? 1000));
  }
  return undefined;
}

/** Counts an answer that refuses otherwise than the contract says. */
export function judgeRefusal(story: Story, answer: Attempt, rows: readonly unknown[]): void {
  if (answer.outcome === 'fail' && !isLawfulRefusal(story, answer, rows)) count('wrong_answers');
}

const COUNTERS = {
  open: 'intents_undecided',
  done: 'intents_completed',
  refused: 'intents_refused',
  undecided: 'intents_undecided',
} as const;

class Pursuit {
  readonly #story: Story;
  readonly #intent: Intent;
  readonly #options: PursueOptions;
  #key: string | null | undefined;
  #sent = 0;
  #failures = 0;
  #newKeys = 0;
  #waitingSince: number | undefined;

  constructor(story: Story, intent: Intent, options: PursueOptions) {
    this.#story = story;
    this.#intent = intent;
    this.#options = options;
    this.#key = options.attempt?.key;
  }

  async run(): Promise<void> {
    let answer = this.#options.after ?? (await this.#send());
    while (this.#intent.state === 'open') {
      const goesOn = await this.#react(answer);
      if (goesOn) answer = await this.#send();
    }
  }

  /** Decides what an answer means; true when another attempt is due now. */
  async #react(answer: Attempt): Promise<boolean> {
    if (answer.outcome === 'ok') return this.#end('done');
    if (answer.outcome === 'info') return this.#afterFailure(answer);
    const { contract } = this.#story;
    if (isRefusal(answer, contract.inFlight)) return this.#afterProgress(answer);
    const rows: unknown[] = [
      contract.inFlight,
      contract.insufficientPoints,
      ...(this.#options.refusals ?? []),
    ];
    judgeRefusal(this.#story, answer, rows);
    if (answer.status !== 409) return this.#end('refused');
    if (this.#story.settings.client === 'seed-literal' && this.#newKeys < NEW_KEY_LIMIT) {
      return this.#withNewKey();
    }
    return this.#end(await lookUp(this.#story, this.#intent));
  }

  async #afterFailure(answer: Attempt): Promise<boolean> {
    const backoff = BACKOFF_MS[this.#failures];
    if (backoff === undefined) return this.#end('undecided');
    this.#failures += 1;
    await pause(waitMs(this.#story, answer, backoff));
    return true;
  }

  async #afterProgress(answer: Attempt): Promise<boolean> {
    count('in_progress_seen');
    this.#waitingSince ??= now();
    const waited = now() - this.#waitingSince;
    const bound = Math.max(PROGRESS_LEAST_MS, PROGRESS_MS * this.#story.settings.backoffFactor);
    if (waited > bound) return this.#end('undecided');
    await pause(waitMs(this.#story, answer, BACKOFF_MS[0]) + waited / 4);
    return true;
  }

  /** The literal rule of the seed. That the key "does not match" is all that such a client learns from a 409. */
  async #withNewKey(): Promise<boolean> {
    this.#newKeys += 1;
    count('new_keys_made');
    this.#key = anotherKey(this.#story, this.#intent, this.#newKeys);
    await pause(BACKOFF_MS[0] * this.#story.settings.backoffFactor);
    return true;
  }

  #send(): Promise<Attempt> {
    this.#sent += 1;
    const timeoutMs = this.#options.timeoutMs?.(this.#sent);
    return attempt(this.#story, this.#intent, {
      ...this.#options.attempt,
      ...(this.#key === undefined ? {} : { key: this.#key }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  #end(state: Intent['state']): false {
    this.#intent.state = state;
    return false;
  }
}

/** The seed's "query redemption status, verify points balance": a hit ends the intent as done. */
export async function lookUp(story: Story, intent: Intent): Promise<'done' | 'refused' | 'undecided'> {
  const party = story.parties.find(({ id }) => id === intent.payload.customer) ?? story.owner;
  const list = await readList(story, party);
  await readBalanceOf(story, party);
  if (list === undefined) return 'undecided';
  const known = new Set(party.opening.redemptions?.map(({ redemption }) => redemption));
  const answered = new Set(intent.attempts.map(({ redemption }) => redemption));
  const own = intent.payload.clientRedemptionId;
  const isHit = list.filter(holdsPoints).some((item) => {
    if (own !== undefined && item.clientRedemptionId !== undefined) return item.clientRedemptionId === own;
    if (answered.has(item.redemption)) return true;
    if (known.has(item.redemption) || party.opening.redemptions === undefined) return false;
    return item.reward === intent.payload.reward && item.points === intent.payload.points;
  });
  if (isHit) return 'done';
  return intent.attempts.some(({ outcome }) => outcome === 'info') ? 'undecided' : 'refused';
}

/** The wait before the next attempt, ms: what the server asks, else the backoff, both scaled by the factor. */
function waitMs(story: Story, answer: Attempt, backoffMs: number): number {
  return Math.min(WAIT_CAP_MS, answer.retryAfterMs ?? backoffMs) * story.settings.backoffFactor;
}
