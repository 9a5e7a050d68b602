/** key-reuse: a key met again with another payload, customer, writing, spelling or token; or none, or a malformed one. */
import { firstRequest } from '../../../harness/model/calls.ts';
import { below } from '../../../harness/model/decide.ts';
import { saysOther } from '../../../harness/model/other-payload.ts';
import { attempt } from '../attempt.ts';
import type { Secret } from '../leaks.ts';
import { insist, judgeRefusal, pursue } from '../client.ts';
import { count, type MomentName } from '../counters.ts';
import { armPause, provision } from '../hooks.ts';
import { keepsApart, refuses } from '../lawful.ts';
import { anotherParty, type Play } from '../scenario.ts';
import {
  anotherKey,
  choice,
  dearest,
  namesIntents,
  newIntent,
  type Attempt,
  type Intent,
  type Story,
} from '../story.ts';
import { ALIKE_KEYS, type AlikeKeys } from '../ways/keys.ts';
import { changed, ODD_WRITINGS, OTHER_PAYLOADS, written as writtenOddly } from '../ways/payloads.ts';
import { disbelieve, namesTheSame, noteReplay, race } from './shared.ts';

const PURSE = 8;
/** Longer than two requests are apart that leave together, shorter than a lease, ms. */
const HELD_MS = 150;

export const keyReuse: Play = {
  name: 'key-reuse',
  prefix: 'kr',
  points: (settings) => dearest(settings) * PURSE,
  wants: [
    { moment: 'other_payload_seen', needs: 'nothing' },
    { moment: 'reordered_seen', needs: 'nothing' },
    { moment: 'missing_key_seen', needs: 'nothing' },
    { moment: 'malformed_key_seen', needs: 'nothing' },
    { moment: 'other_customer_seen', needs: 'hooks' },
    { moment: 'new_token_seen', needs: 'hooks' },
  ],
  act: (story) => (WAYS[story.iteration % WAYS.length] ?? otherPayload)(story),
};

const WAYS: readonly ((story: Story) => Promise<void>)[] = [
  otherPayload,
  missingKey,
  malformedKey,
  reordered,
  otherCustomer,
  racedPayloads,
  alikeKeys,
  quoted,
  newToken,
  otherMembers,
  oddWritings,
];

/** Done with one payload, then the key comes with another: refused, not executed, and nothing shown of the first. */
async function otherPayload(story: Story): Promise<void> {
  const first = newIntent(story, cheapest(story));
  await pursue(story, first);
  if (first.state !== 'done') return;
  const other = rival(story, first);
  if (other !== undefined) await refuseOther(story, first, other);
  await disbelieve(story, first);
}

/** Both payloads at once under one key: one of them may be done. */
async function racedPayloads(story: Story): Promise<void> {
  // Bound to no payload, either may be the one that is carried out, for both.
  if (!isBound(story)) return otherPayload(story);
  const first = newIntent(story, cheapest(story));
  const other = rival(story, first, 1);
  if (other === undefined) return pursue(story, first);
  // In every second race the work is held, so that the later one certainly meets a key in flight.
  if (story.capabilities.crash === true && Math.floor(story.iteration / WAYS.length) % 2 === 0)
    await armPause(story, 'after-claim', first.key, HELD_MS);
  const { otherPayload: row } = story.contract;
  const sends = [first, other].map((intent) => (together: number) => attempt(story, intent, { together }));
  const answers = await race(story, sends, [row]);
  const [one, two] = answers;
  if (one === undefined || two === undefined) return;
  // The one that got through, if any, is carried to its end; the other meets its key.
  const [winner, loser, from] = two.outcome === 'ok' ? [other, first, two] : [first, other, one];
  await pursue(story, winner, { after: from, refusals: [row] });
  if (winner.state !== 'done') return pursue(story, loser, { refusals: [row] });
  if (refuses(row) && !winner.attempts.some(isUnsure) && !loser.attempts.some(isUnsure))
    loser.effectLimit = 0;
  await refuseOther(story, winner, loser);
}

function isUnsure({ outcome }: Attempt): boolean {
  return outcome === 'info';
}

/** Whether a key refuses another payload than its own. */
function isBound({ contract }: Story): boolean {
  return refuses(contract.otherPayload) && contract.fingerprint !== 'none';
}

