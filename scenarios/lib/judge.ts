/** What an iteration can say by itself, from its own attempts and its own readings of its own customer. */
import { holdsPoints, type ListedRedemption } from '../../harness/model/protocol.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';
import type { CounterName } from './counters.ts';
import { now } from './events.ts';
import { limitOf, mayBeDuplicate } from './lawful.ts';
import { isRefusal, type Attempt, type Intent, type Party, type Reading, type Story } from './story.ts';

/** Intents of earlier iterations whose effect may still come, by customer: a VU takes its customer again. */
const carried = new Map<string, { points: number; count: number }>();

/** Whether something that an earlier iteration asked for this customer may still come. */
export function mayHaveMore({ id }: Party): boolean {
  return (carried.get(id)?.count ?? 0) > 0;
}

type Count = (name: CounterName, by?: number) => void;

/** Judges a story by the readings after it, and counts each violation. */
export function judge(story: Story, closings: ReadonlyMap<string, Reading>, count: Count): void {
  const judged = { ...story, intents: story.intents.map((intent) => byNow(story, intent)) };
  for (const party of story.parties) judgeParty(judged, party, closings.get(party.id) ?? {}, count);
  judgeKeys(judged, count);
}

/** With as many debits as the contract allows it by now. */
function byNow(story: Story, intent: Intent): Intent {
  return { ...intent, effectLimit: limitOf(story, intent, now()) };
}

/** Whether list and balance, where there are such, show all that this customer's 200s said. */
export function isShown(story: Story, party: Party, closing: Reading): boolean {
  const intents = story.intents.filter(({ payload }) => payload.customer === party.id);
  if (closing.redemptions !== undefined && missing(intents, closing) > 0) return false;
  const { opening, credits } = party;
  if (opening.balance === undefined || closing.balance === undefined) return true;
  const had = opening.balance + credits;
  const fresh = newSince(opening, closing);
  const isSum =
    fresh === undefined ||
    fresh.some(({ points }) => points === undefined) ||
    mayHaveMore(party) ||
    intents.some((intent) => isOpenEnded(story, party, intent)) ||
    had - closing.balance === sum(fresh.map(({ points }) => points ?? 0));
  return isSum && closing.balance <= had - leastSpent(story, party, intents);
}

/** Points of all that was confirmed and was not there before. */
function leastSpent(story: Story, { opening }: Party, intents: readonly Intent[]): number {
  const known = new Set(opening.redemptions?.map(({ redemption }) => redemption));
  const isListed = opening.redemptions !== undefined;
  // A duplicate may be answered with the original, which the list before tells apart from a redemption of its own.
  const { duplicateIntent } = story.contract;
  const mayReplay = duplicateIntent === 'replay' || duplicateIntent === 'unspecified';
  const fresh200s = acknowledged(intents).filter((answer) =>
    answer.redemption === undefined || !isListed
      ? !mayReplay || !mayBeDuplicate(story, answer)
      : !known.has(answer.redemption),
  );
  return sum(fresh200s.map(({ payload }) => payload.points));
}

function judgeParty(story: Story, party: Party, closing: Reading, count: Count): void {
  const intents = story.intents.filter(
    ({ payload, sentCount }) => payload.customer === party.id && sentCount > 0,
  );
  const late = carried.get(party.id) ?? { points: 0, count: 0 };
  const fresh = newSince(party.opening, closing);
  const lost = fresh === undefined ? 0 : missing(intents, closing);
  if (fresh !== undefined) {
    const doubled = excess(intents, fresh, late.count);
    if (doubled > 0) count('double_debits', doubled);
    const done = refusedButListed(
      intents,
      (intent) => mayComeLater(story, party, intent) || saysElsewhere(story, intent),
      fresh,
    );
    if (done > 0) count('refused_but_done', done);
  }
  if (lost > 0) count('lost_debits', lost);
  if (isOverdrawn(party, closing, late.count > 0 ? undefined : fresh)) count('overdrafts');
  judgeBalance(story, party, { closing, intents, fresh, late, isLostAlready: lost > 0 }, count);
  if (fresh === undefined && closing.balance === undefined) count('iterations_unjudged');
  if (!party.isFresh) carry(story, party, intents, late);
}

interface Books {
  readonly closing: Reading;
  readonly intents: readonly Intent[];
  readonly fresh: readonly ListedRedemption[] | undefined;
  readonly late: { readonly points: number; readonly count: number };
  readonly isLostAlready: boolean;
}

function judgeBalance(
  story: Story,
  party: Party,
  { closing, intents, fresh, late, isLostAlready }: Books,
  count: Count,
): void {
  if (party.opening.balance === undefined || closing.balance === undefined) return;
  const had = party.opening.balance + party.credits;
  const most = sum(intents.map(mostPoints)) + late.points;
  if (closing.balance < had - most) count('unexplained_balance');
  if (closing.balance > had - leastSpent(story, party, intents) && !isLostAlready) count('lost_debits');
  // List and balance are two readings: between them something that is still open may have come true.
  const isAtRest = late.count === 0 && !intents.some((intent) => isOpenEnded(story, party, intent));
  if (fresh === undefined || !isAtRest || fresh.some(({ points }) => points === undefined)) return;
  if (had - closing.balance !== sum(fresh.map(({ points }) => points ?? 0))) count('books_differ');
}

