/** One iteration's own books: whose customer it is, what was wanted, what was sent and answered. */
import type { Contract } from '../../harness/model/contract.ts';
import { below, uniform } from '../../harness/model/decide.ts';
import type { Capabilities } from '../../harness/history/events.ts';
import type { Outcome } from '../../harness/model/outcome.ts';
import type { ListedRedemption } from '../../harness/model/protocol.ts';
import type { RedeemPayload } from '../../harness/model/redeem-request.ts';
import { keyOf } from './keys.ts';
import type { Settings } from './settings.ts';

/** An attempt that has its answer, or has given up waiting for one. */
export interface Attempt {
  /** `<intent>.<n>` */
  readonly name: string;
  readonly key: string | undefined;
  readonly payload: RedeemPayload;
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly outcome: Outcome;
  readonly status: number;
  readonly code?: string;
  readonly redemption?: string;
  readonly replayed?: boolean;
  readonly by: 'server' | 'proxy';
  /** What the server asked to wait, ms as it said. */
  readonly retryAfterMs?: number;
  readonly body: string;
}

export interface Intent {
  readonly id: string;
  readonly payload: RedeemPayload;
  readonly key: string;
  readonly attempts: Attempt[];
  sentCount: number;
  /** Of its first attempt: a later one with another is told apart. */
  token?: string;
  /** How many debits the contract lets this intent make; Infinity where nothing is promised. */
  effectLimit: number;
  state: 'open' | 'done' | 'refused' | 'undecided';
}

/** What a reading gave; a member is absent where it could not be read. */
export interface Reading {
  readonly balance?: number;
  readonly redemptions?: readonly ListedRedemption[];
}

/** A customer in the story, with what was there before. */
export interface Party {
  readonly id: string;
  token: string;
  /** Provisioned by this iteration: nobody else ever used it. */
  readonly isFresh: boolean;
  opening: Reading;
  /** Points credited since the opening. */
  credits: number;
}

export interface Story {
  readonly settings: Settings;
  readonly contract: Contract;
  readonly capabilities: Partial<Capabilities>;
  readonly runId: string;
  /** Unique in the run. */
  readonly iteration: number;
  /** First part of the ids, e.g. `rs` or, in a soak, `sk-rs`. */
  readonly prefix: string;
  readonly owner: Party;
  readonly parties: Party[];
  readonly intents: Intent[];
  /** A customer's clock was set: from then on keys are as old as it says. */
  hasMovedClock: boolean;
}

export interface IntentOptions {
  readonly party?: Party;
  readonly reward?: { readonly id: string; readonly points: number };
  readonly points?: number;
  readonly type?: string;
  /** Whether the body names the intent; default: where the target can carry it and the client policy knows it. */
  readonly named?: boolean;
  /** The name, when it is another intent's. */
  readonly clientRedemptionId?: string;
  readonly key?: string;
  readonly effectLimit?: number;
  /** In the place of all that a payload is made of. */
  readonly payload?: RedeemPayload;
}

/** What a customer wants once: a payload and its key, both settled before the first attempt. */
export function newIntent(story: Story, options: IntentOptions = {}): Intent {
  const id = `${story.prefix}-${story.iteration}-${story.intents.length + 1}`;
  const reward = options.reward ?? rewardOf(story, id);
  const party = options.party ?? story.owner;
  const named = options.named ?? namesIntents(story);
  const type = options.type ?? pick(story.settings.target.redemptionTypes, story.settings.seed, id, 'type');
  const own = options.clientRedemptionId ?? (named ? `${id}-${story.runId}`.slice(0, 64) : undefined);
  const payload: RedeemPayload = options.payload ?? {
    customer: party.id,
    reward: reward.id,
    points: options.points ?? reward.points,
    ...(type === undefined ? {} : { type }),
    ...(own === undefined ? {} : { clientRedemptionId: own }),
  };
  const intent: Intent = {
    id,
    payload,
    key: options.key ?? ownKey(story, id, payload),
    attempts: [],
    sentCount: 0,
    effectLimit: options.effectLimit ?? 1,
    state: 'open',
  };
  story.intents.push(intent);
  return intent;
}

/** A further key for an intent, as a client makes one that does not keep the first (`copy` from 1). */
export function anotherKey(story: Story, intent: Intent, copy: number): string {
  return ownKey(story, intent.id, intent.payload, copy);
}

/** Whether this client tells the endpoint its own name for the intent. The literal client of the seed knows none. */
export function namesIntents(story: Story): boolean {
  return story.settings.target.sendsClientRedemptionId && story.settings.client === 'seed';
}

/** True for `share` of all cases, the same ones for one seed whatever the engine and the timing. */
export function chance(story: Story, share: number, what: string): boolean {
  return uniform(story.settings.seed, story.prefix, story.iteration, what) < share;
}

/** A whole number in [0, limit), decided by the seed. */
export function choice(story: Story, limit: number, what: string): number {
  return below(limit, story.settings.seed, story.prefix, story.iteration, what);
}

/** The dearest reward of the target, in points: what a customer needs for one redemption at most. */
export function dearest(settings: Settings): number {
  return Math.max(...settings.target.rewards.map((reward) => reward.points));
}

/** Whether this answer is the refusal that the row promises (a row without a code promises the status alone). */
export function isRefusal(attempt: Attempt, row: unknown): boolean {
  if (attempt.by === 'proxy' || typeof row !== 'object' || row === null) return false;
  const { status, code } = row as { status?: number; code?: string };
  if (attempt.status !== status) return false;
  return code === undefined || attempt.code === undefined || attempt.code === code;
}

function rewardOf(story: Story, id: string): { readonly id: string; readonly points: number } {
  const reward = pick(story.settings.target.rewards, story.settings.seed, id, 'reward');
  if (reward === undefined) throw new Error('the target names no rewards');
  return reward;
}

function pick<Item>(items: readonly Item[], ...parts: readonly (string | number)[]): Item | undefined {
  return items[below(items.length, ...parts)];
}

function ownKey(story: Story, intent: string, payload: RedeemPayload, copy = 0): string {
  const { seed, keyShape } = story.settings;
  return keyOf(
    {
      seed,
      runId: story.runId,
      intent,
      customer: payload.customer,
      shape: keyShape,
      maxLength: story.contract.keyMaxLength,
      ...(payload.clientRedemptionId === undefined ? {} : { clientRedemptionId: payload.clientRedemptionId }),
    },
    copy,
  );
}
