/**
 * One redemption: claim -> debit -> fulfil -> complete -> reply. Pure over its parts: no HTTP, no clock, no
 * process, so that a scheduler can order its steps and cut it off at any await.
 */

import { readKey, type Contract } from '../harness/model/contract.ts';
import type { CrashPoint } from '../harness/model/protocol.ts';
import { JSON_TYPE, refusalAnswer, type Answer, type RefusalDetails, type RefusalRow } from './answers.ts';
import { fingerprintOf, rulesOf } from './rules.ts';
import {
  internalKey,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Debited,
  type Kept,
  type Payload,
  type Store,
  type StoredAnswer,
} from './store.ts';

/** Where a redemption stands: the crash points, and one before each of the store's steps. */
export type StepPoint =
  CrashPoint | 'before-claim' | 'before-debit' | 'before-fulfil' | 'before-complete' | 'gap';

/** Which redemption a step belongs to. */
export interface StepPlace {
  readonly customer: string;
  /** A request without a key has one that the server made. */
  readonly key: string;
}

/** Awaited between the steps; whatever it does (crash, pause, nothing), the redemption can be resumed from there. */
export type Step = (point: StepPoint, place: StepPlace) => Promise<void>;

/** Has the reward made by whoever makes it; asked again for the same redemption it makes no second one. Throws `FulfilmentFailed`. */
export type Fulfil = (order: { readonly redemption: string; readonly payload: Payload }) => Promise<void>;

/** The reward could not be made now. The redemption stays open and a retry goes on with it. */
export class FulfilmentFailed extends Error {
  override readonly name = 'FulfilmentFailed';
}

export interface RedeemParts {
  readonly store: Store;
  readonly contract: Contract;
  readonly fulfil: Fulfil;
  readonly step: Step;
  readonly isRewardKnown: (reward: string) => boolean;
  /** A text that was never used before: redemption ids, owner tokens. */
  readonly newId: () => string;
  /** Two payloads with one fingerprint ask for the same. */
  readonly fingerprint: (payload: Payload, body: string) => string;
  /** How long an owner may take from one step to the next, ms. */
  readonly leaseMs: number;
  /** Longest wait of a profile that waits for the first attempt, ms. */
  readonly waitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** By how much this replica's own clock is wrong, ms, ahead > 0. Nothing that is right asks: time is the store's. */
  readonly clockErrorMs: () => number;
  /** Whether claim and debit must be two steps here, so that something can happen between them. */
  readonly splitsDebit: (place: StepPlace) => boolean;
  /** What only a wrong edition has: the right one reads nothing but key and payload. */
  readonly careless?: Careless;
}

/** Where a wrong edition steps in beside the store; each is asked in place of what is right. */
export interface Careless {
  /** A request from the route to its outcome. */
  readonly around?: (parts: RedeemParts, request: SentRequest) => Promise<RedeemOutcome>;
  /** What is put on the wire. */
  readonly tell?: (answer: Answer, outcome: RedeemOutcome) => Answer;
  /** Fingerprints are made of the text that was sent. */
  readonly readsBodies?: boolean;
}

/** A request with all that came with it. */
export interface SentRequest extends RedeemRequest {
  /** Path and query as they were sent. */
  readonly url: string;
  readonly httpVersion: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** The client has closed its connection. */
  readonly isGone: () => boolean;
}

export interface RedeemRequest {
  /** As it was sent: absent, a text, or several header values. */
  readonly key: string | readonly string[] | undefined;
  readonly payload: Payload;
  /** As it was sent; absent where nothing asks for it. */
  readonly body?: string;
}

export type RedeemOutcome =
  | { readonly kind: 'answered'; readonly answer: StoredAnswer; readonly isReplay: boolean }
  | ({
      readonly kind: 'refused';
      readonly row: RefusalRow | 'fulfilmentFailed' | 'tryAgain';
    } & RefusalDetails);

/** How often a redemption that lost its claim is judged again before it is told to come back. */
const MAX_ROUNDS = 5;
const WAIT_STEP_MS = 20;

/** Carries a redemption through, or says why not. Throws `StoreUnavailable`: then a retry with the same key settles it. */
export async function redeem(parts: RedeemParts, request: RedeemRequest): Promise<RedeemOutcome> {
  const read = readKey(parts.contract, request.key);
  if (read.kind === 'malformed') return refused('malformedKey');
  if (read.kind === 'key') return admitted(parts, read.key, request);
  if (parts.contract.missingKey !== 'accept') return refused('missingKey');
  return settle(parts, claimRequest(parts, internalKey(parts.newId()), request.payload));
}

