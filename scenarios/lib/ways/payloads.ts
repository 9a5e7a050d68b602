/**
 * The payload of a repeated key, member by member. Two tables: payloads that are another one by any reading, so that the
 * key refuses them, and writings of the same one that an endpoint may read as it, as another one or as none; none of
 * them may make another redemption.
 */
import { firstRequest } from '../../../harness/model/calls.ts';
import type { RedeemPayload } from '../../../harness/model/redeem-request.ts';
import type { Story } from '../story.ts';

export interface OtherPayload {
  readonly name: string;
  /** It may be refused as no payload at all before anybody looks at the key. */
  readonly mayRefuse: boolean;
  /** The payload so changed; undefined: this one has no such member. */
  readonly change: (payload: RedeemPayload, story: Story) => RedeemPayload | undefined;
}

export const OTHER_PAYLOADS: readonly OtherPayload[] = [
  {
    name: 'another type',
    mayRefuse: false,
    change: (payload, { settings: { target } }) => {
      const type = target.redemptionTypes.find((other) => other !== payload.type);
      return payload.type === undefined || type === undefined ? undefined : { ...payload, type };
    },
  },
  {
    name: 'no type',
    mayRefuse: true,
    change: ({ type, ...payload }) => (type === undefined ? undefined : payload),
  },
  {
    name: 'the last character of a long name',
    mayRefuse: false,
    change: (payload, story) =>
      named(payload, story, (name) => name.slice(0, -1) + (name.endsWith('0') ? '1' : '0')),
  },
  {
    name: 'a name in capitals',
    mayRefuse: false,
    change: (payload, story) => named(payload, story, (name) => name.toUpperCase()),
  },
  {
    name: 'no name',
    mayRefuse: true,
    change: ({ clientRedemptionId, ...payload }, story) =>
      clientRedemptionId === undefined || !keepsNames(story) ? undefined : payload,
  },
  {
    name: 'one point more',
    mayRefuse: true,
    change: (payload) => ({ ...payload, points: payload.points + 1 }),
  },
  {
    name: 'a reward in capitals',
    mayRefuse: true,
    change: (payload) => {
      const reward = payload.reward.toUpperCase();
      return reward === payload.reward ? undefined : { ...payload, reward };
    },
  },
];

/** Bodies of a payload, as texts: each differs from the plain one in the member that holds the points, or the reward. */
export interface OddWriting {
  readonly name: string;
  readonly write: (body: string, payload: RedeemPayload) => string;
}

export const ODD_WRITINGS: readonly OddWriting[] = [
  { name: 'points as a text', write: points((value) => JSON.stringify(value)) },
  { name: 'points with an exponent', write: points((value) => `${Number(value) / 10}e1`) },
  { name: 'points with a sign', write: points((value) => `-${value}`) },
  { name: 'half a point', write: points((value) => `${value}.5`) },
  { name: 'points beyond precision', write: points((value) => `${value}.00000000000000000001`) },
  { name: 'no points', write: points(() => 'null') },
  { name: 'points nested', write: points((value) => `{"value":${value}}`) },
  { name: 'points in a list', write: points((value) => `[${value}]`) },
  {
    name: 'points doubled',
    write: (body, payload) =>
      body.replace(
        new RegExp(`("[^"]*"):${payload.points}(?=[,}])`),
        (member, name: string) => `${member},${name}:${payload.points + 1}`,
      ),
  },
  {
    name: 'a reward in another Unicode form',
    write: (body, payload) => body.replace(`"${payload.reward}"`, `"${payload.reward}\u0301"`),
  },
  {
    name: 'a reward with a blank',
    write: (body, payload) => body.replace(`"${payload.reward}"`, `"${payload.reward} "`),
  },
  { name: 'a reward as null', write: (body, payload) => body.replace(`"${payload.reward}"`, 'null') },
];

/** The payload so changed where the request shows it: what is not sent makes no other payload. */
export function changed(way: OtherPayload, story: Story, payload: RedeemPayload): RedeemPayload | undefined {
  const other = way.change(payload, story);
  if (other === undefined || bodyOf(story, other) === bodyOf(story, payload)) return undefined;
  return other;
}

/** The body so written; undefined where the plain one has no such member, or is no JSON. */
export function written(way: OddWriting, story: Story, payload: RedeemPayload): string | undefined {
  const { redeem } = story.settings.redeemTarget;
  if (redeem.before !== undefined || redeem.bodyAs === 'form') return undefined;
  const plain = bodyOf(story, payload);
  const odd = way.write(plain, payload);
  return odd === plain ? undefined : odd;
}

function bodyOf({ settings: { redeemTarget } }: Story, payload: RedeemPayload): string {
  return firstRequest(redeemTarget, payload, 'k').body;
}

/** A name that is nowhere shown again may be a note that no fingerprint holds. */
function keepsNames({ settings: { target } }: Story): boolean {
  return target.redemptions?.clientRedemptionId !== undefined;
}

function named(
  payload: RedeemPayload,
  story: Story,
  change: (name: string) => string,
): RedeemPayload | undefined {
  const { clientRedemptionId: name } = payload;
  if (name === undefined || !keepsNames(story)) return undefined;
  const clientRedemptionId = change(name);
  return clientRedemptionId === name ? undefined : { ...payload, clientRedemptionId };
}

function points(write: (value: string) => string): OddWriting['write'] {
  return (body, payload) =>
    body.replace(
      new RegExp(`("[^"]*"):${payload.points}(?=[,}])`),
      (_, name: string) => `${name}:${write(String(payload.points))}`,
    );
}