async function refuseOther(story: Story, first: Intent, other: Intent): Promise<void> {
  const { otherPayload: row } = story.contract;
  const isUnbound = story.contract.fingerprint === 'none';
  const answer = await insist(story, other, isUnbound ? {} : { secrets: secretsOf(first, other) });
  if (answer !== undefined) count('other_payload_seen');
  if (answer?.outcome === 'ok' && isBound(story) && story.contract.fingerprint !== 'unspecified')
    count('payload_mixups');
  if (answer !== undefined) judgeRefusal(story, answer, isUnbound ? [] : [row]);
  other.state = answer === undefined ? 'undecided' : answer.outcome === 'ok' ? 'done' : 'refused';
}

/** What the refusal of another payload must not show of the first one. */
function secretsOf(first: Intent, other: Intent): readonly Secret[] {
  const redemption = first.attempts.find(({ outcome }) => outcome === 'ok')?.redemption;
  const { payload } = first;
  return [
    ...(redemption === undefined ? [] : [redemption]),
    ...(payload.clientRedemptionId === undefined ? [] : [payload.clientRedemptionId]),
    ...(payload.reward === other.payload.reward ? [] : [payload.reward]),
    ...(payload.points === other.payload.points ? [] : [payload.points]),
  ];
}

/**
 * An intent of its own under the first one's key: another reward, or the same with another sum. Undefined where requests
 * say nothing in which two could differ.
 */
function rival(story: Story, first: Intent, effectLimit?: number): Intent | undefined {
  const others = story.settings.target.rewards.filter(({ id }) => id !== first.payload.reward);
  const other = others[choice(story, others.length, 'rival')];
  const isSum = other === undefined || (sendsPoints(story) && choice(story, 2, 'rival-kind') === 0);
  const same = { id: first.payload.reward, points: first.payload.points + 1 };
  const { otherPayload: row } = story.contract;
  const intent = newIntent(story, {
    reward: isSum ? same : other,
    key: first.key,
    effectLimit: refuses(row) || story.contract.fingerprint === 'none' ? (effectLimit ?? 0) : Infinity,
    ...(first.payload.type === undefined ? {} : { type: first.payload.type }),
  });
  if (saysOther(story.settings.redeemTarget, first.payload, intent.payload)) return intent;
  story.intents.pop();
  return undefined;
}

/** Whether another sum is another payload: an endpoint with prices of its own is not told any. */
function sendsPoints({ settings: { redeemTarget } }: Story): boolean {
  return JSON.stringify(redeemTarget.redeem).includes('{points_amount}');
}

/** Member order, white space, 500.0 for 500: the same payload, unless the contract tells payloads apart by their bytes. */
async function reordered(story: Story): Promise<void> {
  const intent = newIntent(story);
  await pursue(story, intent);
  if (intent.state !== 'done') return;
  for (const body of otherWritings(story, intent)) {
    const answer = await insist(story, intent, { body });
    if (answer === undefined) continue;
    count('reordered_seen');
    const { fingerprint, otherPayload: row } = story.contract;
    if (fingerprint === 'bytes' && answer.outcome === 'ok' && refuses(row)) count('payload_mixups');
    judgeRefusal(
      story,
      answer,
      fingerprint === 'bytes' ? [row] : fingerprint === 'unspecified' ? ['unspecified'] : [],
    );
  }
  noteReplay(intent);
}

/** The same members in other bytes. */
function otherWritings({ settings: { redeemTarget } }: Story, intent: Intent): readonly string[] {
  const { body } = firstRequest(redeemTarget, intent.payload, intent.key);
  if ((redeemTarget.redeem.before?.[0] ?? redeemTarget.redeem).bodyAs === 'form')
    return [body.split('&').toReversed().join('&')];
  const value: unknown = JSON.parse(body);
  return [written(value, true, false), written(value, false, true), written(value, true, true)];
}

