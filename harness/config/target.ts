/** The members of a config that say how the endpoint is spoken to, read into a `Target`. */

import { LIMITS as WIRE_LIMITS, REDEMPTION_TYPES } from '../model/protocol.ts';
import type { AnswerPointers, BalanceCall, RedeemCall, RedemptionsCall, Target } from '../model/target.ts';
import { BEARER, type Credential } from '../model/wire.ts';
import { headersOf, queryOf } from './places.ts';
import { pathOf, pointerOf, redeemOf, takenBy } from './redeem-call.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { pagingOf } from './paging.ts';
import {
  integerOf,
  isGiven,
  itemsOf,
  matchOf,
  objectOf,
  oneOf,
  textOf,
  wrong,
  type Member,
} from './member.ts';

const OF_CUSTOMER = ['customer_id', 'account_id'];

export type TargetMembers = {
  readonly [
    K in 'redeem' | 'answer' | 'balance' | 'redemptions' | 'rewards' | 'redemptionTypes' | 'headers' | 'query'
  ]: Member;
};

/** The target that the members mean. Throws a usage error. */
export function targetOf(
  members: TargetMembers,
  baseUrl: string,
  keyHeader: string,
  credential: Credential,
  env: Environment,
): Target {
  const redeem = redeemOf(members.redeem, { keyHeader, credential, env });
  const common = commonOf(members, redeem, credential, env);
  const target = {
    baseUrl,
    redeem,
    answer: answerOf(members.answer),
    rewards: rewardsOf(members.rewards),
    redemptionTypes: typesOf(members.redemptionTypes, uses(redeem, 'redemption_type')),
    sendsClientRedemptionId: uses(redeem, 'client_redemption_id'),
  };
  const balance = isGiven(members.balance) ? { balance: balanceOf(members.balance) } : {};
  const redemptions = isGiven(members.redemptions) ? { redemptions: redemptionsOf(members.redemptions) } : {};
  return { ...target, ...balance, ...redemptions, ...common };
}

/** What goes with every request; what is as it always was stays out, so that a target says only what is its own. */
function commonOf(
  { headers, query }: TargetMembers,
  redeem: RedeemCall,
  credential: Credential,
  env: Environment,
): Pick<Target, 'headers' | 'query' | 'credential'> {
  const placeholders = ['customer_id'];
  const own = [redeem, ...(redeem.before ?? [])].flatMap((call) =>
    Object.keys(call.headers).map((name) => name.toLowerCase()),
  );
  const taken = [...takenBy({ credential, keyHeader: redeem.keyHeader }), ...own];
  const inQuery = credential.in === 'query' ? [credential.name] : [];
  return {
    ...(isGiven(headers) && { headers: headersOf(headers, { taken, placeholders }, env) }),
    ...(isGiven(query) && { query: queryOf(query, { taken: inQuery, placeholders }, env) }),
    ...(JSON.stringify(credential) !== JSON.stringify(BEARER) && { credential }),
  };
}

/** The base URL without a slash at its end: http or https, no user, no query, no fragment. */
export function baseUrlOf(member: Member, env: Environment): URL {
  const text = textOrEnv(member, env);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!isHttp) throw wrong({ ...member, value: text }, 'an http or https URL');
  if (url.username || url.password) throw wrong(member, 'a URL without a user or password (see auth)', true);
  if (url.search || url.hash) throw wrong({ ...member, value: text }, 'a URL without query and fragment');
  return url;
}

/** Pointers into an answer. With `from: 'location'` the redemption's own pointer may be left out. */
export function answerOf(member: Member): AnswerPointers {
  const members = objectOf(member, ['redemption', 'from', 'customer', 'balance', 'code']);
  const { redemption, customer, balance, code } = members;
  const from = isGiven(members.from) ? oneOf(members.from, ['body', 'location', 'resource']) : undefined;
  if (from === 'resource' && !isGiven(redemption)) pointerOf(redemption);
  return { ...(from !== undefined && { from }), ...pointersOf({ redemption, customer, balance, code }) };
}

function balanceOf(member: Member): BalanceCall {
  const { path, value } = objectOf(member, ['path', 'value']);
  return { path: pathOf(path, OF_CUSTOMER), value: pointerOf(value) };
}

function redemptionsOf(member: Member): RedemptionsCall {
  const inItem = ['clientRedemptionId', 'reward', 'points', 'status', 'nextCursor'] as const;
  const members = objectOf(member, ['path', 'items', 'redemption', ...inItem, 'cursorParameter', 'paging']);
  const { clientRedemptionId, reward, points, status, nextCursor } = members;
  const call = {
    path: pathOf(members.path, OF_CUSTOMER),
    items: pointerOf(members.items),
    redemption: pointerOf(members.redemption),
    ...pointersOf({ clientRedemptionId, reward, points, status, nextCursor }),
    ...(isGiven(members.paging) && { paging: pagingOf(members.paging, members) }),
  };
  if (!isGiven(members.cursorParameter)) return call;
  return {
    ...call,
    cursorParameter: matchOf(members.cursorParameter, /^[\w.~-]+$/, 'the name of a query parameter'),
  };
}

function rewardsOf(member: Member): Target['rewards'] {
  const rewards = itemsOf(member, 'an array with at least one { id, points }', 1).map((item) => {
    const { id, points } = objectOf(item, ['id', 'points']);
    return {
      id: textOf(id),
      points: integerOf(points, WIRE_LIMITS.minPoints, WIRE_LIMITS.maxPoints, 'points'),
    };
  });
  return rewards;
}

function typesOf(member: Member, isAsked: boolean): readonly string[] {
  if (!isGiven(member)) return isAsked ? REDEMPTION_TYPES : [];
  return itemsOf(member, 'an array of texts', isAsked ? 1 : 0).map((item) => textOf(item));
}

function pointersOf<K extends string>(members: { readonly [N in K]: Member }): { [N in K]?: string } {
  const given = Object.entries<Member>(members).filter(([, member]) => isGiven(member));
  return Object.fromEntries(given.map(([name, member]) => [name, pointerOf(member)])) as {
    [N in K]?: string;
  };
}

function uses({ path, headers, body, before }: RedeemCall, placeholder: string): boolean {
  return JSON.stringify([path, headers, body, before ?? []]).includes(`{${placeholder}}`);
}
