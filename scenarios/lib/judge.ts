/** What an iteration can say by itself, from its own attempts and its own readings of its own customer. */
import type { ListedRedemption } from '../../harness/model/protocol.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';
import { count } from './counters.ts';
import { isRefusal, type Attempt, type Intent, type Party, type Reading, type Story } from './story.ts';

/** Intents of earlier iterations whose effect may still come, by customer: a VU takes its customer again. */
const carried = new Map<string, { points: number; count: number }>();

/** Judges a story by the readings after it, and counts each violation. */
export function judge(story: Story, closings: ReadonlyMap<string, Reading>): void {
  for (const party of story.parties) judgeParty(story, party, closings.get(party.id) ?? {});
  judgeKeys(story);
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
    (carried.get(party.id)?.count ?? 0) > 0 ||
    intents.some((intent) => isOpenEnded(story, party, intent)) ||
    had - closing.balance === sum(fresh.map(({ points }) => points ?? 0));
  return isSum && closing.balance <= had - leastSpent(party, intents);
}

/** Points of all that was confirmed and was not there before. */
function leastSpent({ opening }: Party, intents: readonly Intent[]): number {
  const known = new Set(opening.redemptions?.map(({ redemption }) => redemption));
  const fresh200s = acknowledged(intents).filter(
    ({ redemption }) => redemption === undefined || !known.has(redemption),
  );
  return sum(fresh200s.map(({ payload }) => payload.points));
}

function judgeParty(story: Story, party: Party, closing: Reading): void {
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
      intents.filter((intent) => !mayComeLater(story, party, intent) && !saysElsewhere(story, intent)),
      fresh,
    );
    if (done > 0) count('refused_but_done', done);
  }
  if (lost > 0) count('lost_debits', lost);
  if (isOverdrawn(party, closing, fresh)) count('overdrafts');
  judgeBalance(story, party, closing, intents, fresh, late, lost > 0);
  if (fresh === undefined && closing.balance === undefined) count('iterations_unjudged');
  if (!party.isFresh) carry(party, intents, late);
}

function judgeBalance(
  story: Story,
  party: Party,
  closing: Reading,
  intents: readonly Intent[],
  fresh: readonly ListedRedemption[] | undefined,
  late: { readonly points: number; readonly count: number },
  isLostAlready: boolean,
): void {
  if (party.opening.balance === undefined || closing.balance === undefined) return;
  const had = party.opening.balance + party.credits;
  const most = sum(intents.map((intent) => intent.effectLimit * intent.payload.points)) + late.points;
  if (closing.balance < had - most) count('unexplained_balance');
  if (closing.balance > had - leastSpent(party, intents) && !isLostAlready) count('lost_debits');
  // List and balance are two readings: between them something that is still open may have come true.
  const isAtRest = late.count === 0 && !intents.some((intent) => isOpenEnded(story, party, intent));
  if (fresh === undefined || !isAtRest || fresh.some(({ points }) => points === undefined)) return;
  if (had - closing.balance !== sum(fresh.map(({ points }) => points ?? 0))) count('books_differ');
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

function judgeKeys(story: Story): void {
  const groups = new Map<string, { intent: Intent; attempt: Attempt }[]>();
  for (const intent of story.intents) {
    for (const attempt of intent.attempts) {
      if (attempt.key === undefined || attempt.outcome !== 'ok') continue;
      const scope = JSON.stringify([attempt.payload.customer, attempt.key]);
      groups.set(scope, [...(groups.get(scope) ?? []), { intent, attempt }]);
    }
  }
  for (const group of groups.values()) judgeKey(story, group);
}

/** All 200s of one key: one payload, and as many redemptions as the contract lets the key make. */
function judgeKey(story: Story, group: readonly { intent: Intent; attempt: Attempt }[]): void {
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

function newSince(opening: Reading, closing: Reading): readonly ListedRedemption[] | undefined {
  if (opening.redemptions === undefined || closing.redemptions === undefined) return undefined;
  const known = new Set(opening.redemptions.map(({ redemption }) => redemption));
  return closing.redemptions.filter(({ redemption }) => !known.has(redemption));
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
    const more = Math.max(0, intent.effectLimit - (names.get(name) ?? 0));
    names.set(name, Math.max(intent.effectLimit, names.get(name) ?? 0));
    limits.set(group, (limits.get(group) ?? 0) + more);
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
  const byRedemption = new Map<string, Attempt>();
  for (const { id, attempts } of intents) {
    const isNamed = attempts.some(({ outcome, redemption }) => outcome === 'ok' && redemption !== undefined);
    for (const attempt of attempts) {
      // A repetition without a name is no redemption of its own.
      if (attempt.redemption === undefined && isNamed) continue;
      const name = attempt.redemption ?? `of ${id}`;
      // Of a key that is bound to no payload the first one's was carried out.
      if (attempt.outcome === 'ok' && !byRedemption.has(name)) byRedemption.set(name, attempt);
    }
  }
  return [...byRedemption.values()];
}

function refusedButListed(intents: readonly Intent[], fresh: readonly ListedRedemption[]): number {
  return intents.filter(({ payload, attempts }) => {
    const own = payload.clientRedemptionId;
    if (own === undefined || attempts.some(({ outcome }) => outcome !== 'fail')) return false;
    const isShared = intents.filter((other) => other.payload.clientRedemptionId === own).length > 1;
    return !isShared && fresh.some(({ clientRedemptionId }) => clientRedemptionId === own);
  }).length;
}

/** "In progress" and "duplicate" say that it is done by another request, e.g. by a copy that a proxy made of this one. */
function saysElsewhere({ contract }: Story, { attempts }: Intent): boolean {
  const rows = [contract.inFlight, contract.duplicateIntent];
  return attempts.some((attempt) => rows.some((row) => isRefusal(attempt, row)));
}

/** A refusal for too few points that is not kept: a copy that the hop delivers after a top-up is carried out. */
function mayComeLater({ contract, settings }: Story, { credits }: Party, { attempts }: Intent): boolean {
  if (!settings.hasFaultyHop || contract.storesInsufficientPoints === true || credits === 0) return false;
  return attempts.some((attempt) => isRefusal(attempt, contract.insufficientPoints));
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
  party: Party,
  intents: readonly Intent[],
  late: { readonly points: number; readonly count: number },
): void {
  const open = intents.filter(mayComeTrue);
  carried.set(party.id, {
    points: late.points + sum(open.map(({ payload }) => payload.points)),
    count: late.count + open.length,
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