/** JSON with its members reversed, and with white space and whole numbers as 500.0. */
function written(value: unknown, isReversed: boolean, isLoose: boolean): string {
  if (typeof value === 'number' && Number.isInteger(value) && isLoose) return `${value}.0`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const space = isLoose ? ' \n ' : '';
  if (Array.isArray(value)) {
    return `[${value.map((item) => written(item, isReversed, isLoose)).join(`,${space}`)}]`;
  }
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${space}${written(member, isReversed, isLoose)}`,
  );
  return `{${space}${(isReversed ? members.toReversed() : members).join(`,${space}`)}${space}}`;
}

/** No key at all: refused where the contract says so, and without effect. */
async function missingKey(story: Story): Promise<void> {
  await anchor(story);
  const { missingKey: row } = story.contract;
  const intent = newIntent(story, { effectLimit: refuses(row) ? 0 : Infinity });
  await refuseKey(story, intent, null, row, 'missing_key_seen');
}

/** Keys that are none: empty, too long, outside visible ASCII. Each is an intent of its own, and none has an effect. */
async function malformedKey(story: Story): Promise<void> {
  await anchor(story);
  const { malformedKey: row, keyMaxLength } = story.contract;
  const effectLimit = refuses(row) ? 0 : Infinity;
  for (const make of MALFORMED) {
    const intent = newIntent(story, { effectLimit });
    const key = make(intent.key, keyMaxLength);
    await refuseKey(story, intent, key, row, 'malformed_key_seen');
  }
}

/** A blank key and a doubled header cannot be sent from here (k6 trims the one and joins the other): a raw connection does. */
const MALFORMED: readonly ((key: string, maxLength: number) => string)[] = [
  () => '',
  (key, maxLength) => key.padEnd(maxLength + 1, 'x'),
  (key) => `${key.slice(0, 8)} ${key.slice(9)}`,
  (key) => `${key.slice(0, 8)}é${key.slice(9)}`,
];

async function refuseKey(
  story: Story,
  intent: Intent,
  key: string | null,
  row: unknown,
  moment: MomentName,
): Promise<void> {
  const answer = await insist(story, intent, { key });
  intent.state = answer === undefined ? 'undecided' : answer.outcome === 'ok' ? 'done' : 'refused';
  if (answer === undefined) return;
  count(moment);
  if (answer.outcome === 'ok' && refuses(row)) count('wrong_answers');
  judgeRefusal(story, answer, [row]);
}

/** Another customer's key: a redemption of the other's own; where customers share keys, refused as another payload. */
async function otherCustomer(story: Story): Promise<void> {
  const first = newIntent(story);
  await pursue(story, first);
  const neighbour = await anotherParty(story, dearest(story.settings) * PURSE);
  if (neighbour === undefined || first.state !== 'done') return;
  const { keyScope, otherPayload: row } = story.contract;
  const isShared = keyScope === 'global' && refuses(row);
  const second = newIntent(story, { party: neighbour, key: first.key, effectLimit: isShared ? 0 : 1 });
  await pursue(story, second, {
    attempt: { secrets: [...secretsOf(first, first), story.owner.id] },
    refusals: keyScope === 'customer' ? [] : [row],
  });
  count('other_customer_seen');
  const isAnswered = second.attempts.some(({ outcome, key }) => outcome === 'ok' && key === first.key);
  if (isShared && isAnswered) count('wrong_answers');
  if (second.state !== 'done') return;
  await disbelieve(story, first);
  await disbelieve(story, second);
}

/** Keys that differ in little are two redemptions. */
async function alikeKeys(story: Story): Promise<void> {
  // Within a window a third equal redemption would be one too many.
  const ways = inTurn(story, ALIKE_KEYS).slice(0, keepsApart(story) ? AT_A_TIME : 1);
  for (const way of ways) await alikePair(story, way);
}

async function alikePair(story: Story, way: AlikeKeys): Promise<void> {
  const [reward, other] = story.settings.target.rewards;
  // Two equal redemptions may be one by the fallback window.
  const twin = keepsApart(story) ? reward : other;
  const keys = way.from(plainKey(story), story.contract.keyMaxLength);
  if (reward === undefined || twin === undefined || keys === undefined) return;
  // Which keys are none an endpoint may say, where its contract does not: UUIDs alone, for one.
  const refusals = story.contract.malformedKey === 'unspecified' ? ['unspecified'] : [];
  const first = newIntent(story, { reward, key: keys.first });
  await pursue(story, first, { refusals });
  if (first.state !== 'done') return;
  const second = newIntent(story, { reward: twin, key: keys.second });
  await pursue(story, second, { attempt: { way: `key: ${way.name}` }, refusals });
  if (second.state === 'done') count('alike_keys_seen');
  const [one, two] = [first, second].map(({ attempts }) => attempts.find(({ outcome }) => outcome === 'ok'));
  if (one?.redemption !== undefined && one.redemption === two?.redemption) count('payload_mixups');
}

/** A key as the client makes one, that no intent has. */
function plainKey(story: Story): string {
  const intent = newIntent(story);
  story.intents.pop();
  return anotherKey(story, intent, 1 + story.intents.length);
}

/** `"k"` and `k` are one key, where the contract says so. */
async function quoted(story: Story): Promise<void> {
  const intent = newIntent(story);
  await pursue(story, intent);
  if (intent.state !== 'done' || story.contract.quotedKeysEqual !== true) return;
  const answer = await insist(story, intent, { key: `"${intent.key}"` });
  if (answer === undefined) return;
  judgeRefusal(story, answer, []);
  const first = intent.attempts.find(({ outcome }) => outcome === 'ok');
  if (answer.outcome === 'ok' && !namesTheSame(answer, first)) count('diverging_answers');
}

/** A new token of the same customer is the same scope: the key replays. */
async function newToken(story: Story): Promise<void> {
  const intent = newIntent(story);
  await pursue(story, intent);
  const canRenew = story.settings.hooks !== undefined && story.owner.isFresh;
  if (intent.state === 'done' && canRenew) {
    story.owner.token = await provision(story.settings, story.owner.id, dearest(story.settings) * PURSE);
    count('new_token_seen');
  }
  if (intent.state === 'done') await disbelieve(story, intent);
}

/** How many ways of a table one iteration takes. */
const AT_A_TIME = 3;

/** So many of a table, the next ones whenever the turn comes again: four turns hold the longest one. */
function inTurn<Way>(story: Story, table: readonly Way[]): readonly Way[] {
  const start = below(table.length, story.settings.seed, 'table');
  const from = Math.floor(story.iteration / WAYS.length) * AT_A_TIME + start;
  return Array.from({ length: AT_A_TIME }, (_, index) => table[(from + index) % table.length]).filter(
    (way) => way !== undefined,
  );
}

/** The key comes again with one member of its payload changed: another payload, refused, and the first still replays. */
async function otherMembers(story: Story): Promise<void> {
  if (!isBound(story) || story.contract.fingerprint === 'unspecified') return otherPayload(story);
  const name = `${'long-name-'.repeat(4)}${story.prefix}-${story.iteration}-${story.runId}`.slice(-64);
  const first = newIntent(story, namesIntents(story) ? { clientRedemptionId: name } : {});
  await pursue(story, first);
  if (first.state !== 'done') return;
  for (const way of inTurn(story, OTHER_PAYLOADS)) {
    const payload = changed(way, story, first.payload);
    if (payload === undefined) continue;
    const other = newIntent(story, { key: first.key, effectLimit: 0, payload });
    const { mayRefuse } = way;
    const answer = await insist(story, other, { way: `payload: ${way.name}`, mayRefuse });
    other.state = answer === undefined ? 'undecided' : answer.outcome === 'ok' ? 'done' : 'refused';
    if (answer === undefined) continue;
    count('odd_payloads_seen');
    if (answer.outcome === 'ok') count('payload_mixups');
    if (!mayRefuse) judgeRefusal(story, answer, [story.contract.otherPayload]);
  }
  await disbelieve(story, first);
}

/** Writings of a payload that may be read as the same, as another or as none: never is it redeemed again. */
async function oddWritings(story: Story): Promise<void> {
  const intent = newIntent(story, cheapest(story));
  await pursue(story, intent);
  if (intent.state !== 'done' || story.contract.fingerprint === 'bytes') return;
  for (const way of inTurn(story, ODD_WRITINGS)) {
    const body = writtenOddly(way, story, intent.payload);
    if (body === undefined) continue;
    const answer = await insist(story, intent, { body, way: `payload: ${way.name}`, mayRefuse: true });
    if (answer === undefined) continue;
    count('odd_payloads_seen');
    const first = intent.attempts.find(({ outcome }) => outcome === 'ok');
    if (answer.outcome === 'ok' && !namesTheSame(answer, first)) count('diverging_answers');
  }
  await disbelieve(story, intent);
}

/** An ordinary redemption beside the refused ones, so that each iteration carries an intent to its end. */
async function anchor(story: Story): Promise<void> {
  await pursue(story, newIntent(story));
}

function cheapest(story: Story): { readonly reward?: { readonly id: string; readonly points: number } } {
  const reward = story.settings.target.rewards.toSorted((a, b) => a.points - b.points)[0];
  return reward === undefined ? {} : { reward };
}
