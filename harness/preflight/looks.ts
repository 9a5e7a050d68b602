/** What the pointers of a target find in the answers of a preflight. */

import type { Exchange } from '../audit/read-back.ts';
import type { ListedRedemption } from '../model/protocol.ts';
import type { Target } from '../model/target.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import { at, readRedemptions } from '../model/read-answer.ts';
import { jsonOf, lookedUp, type Found, type Looked } from './found.ts';
import type { Answer } from './talk.ts';

/** In the body of an exchange. */
export function lookIn(exchange: Exchange | undefined, looked: readonly Looked[]): readonly Found[] {
  const { answer } = exchange ?? {};
  if (answer === undefined) return [];
  const body = jsonOf(answer.text);
  if (body === undefined) return looked.flatMap((one) => notJson(one, answer));
  return lookAt(body, looked);
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
  const pointers = (answer.polls === undefined ? undefined : target.status?.answer) ?? target.answer;
  return lookIn(exchange, [
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