function mostPoints({ effectLimit, payload: { points } }: Intent): number {
  return effectLimit === 0 ? 0 : effectLimit * points;
}

function isOverdrawn(
  party: Party,
  closing: Reading,
  fresh: readonly ListedRedemption[] | undefined,
): boolean {
  if (closing.balance !== undefined && closing.balance < 0) return true;
  if (party.opening.balance === undefined || fresh === undefined) return false;
  return sum(fresh.map(({ points }) => points ?? 0)) > party.opening.balance + party.credits;
}

function judgeKeys(story: Story, count: Count): void {
  const groups = new Map<string, { intent: Intent; attempt: Attempt }[]>();
  for (const intent of story.intents) {
    for (const attempt of intent.attempts) {
      if (attempt.key === undefined || attempt.outcome !== 'ok') continue;
      const scope = JSON.stringify([attempt.payload.customer, attempt.key]);
      groups.set(scope, [...(groups.get(scope) ?? []), { intent, attempt }]);
    }
  }
  for (const group of groups.values()) judgeKey(story, group, count);
}

/** All 200s of one key: one payload, and as many redemptions as the contract lets the key make. */
function judgeKey(story: Story, group: readonly { intent: Intent; attempt: Attempt }[], count: Count): void {
  const payloads = new Set(group.map(({ attempt }) => payloadHash(attempt.payload)));
  if (payloads.size > 1) {
    const { otherPayload, fingerprint } = story.contract;
    const isBound = fingerprint === 'members' || fingerprint === 'bytes';
    if (otherPayload !== 'unspecified' && isBound) count('payload_mixups');
    return;
  }
  // An answer without a body names none, and contradicts none.
  const redemptions = new Set(group.flatMap(({ attempt: { redemption } }) => redemption ?? []));
  const limit = Math.max(1, ...group.map(({ intent }) => intent.effectLimit));
  if (redemptions.size > limit) count('diverging_answers');
}

/** What is listed, holds points and was not listed before; undefined where the lists do not tell. */
function newSince(opening: Reading, closing: Reading): readonly ListedRedemption[] | undefined {
  if (opening.redemptions === undefined || closing.redemptions === undefined) return undefined;
  const known = new Set(opening.redemptions.map(({ redemption }) => redemption));
  // A list that names none of its redemptions does not tell new ones from old ones.
  if (known.has('')) return undefined;
  const fresh: ListedRedemption[] = [];
  for (const item of closing.redemptions) {
    if (known.has(item.redemption) || !holdsPoints(item)) continue;
    fresh.push(item);
    // A page that shifts while it is read shows a row twice.
    if (item.redemption !== '') known.add(item.redemption);
  }
  return fresh;
}

/** How many more redemptions there are than the intents allow: in all, by the client's names, and by what was asked for. */
function excess(intents: readonly Intent[], fresh: readonly ListedRedemption[], lateCount: number): number {
  const inAll = fresh.length - sum(intents.map(({ effectLimit }) => effectLimit)) - lateCount;
  const byName = excessBy(
    intents,
    ({ payload }) => payload.clientRedemptionId,
    fresh,
    ({ clientRedemptionId }) => clientRedemptionId,
  );
  const byAsked = excessBy(
    intents,
    ({ payload }) => `${payload.reward} ${payload.points}`,
    fresh,
    ({ reward, points }) =>
      reward === undefined || points === undefined ? undefined : `${reward} ${points}`,
  );
  return Math.max(0, inAll, byName, byAsked - lateCount);
}

function excessBy(
  intents: readonly Intent[],
  groupOf: (intent: Intent) => string | undefined,
  fresh: readonly ListedRedemption[],
  groupOfItem: (item: ListedRedemption) => string | undefined,
): number {
  const limits = new Map<string, number>();
  // Intents that share a name want one thing: the largest limit of them counts, not the sum.
  const names = new Map<string, number>();
  for (const intent of intents) {
    const group = groupOf(intent);
    if (group === undefined) continue;
    const name = `${group} ${intent.payload.clientRedemptionId ?? intent.id}`;
    const soFar = names.get(name) ?? 0;
    if (intent.effectLimit > soFar) {
      names.set(name, intent.effectLimit);
      limits.set(group, (limits.get(group) ?? 0) + intent.effectLimit - soFar);
    } else limits.set(group, limits.get(group) ?? 0);
  }
  const found = new Map<string, number>();
  for (const item of fresh) {
    const group = groupOfItem(item);
    if (group !== undefined && limits.has(group)) found.set(group, (found.get(group) ?? 0) + 1);
  }
  return sum([...found].map(([group, number]) => Math.max(0, number - (limits.get(group) ?? 0))));
}

