/** Settling: an undecided intent is sent again, with its own key and nothing else changed, until it is decided. */

import type { Contract } from '../model/contract.ts';
import { readKey } from '../model/contract.ts';
import { outcomeOf } from '../model/outcome.ts';
import { meaningOf } from '../model/refusals.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import type { CompleteEvent, InvokeEvent } from '../history/events.ts';
import type { OpenCustomer, OpenIntent } from './open-customer.ts';
import { pauseMs, type Patience } from './patience.ts';
import type { ReadBack } from './read-back.ts';

export interface SettlingOptions {
  readonly contract: Contract;
  readonly endpoint: Pick<ReadBack, 'redeem'>;
  readonly emit: (event: InvokeEvent | CompleteEvent) => void;
  /** Planned duplicates of a key that have not been delivered yet. */
  readonly pendingFor: (key: string) => number;
  /** Of the run, for the traces of what settles it. */
  readonly runId?: string;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export class Settling {
  readonly #options: SettlingOptions;
  readonly #patience: Patience;
  #attempts = 0;
  #undecided = 0;

  constructor(options: SettlingOptions, patience: Patience) {
    this.#options = options;
    this.#patience = patience;
  }

  /** Attempts that were sent to settle. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Intents that were still undecided when the bound was over. */
  get undecided(): number {
    return this.#undecided;
  }

  /** What an answer says of its intent. A refusal that no row of the contract explains decides once it has come a second time. */
  note(intent: OpenIntent, event: CompleteEvent): void {
    const meaning = meaningOf(this.#options.contract, event);
    if (meaning === 'ambiguous') intent.ambiguousCount += 1;
    if (meaning === 'done' || meaning === 'refused' || intent.ambiguousCount > 1) intent.decided = true;
  }

  async settle(customer: OpenCustomer): Promise<void> {
    await this.#awaitCopies(customer);
    for (const intent of customer.intents.values()) await this.#settleIntent(intent);
  }

  /** A duplicate that is still on its way could act after the read-back. Bounded: a lost copy must not hang the run. */
  async #awaitCopies(customer: OpenCustomer): Promise<void> {
    const keys = [...customer.intents.values()]
      .map((intent) => this.#keyOf(intent))
      .filter((key) => key !== undefined);
    while (keys.some((key) => this.#options.pendingFor(key) > 0) && !this.#patience.isOver())
      await this.#options.sleep(20);
  }

  async #settleIntent(intent: OpenIntent): Promise<void> {
    const key = this.#keyOf(intent);
    if (intent.decided || !intent.last) return;
    // Without a key of its own a repetition would be a new redemption; with other credentials it would be another question.
    if (key === undefined || intent.last.actor !== undefined) return;
    for (let tries = 0; !intent.decided && this.#patience.mayTryAgain(tries); tries++) {
      if (tries > 0) await this.#options.sleep(pauseMs(tries));
      await this.#settleOnce(intent, intent.last);
    }
    if (intent.decided) return;
    this.#undecided += 1;
    this.#patience.notedInVain();
  }

  async #settleOnce(intent: OpenIntent, last: InvokeEvent): Promise<void> {
    const { emit, endpoint, now, runId } = this.#options;
    intent.attempts += 1;
    intent.customer.usedAt = now();
    this.#attempts += 1;
    const attempt = `${intent.id}.${intent.attempts}`;
    emit({ ...plainly(last), at: now(), attempt, via: 'settle' });
    const answer = await endpoint.redeem(payloadOf(last), String(last.key), {
      ...(runId !== undefined && { runId }),
      attempt,
    });
    const complete = completion(attempt, now(), answer);
    emit(complete);
    this.note(intent, complete);
  }

  #keyOf(intent: OpenIntent): string | undefined {
    const syntax = readKey(this.#options.contract, intent.last?.key);
    return syntax.kind === 'key' ? syntax.key : undefined;
  }
}

/** It goes out as the plain request that it is, however the last one was sent; a payload that is odd in itself stays so. */
function plainly(last: InvokeEvent): InvokeEvent {
  if (last.way?.startsWith('payload: ') === true && last.bodyHash === undefined) return last;
  const { way: _way, mayRefuse: _mayRefuse, ...plain } = last;
  return plain;
}

function payloadOf(event: InvokeEvent): RedeemPayload {
  return {
    customer: event.customer,
    reward: event.reward,
    points: event.points,
    ...(event.redemptionType !== undefined && { type: event.redemptionType }),
    ...(event.clientRedemptionId !== undefined && { clientRedemptionId: event.clientRedemptionId }),
  };
}

type Answer = Awaited<ReturnType<ReadBack['redeem']>>;

function completion(attempt: string, at: number, answer: Answer): CompleteEvent {
  const { error, ...members } = answer;
  return {
    type: 'complete',
    at,
    attempt,
    outcome: outcomeOf(answer.status, answer.by),
    ...members,
    ...(error !== undefined && { error }),
  };
}
