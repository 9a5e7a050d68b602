/** One key with another payload: which differences count, and what is answered. */

import type { Row } from '../look.ts';
import type { RedeemPayload } from '../../model/redeem-request.ts';
import type { Account } from '../account.ts';
import type { Bench } from '../bench.ts';
import { promise, promisedRefusal, REPLAYED, Nowhere, Unseen, type Did, type Promised } from '../row.ts';
import type { Contract } from '../../model/contract.ts';
import { refusal } from './keys.ts';

function changed(
  name: string,
  sends: string,
  change: (account: Account, bench: Bench, payload: RedeemPayload) => RedeemPayload,
  rest: Partial<Pick<Row, 'writes' | 'opens'>> = {},
): Row {
  return {
    name,
    group: 'payload',
    sends,
    look: async (bench) => {
      const account = await bench.account();
      const payload = account.payload();
      const key = bench.key();
      const other = change(account, bench, payload);
      const first = await account.first({ key, payload });
      return await account.told(await account.redeem({ key, payload: other }), first);
    },
    promised: otherPayload,
    ...rest,
  };
}

/** Bound to no payload, a key replays; else it is refused as the contract says. */
function otherPayload({ fingerprint, otherPayload: row }: Contract): Promised | undefined {
  if (fingerprint === 'unspecified') return undefined;
  return fingerprint === 'none' ? promise(REPLAYED) : promisedRefusal(row);
}

const reward = changed(
  'other-reward',
  'a known key with another reward',
  (_, bench, payload) => {
    if (!asksFor(bench, 'reward_id')) throw new Nowhere('a redemption names no reward');
    const other = bench.rewards.find(({ id }) => id !== payload.reward);
    if (other === undefined) throw new Unseen('there is only one reward');
    return { ...payload, reward: other.id, points: other.points };
  },
  {
    writes: (did) => ({
      ...refusal('otherPayload', did),
      ...(did.did === 'replayed' && { fingerprint: 'none' }),
    }),
    opens: ['otherPayload'],
  },
);

const points = changed('other-points', 'a known key with other points', (_, bench, payload) => {
  if (!asksFor(bench, 'points_amount')) throw new Nowhere('a redemption asks for no points');
  return { ...payload, points: payload.points + 1 };
});

const type = changed('other-type', 'a known key with another redemption type', (_, bench, payload) => {
  const other = bench.options.target.redemptionTypes.find((one) => one !== payload.type);
  if (other === undefined || payload.type === undefined)
    throw new Nowhere('there is only one redemption type');
  return { ...payload, type: other };
});

const intent = changed('other-name', 'a known key with another name of the client', (_, bench, payload) => {
  if (payload.clientRedemptionId === undefined)
    throw new Nowhere('a redemption carries no name of the client: {client_redemption_id}');
  // In a header it is no part of the payload.
  if (!JSON.stringify(bench.options.target.redeem.body).includes('{client_redemption_id}'))
    throw new Nowhere('the name of the client stands in no body');
  return { ...payload, clientRedemptionId: bench.name() };
});

const spacing: Row = {
  name: 'other-bytes',
  group: 'payload',
  sends: 'a known key with the same members in another order and with white space',
  look: async (bench) => {
    const { redeem } = bench.options.target;
    if (redeem.bodyAs === 'form') throw new Nowhere('the body is a form');
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    return await account.told(await account.redeem({ ...asked, body: reordered }), first);
  },
  promised: (contract) => {
    const { fingerprint } = contract;
    if (fingerprint === 'unspecified') return undefined;
    return fingerprint === 'bytes' ? promisedRefusal(contract.otherPayload) : promise(REPLAYED);
  },
  writes: (did) => fingerprintOf(did),
  opens: ['fingerprint'],
};

/** Only together with `other-reward`: whoever replays any payload replays this one, too. */
function fingerprintOf(did: Did): Partial<Contract> {
  if (did.did === 'replayed') return { fingerprint: 'members' };
  return did.did === 'refused' ? { fingerprint: 'bytes' } : {};
}

const headers: Row = {
  name: 'other-headers',
  group: 'payload',
  sends: 'the same again from another client: User-Agent, Accept-Language, a header of its own',
  look: async (bench) => {
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first({ ...asked, headers: [['User-Agent', 'onceproof-probe/1']] });
    const second = await account.redeem({
      ...asked,
      headers: [
        ['User-Agent', 'onceproof-probe/2'],
        ['Accept-Language', 'de'],
        ['X-Onceproof-Probe', 'another'],
      ],
    });
    return await account.told(second, first);
  },
  promised: () => promise(REPLAYED),
};

export const PAYLOAD_ROWS: readonly Row[] = [reward, points, type, intent, spacing, headers];

/** Whether the request carries that member at all. */
export function asksFor({ options: { target } }: Bench, placeholder: string): boolean {
  const { body, path, headers: own } = target.redeem;
  return JSON.stringify([body, path, own]).includes(`{${placeholder}}`);
}

/** The members the other way round, indented: JSON that means the same. */
function reordered(body: string): string {
  return JSON.stringify(backwards(JSON.parse(body)), null, 2);
}

function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, backwards(member)]),
  );
}