/** What comes before the claim: whether the key is another customer's, and whether it is asked to try again. */
async function admitted(parts: RedeemParts, key: string, request: RedeemRequest): Promise<RedeemOutcome> {
  const { contract, store } = parts;
  const { payload, body = '' } = request;
  // All customers redeem at one path here, so that what a path has in common all have.
  if (contract.keyScope === 'global' || contract.keyScope === 'path') {
    const holder = await store.keyHolder(key, payload.customer, rulesOf(contract).tombstoneMs);
    if (holder !== payload.customer) return refused('otherPayload');
  }
  if (typeof contract.tryAgain === 'object' && (await store.isFirstAsk(payload.customer, key)))
    return refused('tryAgain');
  return settle(parts, claimRequest(parts, key, payload, parts.fingerprint(payload, body)));
}

/** The outcome on the wire. */
export function answerOf(contract: Contract, outcome: RedeemOutcome): Answer {
  if (outcome.kind === 'refused') return refusalAnswer(contract, outcome.row, outcome);
  const { status, body } = outcome.answer;
  const { replayMarker } = contract;
  const marker = replayMarker === 'unspecified' ? 'Idempotent-Replayed' : replayMarker;
  return {
    status,
    contentType: status < 300 ? JSON_TYPE : 'application/problem+json; charset=utf-8',
    headers: outcome.isReplay && marker !== 'none' ? { [marker.toLowerCase()]: 'true' } : {},
    body,
  };
}

function claimRequest(
  parts: RedeemParts,
  key: string,
  payload: Payload,
  fingerprint = parts.fingerprint(payload, ''),
): ClaimRequest {
  return {
    key,
    payload,
    fingerprint,
    rules: rulesOf(parts.contract),
    owner: parts.newId(),
    leaseMs: parts.leaseMs,
    redemption: `red_${parts.newId()}`,
    isRewardKnown: parts.isRewardKnown(payload.reward),
    debits: !parts.splitsDebit({ customer: payload.customer, key }),
    keepsRefused: parts.contract.storesInsufficientPoints === true,
  };
}

async function settle(parts: RedeemParts, request: ClaimRequest): Promise<RedeemOutcome> {
  const place = { customer: request.payload.customer, key: request.key };
  let waitedMs = 0;
  let round = 0;
  let retryAfterMs = parts.leaseMs;
  while (round < MAX_ROUNDS && waitedMs <= parts.waitMs) {
    await parts.step('before-claim', place);
    const result = await parts.store.claim(request);
    if (result.kind === 'claimed') {
      const outcome = await carryOut(parts, request, result);
      if (outcome) return outcome;
      round++;
    } else if (result.kind === 'duplicate-open' && result.abandoned) {
      // Nobody may ever come back for the original: what its own retry would do is done here.
      const { key, payload, fingerprint } = result.abandoned;
      await settle(parts, claimRequest(parts, key, payload, fingerprint));
      round++;
    } else if (isOpen(result)) {
      retryAfterMs = result.leaseLeftMs;
      if (parts.contract.inFlight !== 'wait' && !parts.contract.waitsFirst) break;
      await parts.sleep(WAIT_STEP_MS);
      waitedMs += WAIT_STEP_MS;
    } else return concluded(parts, request, result);
  }
  return refused('inFlight', { retryAfterMs });
}

type Claimed = Extract<ClaimResult, { readonly kind: 'claimed' }>;
type Open = Extract<ClaimResult, { readonly kind: 'in-flight' | 'duplicate-open' }>;

function isOpen(result: ClaimResult): result is Open {
  return result.kind === 'in-flight' || result.kind === 'duplicate-open';
}

async function concluded(
  parts: RedeemParts,
  request: ClaimRequest,
  result: Exclude<ClaimResult, Claimed | Open>,
): Promise<RedeemOutcome> {
  if (result.kind === 'done') return replayed(parts, request, result.answer);
  if (result.kind === 'kept') return keptAgain(parts, request, result.outcome);
  if (result.kind === 'duplicate') return duplicateOf(parts, request, result.redemption);
  if (result.kind === 'insufficient-points')
    return refusedForPoints(parts, claimOf(request, request.redemption));
  return refused(ROWS[result.kind]);
}

const ROWS = {
  'other-payload': 'otherPayload',
  expired: 'expiredKey',
  'unknown-customer': 'unknownCustomer',
  'unknown-reward': 'unknownReward',
} as const;

/** The stored answer, or the redemption as it is by now where the contract shows that. */
async function replayed(
  { store, contract }: RedeemParts,
  { payload }: ClaimRequest,
  answer: StoredAnswer,
): Promise<RedeemOutcome> {
  if (contract.replayState !== 'latest' || answer.status >= 300)
    return { kind: 'answered', answer, isReplay: true };
  const balance = await store.balance(payload.customer);
  const body = JSON.stringify({ ...(JSON.parse(answer.body) as object), balance_after: balance });
  return { kind: 'answered', answer: { ...answer, body }, isReplay: true };
}

