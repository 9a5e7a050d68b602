/**
 * Whether two payloads are two as a target is asked: what no request says is no difference. An endpoint that prices its
 * rewards is told no points; one with a single reward is told nothing else. Pure and dependency-free: k6 loads it.
 */

import { firstRequest } from './calls.ts';
import type { RedeemPayload } from './redeem-request.ts';
import type { Target } from './target.ts';

/** By body and address: headers belong to no payload. A name that is nowhere shown again may be a note that no fingerprint holds. */
export function saysOther(target: Target, one: RedeemPayload, other: RedeemPayload): boolean {
  const isNameKept = target.redemptions?.clientRedemptionId !== undefined;
  const [first, second] = [one, isNameKept ? other : namedAs(one, other)].map((payload) =>
    firstRequest(target, payload, 'k'),
  );
  return first?.body !== second?.body || first?.url !== second?.url;
}

function namedAs({ clientRedemptionId }: RedeemPayload, other: RedeemPayload): RedeemPayload {
  const { clientRedemptionId: _, ...rest } = other;
  return { ...rest, ...(clientRedemptionId !== undefined && { clientRedemptionId }) };
}

/** Other payloads than this one, as the target is asked: another reward, another sum, another type, another name. */
export function otherPayloads(target: Target, payload: RedeemPayload): readonly RedeemPayload[] {
  const rewards = target.rewards
    .filter(({ id }) => id !== payload.reward)
    .map(({ id, points }) => ({ ...payload, reward: id, points }));
  const types = target.redemptionTypes
    .filter((type) => payload.type !== undefined && type !== payload.type)
    .map((type) => ({ ...payload, type }));
  const { clientRedemptionId: name } = payload;
  const names = name === undefined ? [] : [{ ...payload, clientRedemptionId: `2-${name}`.slice(0, 64) }];
  const all = [...rewards, { ...payload, points: payload.points + 1 }, ...types, ...names];
  return all.filter((other) => saysOther(target, payload, other));
}

/** Whether a key can come again with another payload at all. */
export function hasOtherPayloads(target: Target): boolean {
  const [reward] = target.rewards;
  const [type] = target.redemptionTypes;
  return (
    otherPayloads(target, {
      customer: 'c',
      reward: reward?.id ?? '',
      points: reward?.points ?? 1,
      ...(type !== undefined && { type }),
      ...(target.sendsClientRedemptionId && { clientRedemptionId: 'one' }),
    }).length > 0
  );
}