/** Redemptions that a 200 named and the list does not hold. A list that names none of its redemptions proves nothing. */
function missing(intents: readonly Intent[], closing: Reading): number {
  const listed = new Set(closing.redemptions?.map(({ redemption }) => redemption));
  if (listed.has('')) return 0;
  return acknowledged(intents).filter(({ redemption }) => redemption !== undefined && !listed.has(redemption))
    .length;
}

/** One 200 for each redemption that was named in one; of 200s that name none, one for each intent. */
function acknowledged(intents: readonly Intent[]): readonly Attempt[] {
  const oks = intents.flatMap(({ id, attempts }) =>
    attempts.filter(({ outcome }) => outcome === 'ok').map((answer) => ({ id, answer })),
  );
  const named = oks.filter(({ answer }) => answer.redemption !== undefined);
  const namedIntents = new Set(named.map(({ id }) => id));
  const namedKeys = new Set(named.map(({ answer }) => answer.key ?? ''));
  const byRedemption = new Map<string, Attempt>();
  // Of a key that is bound to no payload the first one was carried out, whichever answer names it.
  const firstOf = new Map<string, (typeof oks)[number]>();
  for (const { id, answer } of oks) {
    const { redemption, key = '' } = answer;
    const first = firstOf.get(key) ?? { id, answer };
    if (key !== '') firstOf.set(key, first);
    // A repetition without a name is no redemption of its own.
    const isRepetition = namedIntents.has(id) || (key !== '' && namedKeys.has(key));
    if (redemption === undefined && isRepetition) continue;
    const name = redemption ?? `of ${first.id}`;
    if (!byRedemption.has(name)) byRedemption.set(name, { ...answer, payload: first.answer.payload });
  }
  return [...byRedemption.values()];
}

function refusedButListed(
  intents: readonly Intent[],
  isExcused: (intent: Intent) => boolean,
  fresh: readonly ListedRedemption[],
): number {
  return intents.filter((intent) => {
    const { payload, attempts } = intent;
    const own = payload.clientRedemptionId;
    if (own === undefined || isExcused(intent)) return false;
    if (attempts.some(({ outcome }) => outcome !== 'fail')) return false;
    const isShared = intents.filter((other) => other.payload.clientRedemptionId === own).length > 1;
    return !isShared && fresh.some(({ clientRedemptionId }) => clientRedemptionId === own);
  }).length;
}

/** "In progress" and "duplicate" say that it is done by another request, e.g. by a copy that a proxy made of this one. */
function saysElsewhere({ contract, settings }: Story, { attempts }: Intent): boolean {
  const rows: unknown[] = [contract.inFlight, contract.duplicateIntent];
  if (settings.hasFaultyHop && rows.includes('unspecified')) return true;
  return attempts.some((attempt) => rows.some((row) => isRefusal(attempt, row)));
}

/**
 * What a copy that the hop delivers late may still do: a refusal for too few points that is not kept is none after a top-up,
 * and that of a duplicate without a name none when the fallback window is over.
 */
function mayComeLater({ contract, settings }: Story, { credits }: Party, intent: Intent): boolean {
  const { attempts, payload, effectLimit } = intent;
  if (!settings.hasFaultyHop) return false;
  if (effectLimit > 1) return true;
  const isRefused = (row: unknown) => attempts.some((attempt) => isRefusal(attempt, row));
  if (credits > 0 && contract.storesInsufficientPoints !== true && isRefused(contract.insufficientPoints))
    return true;
  return payload.clientRedemptionId === undefined && isRefused(contract.duplicateIntent);
}

/** Whether a request of this intent may still be executed: one without an answer, a late copy, one that is in progress. */
function isOpenEnded(story: Story, party: Party, intent: Intent): boolean {
  if (mayComeTrue(intent) || mayComeLater(story, party, intent)) return true;
  const { inFlight } = story.contract;
  return intent.state !== 'done' && intent.attempts.some((attempt) => isRefusal(attempt, inFlight));
}

/** An attempt without a definite answer may still be executed, unless its intent is done and may be done only once. */
function mayComeTrue({ state, attempts, effectLimit }: Intent): boolean {
  return (state !== 'done' || effectLimit > 1) && attempts.some(({ outcome }) => outcome === 'info');
}

function carry(
  story: Story,
  party: Party,
  intents: readonly Intent[],
  late: { readonly points: number; readonly count: number },
): void {
  const open = intents.filter((intent) => isOpenEnded(story, party, intent));
  carried.set(party.id, {
    points: late.points + sum(open.map((intent) => Math.max(intent.payload.points, mostPoints(intent)))),
    count: late.count + sum(open.map(({ effectLimit }) => Math.max(1, effectLimit))),
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
