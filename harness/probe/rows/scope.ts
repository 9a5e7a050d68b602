/** Whose a key is: another customer, another path, another token. */

import type { Row } from '../look.ts';
import {
  EXECUTED,
  is,
  promise,
  promisedRefusal,
  REPLAYED,
  Nowhere,
  Unseen,
  type Did,
  type Seen,
} from '../row.ts';
import type { Contract } from '../../model/contract.ts';
import type { Answered } from '../account.ts';
import { refusal } from './keys.ts';

const customer: Row = {
  name: 'other-customer',
  group: 'scope',
  sends: 'a key that another customer has used',
  look: async (bench) => {
    const account = await bench.account();
    const other = await bench.other(account);
    const key = bench.key();
    const first = await account.first({ key, payload: account.payload() });
    const second = await other.redeem({ key, payload: other.payload() });
    const seen = await other.told(second);
    const shown = [first.sent, second.sent];
    if (!isAnothers(first, second)) return { ...seen, shown };
    return {
      ...seen,
      shown,
      did: is("the other's answer"),
      text: `the other customer's answer: ${seen.text}`,
    };
  },
  promised: (contract) => {
    const { keyScope, otherPayload } = contract;
    if (keyScope === 'customer') return promise(EXECUTED);
    if (keyScope === 'global') return promisedRefusal(otherPayload);
    if (keyScope === 'unspecified') return undefined;
    // Which customers share a path, nobody can see.
    const refused = promisedRefusal(otherPayload);
    return { text: 'redeemed, or refused', anyOf: [EXECUTED, ...(refused?.anyOf ?? [])] };
  },
  writes: (did) => scopeOf(did),
  opens: ['keyScope'],
};

function scopeOf(did: Did): Partial<Contract> {
  if (did.did === 'executed') return { keyScope: 'customer' };
  return did.did === 'refused' ? { keyScope: 'global' } : {};
}

/** The other one's redemption or name stands in the answer. */
function isAnothers({ final: first }: Answered, { final: second, sent }: Answered): boolean {
  if (first.redemption !== undefined && second.redemption === first.redemption) return true;
  return first.redemption !== undefined && (sent.answer?.text ?? '').includes(first.redemption);
}

const path: Row = {
  name: 'other-path',
  group: 'scope',
  sends: 'a known key and payload at another path',
  look: async (bench) => {
    const { otherPath } = bench.options;
    if (otherPath === undefined) throw new Unseen('no other path is named: --other-path');
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    return await account.told(await account.redeem({ ...asked, path: otherPath }), first);
  },
  // Two paths may stand for one operation or for two: only its owner knows.
  promised: () => undefined,
};

const token: Row = {
  name: 'other-token',
  group: 'scope',
  isExtra: true,
  sends: 'the same again with another token of the same customer',
  look: async (bench) => {
    const account = await bench.account();
    const { otherToken } = account;
    if (otherToken === undefined)
      throw new Unseen('a customer has one token: hooks.provision returns none of its own');
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    return await account.told(await account.redeem({ ...asked, token: otherToken }), first);
  },
  promised: ({ keyScope }) => (keyScope === 'unspecified' ? undefined : promise(REPLAYED)),
};

const anothersToken: Row = {
  name: 'anothers-token',
  group: 'scope',
  sends: "a redemption with another customer's token",
  isExtra: true,
  look: async (bench) => {
    const account = await bench.account();
    const other = await bench.other(account);
    if (account.ownToken === other.ownToken) throw new Unseen('all customers have one token');
    const asked = { key: bench.key(), payload: account.payload(), token: other.ownToken };
    return await account.told(await account.redeem(asked));
  },
  promised: ({ otherCustomersData }) => promisedRefusal(otherCustomersData),
  writes: (did) => refusal('otherCustomersData', did),
  opens: ['otherCustomersData'],
};

const wrongToken: Row = {
  name: 'wrong-token',
  group: 'scope',
  sends: 'a known key with a token that nobody has',
  look: async (bench) => {
    if (!bench.options.hasTokens) throw new Nowhere('requests carry no token');
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    const second = await account.redeem({ ...asked, token: 'onceproof-probe-wrong-token' });
    const seen: Seen = await account.told(second, first);
    return isAnothers(first, second) ? { ...seen, did: is('answered all the same') } : seen;
  },
  promised: ({ badToken }) => promisedRefusal(badToken),
  writes: (did) => refusal('badToken', did),
  opens: ['badToken'],
};

export const SCOPE_ROWS: readonly Row[] = [customer, path, token, anothersToken, wrongToken];
