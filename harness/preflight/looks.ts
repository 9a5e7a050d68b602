/** What the pointers of a target find in the answers of a preflight. */

import type { Exchange } from '../audit/bounded-client.ts';
import type { ListedRedemption } from '../model/protocol.ts';
import type { Target } from '../model/target.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import { at, readRedemptions } from '../model/read-answer.ts';
import { nearestPlaces } from './candidates.ts';
import type { Finding } from './finding.ts';
import { jsonOf, lookedUp, shownPlace, type Found, type Looked } from './found.ts';
import { requestLine } from './refused.ts';
import { ROLES } from './roles.ts';
import type { Answer } from './talk.ts';

/** In the body of an exchange. */
export function lookIn(exchange: Exchange | undefined, looked: readonly Looked[]): readonly Found[] {
  const { answer } = exchange ?? {};
  if (answer === undefined) return [];
  const body = jsonOf(answer.text);
  if (body === undefined) return looked.flatMap((one) => notJson(one, answer));
  return lookAt(body, looked);
}

/** What the answer of a first call lacks of what the next call needs. */
export function lackingIn(target: Target, exchanges: readonly Exchange[]): readonly Finding[] {
  const { before = [] } = target.redeem;
  const last = exchanges.at(-1);
  const index = Math.min(exchanges.length, before.length) - 1;
  const body = jsonOf(last?.answer?.text ?? '');
  return Object.entries(before[index]?.take ?? {}).flatMap(([name, pointer]) => {
    const value = at(body, pointer);
    if (typeof value === 'string' || typeof value === 'number') return [];
    const places = nearestPlaces(body, { pointer, kinds: ['a text', 'a number'], words: [name] });
    const has = places.length === 0 ? 'a text or a number nowhere' : places.map(shownPlace).join(', ');
    const text = `\`${pointer}\` not found; the answer has ${has}${last === undefined ? '' : ` (${requestLine(last)})`}`;
    return [{ severity: 'wrong', member: `redeem.calls[${index}].take.${name}`, text }];
  });
}

/** In the answer of a redemption. */
export function lookInAnswer(
  target: Target,
  exchange: Exchange | undefined,
  answer: Answer,
  payload: RedeemPayload,
): readonly Found[] {
  // One that was still being worked on when the asking ended is no answer yet.
  if (answer.error !== undefined && answer.polls !== undefined) return [];
  // Its last call was not made.
  if (answer.status === undefined && target.redeem.before !== undefined) return [];
  const pointers = (answer.polls === undefined ? undefined : target.status?.answer) ?? target.answer;
  const found = noLocation(target, exchange, answer);
  if (found !== undefined) return [found];
  const looked = lookIn(exchange, [
    {
      member: 'answer.redemption',
      pointer: pointers.redemption,
      isRead: answer.redemption !== undefined && answer.redemption !== '',
      sent: [payload.customer, payload.reward, payload.points, payload.clientRedemptionId ?? ''],
    },
    {
      member: 'answer.customer',
      pointer: pointers.customer,
      isRead: answer.customer !== undefined,
      equal: payload.customer,
    },
    { member: 'answer.balance', pointer: pointers.balance, isRead: answer.balance !== undefined },
  ]);
  const location = exchange?.answer?.headers['location'];
  if (location === undefined || target.answer.from !== undefined) return looked;
  const hint = `; it has Location: ${String(location)} (answer.from: 'location')`;
  return looked.map((one) =>
    one.member === 'answer.redemption' && one.wrong !== undefined ? { ...one, wrong: one.wrong + hint } : one,
  );
}

/** Where only a Location names the redemption, and there is none. */
function noLocation(target: Target, exchange: Exchange | undefined, answer: Answer): Found | undefined {
  const { from, redemption } = target.answer;
  if (from !== 'location' || redemption !== undefined || exchange?.answer === undefined) return undefined;
  if (answer.redemption !== undefined && answer.redemption !== '') return undefined;
  const { kinds, words } = ROLES['answer.redemption'];
  const places = nearestPlaces(jsonOf(exchange.answer.text), { pointer: '', kinds, words });
  const has = places.length === 0 ? '' : `; its body has ${places.map(shownPlace).join(', ')}`;
  return { member: 'answer.redemption', pointer: 'Location', wrong: `the answer has no Location${has}` };
}

/** In the item of a list that shows the redemption, else in the first one. */
export function lookInItem(
  target: Target,
  exchanges: readonly Exchange[],
  answer: Answer,
  payload: RedeemPayload,
): readonly Found[] {
  const call = target.redemptions;
  const shown = itemOf(target, exchanges, answer.redemption);
  if (call === undefined || shown === undefined) return [];
  const { item, body, isIt } = shown;
  // What another redemption lacks, nobody promised.
  const isOptional = !isIt;
  const looked: readonly Looked[] = [
    {
      member: 'redemptions.redemption',
      pointer: call.redemption,
      isRead: item.redemption !== '',
      ...(answer.redemption !== undefined && { equal: answer.redemption }),
    },
    {
      member: 'redemptions.clientRedemptionId',
      pointer: payload.clientRedemptionId === undefined ? undefined : call.clientRedemptionId,
      isRead: item.clientRedemptionId !== undefined,
      ...(payload.clientRedemptionId !== undefined && { equal: payload.clientRedemptionId }),
      isOptional,
    },
    {
      member: 'redemptions.reward',
      pointer: call.reward,
      isRead: item.reward !== undefined,
      equal: payload.reward,
      isOptional,
    },
    {
      member: 'redemptions.points',
      pointer: call.points,
      isRead: item.points !== undefined,
      equal: payload.points,
      isOptional,
    },
    { member: 'redemptions.status', pointer: call.status, isRead: item.status !== undefined, isOptional },
  ];
  return lookAt(body, looked);
}

function lookAt(body: unknown, looked: readonly Looked[]): readonly Found[] {
  return looked.map((one) => lookedUp(body, one)).filter((one) => one !== undefined);
}

interface ShownItem {
  readonly item: ListedRedemption;
  /** As it stands in the body. */
  readonly body: unknown;
  readonly isIt: boolean;
}

function itemOf(
  target: Target,
  exchanges: readonly Exchange[],
  redemption: string | undefined,
): ShownItem | undefined {
  let first: ShownItem | undefined;
  for (const { answer } of exchanges) {
    const text = answer?.text ?? '';
    const bodies = at(jsonOf(text), target.redemptions?.items ?? '');
    for (const [index, item] of (readRedemptions(target, text)?.items ?? []).entries()) {
      const body: unknown = Array.isArray(bodies) ? bodies[index] : undefined;
      if (item.redemption === redemption) return { item, body, isIt: true };
      first ??= { item, body, isIt: false };
    }
  }
  return first;
}

function notJson(looked: Looked, answer: NonNullable<Exchange['answer']>): readonly Found[] {
  const { member, pointer, isRead } = looked;
  if (pointer === undefined || isRead) return [];
  const type = String(answer.headers['content-type'] ?? 'no content type');
  const text = answer.text.replace(/\s+/g, ' ').trim();
  const begins = text === '' ? 'it is empty' : `it begins with ${JSON.stringify(text.slice(0, 40))}`;
  return [{ member, pointer, wrong: `\`${pointer}\` not found; the answer is no JSON (${type}): ${begins}` }];
}