/** The outcome that was kept under the key, in the bytes that it had the first time. */
async function keptAgain(parts: RedeemParts, request: ClaimRequest, kept: Kept): Promise<RedeemOutcome> {
  const outcome = await concluded(parts, request, kept);
  if (outcome.kind === 'answered') return outcome;
  const answer = stored(refusalAnswer(parts.contract, outcome.row, outcome));
  return { kind: 'answered', answer, isReplay: true };
}

/** The original's answer under another key, or the refusal that names it. */
async function duplicateOf(
  parts: RedeemParts,
  request: ClaimRequest,
  redemption: string,
): Promise<RedeemOutcome> {
  if (parts.contract.duplicateIntent !== 'replay') return refused('duplicateIntent', { redemption });
  const original = await parts.store.redemption(request.payload.customer, redemption);
  if (!original) return refused('duplicateIntent', { redemption });
  // One name for two different redemptions: nothing of the first is shown.
  if (fingerprintOf(original.payload) !== fingerprintOf(request.payload)) return refused('otherPayload');
  const body = bodyOf(claimOf({ ...request, payload: original.payload }, redemption), original);
  return replayed(parts, request, { status: 200, body });
}

/** From the claim to the answer. Undefined: the claim was lost on the way, and the key is to be judged again. */
async function carryOut(
  parts: RedeemParts,
  request: ClaimRequest,
  claimed: Claimed,
): Promise<RedeemOutcome | undefined> {
  const claim = claimOf({ ...request, payload: claimed.payload ?? request.payload }, claimed.redemption);
  await parts.step('after-claim', claim);
  let { debited } = claimed;
  if (!debited) {
    await parts.step('before-debit', claim);
    const result = await parts.store.debit(claim, request.keepsRefused);
    if (result.kind === 'lost') return undefined;
    if (result.kind === 'insufficient-points') return refusedForPoints(parts, claim);
    debited = result;
  }
  await parts.step('after-debit', claim);
  if (!claimed.isRewarded) {
    const refusal = await fulfilled(parts, claim);
    if (refusal) return refusal === 'lost' ? undefined : refusal;
  }
  await parts.step('after-fulfil', claim);
  return completed(parts, claim, { status: 200, body: bodyOf(claim, debited) });
}

/** Has the reward made and enters it. Whoever is slower than the lease has not worked in vain: the entry stays. */
async function fulfilled(parts: RedeemParts, claim: Claim): Promise<RedeemOutcome | 'lost' | undefined> {
  try {
    await parts.fulfil({ redemption: claim.redemption, payload: claim.payload });
  } catch (error) {
    if (!(error instanceof FulfilmentFailed)) throw error;
    return (await unfulfilled(parts, claim)) ?? 'lost';
  }
  await parts.step('before-fulfil', claim);
  await parts.store.issueReward(claim.customer, claim.redemption, claim.payload.reward);
  return undefined;
}

async function completed(
  parts: RedeemParts,
  claim: Claim,
  answer: StoredAnswer,
): Promise<RedeemOutcome | undefined> {
  await parts.step('before-complete', claim);
  const { kind } = await parts.store.complete(claim, answer);
  if (kind === 'lost') return undefined;
  await parts.step('before-reply', claim);
  return { kind: 'answered', answer, isReplay: false };
}

async function unfulfilled(parts: RedeemParts, claim: Claim): Promise<RedeemOutcome | undefined> {
  if (parts.contract.storesServerErrors === true)
    return completed(parts, claim, stored(refusalAnswer(parts.contract, 'fulfilmentFailed')));
  await parts.store.release(claim);
  return refused('fulfilmentFailed');
}

async function refusedForPoints(parts: RedeemParts, claim: Claim): Promise<RedeemOutcome> {
  if (parts.contract.storesInsufficientPoints === true)
    await parts.store.complete(claim, stored(refusalAnswer(parts.contract, 'insufficientPoints')));
  return refused('insufficientPoints');
}

function stored({ status, body }: Answer): StoredAnswer {
  return { status, body };
}

function claimOf({ payload, key, owner, leaseMs }: ClaimRequest, redemption: string): Claim {
  return { customer: payload.customer, key, owner, leaseMs, redemption, payload };
}

/** The answer's bytes follow from the debit alone: whoever resumes a redemption answers as its first owner would have. */
function bodyOf({ redemption, payload }: Claim, { balanceAfter, at }: Debited): string {
  return JSON.stringify({
    redemption_id: redemption,
    client_redemption_id: payload.clientRedemptionId,
    customer_id: payload.customer,
    reward_id: payload.reward,
    points_amount: payload.points,
    redemption_type: payload.type,
    balance_after: balanceAfter,
    status: 'completed',
    created_at: new Date(at).toISOString(),
  });
}

function refused(
  row: RefusalRow | 'fulfilmentFailed' | 'tryAgain',
  details: RefusalDetails = {},
): RedeemOutcome {
  return { kind: 'refused', row, ...details };
}
