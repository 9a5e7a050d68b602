/** Refusals, and whether one is kept under its key: too few points, unknown names, bodies that cannot be read. */

import type { Row } from '../look.ts';
import type { Contract } from '../../model/contract.ts';
import { effectsText, type Answered } from '../account.ts';
import type { Bench } from '../bench.ts';
import { is, isSame, promise, promisedRefusal, Nowhere, Unseen, type Did, type Seen } from '../row.ts';
import { refusal } from './keys.ts';
import { asksFor } from './payload.ts';

interface Poor {
  readonly refused: Answered;
  readonly seen: Seen;
  readonly again?: Seen;
  /** Why it could not be asked again. */
  readonly why?: string;
}

/** A customer with a point too few; the same key again with the point. */
async function poorCustomer(bench: Bench): Promise<Poor> {
  return await bench.once('too few points', async () => {
    const [reward] = bench.rewards;
    const account = await bench.account({ points: (reward?.points ?? 1) - 1 });
    const asked = { key: bench.key(), payload: account.payload() };
    const refused = await account.redeem(asked);
    const seen = await account.told(refused);
    if (seen.did.did !== 'refused') return { refused, seen, why: `it was not refused: ${seen.text}` };
    if (bench.options.credit === undefined)
      return { refused, seen, why: 'no points can be given: hooks.credit' };
    await account.credit(1);
    const second = await account.redeem(asked);
    return { refused, seen, again: await account.told(second) };
  });
}

const poor: Row = {
  name: 'too-few-points',
  group: 'refusals',
  sends: 'a redemption for one point more than the customer has',
  look: async (bench) => (await poorCustomer(bench)).seen,
  promised: ({ insufficientPoints }) => promisedRefusal(insufficientPoints),
  writes: (did) => refusal('insufficientPoints', did),
  opens: ['insufficientPoints'],
};

const poorAgain: Row = {
  name: 'too-few-points-again',
  group: 'refusals',
  sends: 'the same key again, when the customer has the points',
  look: async (bench) => {
    const { refused, seen, again, why } = await poorCustomer(bench);
    if (again === undefined) throw new Unseen(why ?? 'it could not be asked again');
    return storedOr(again, seen.did, refused);
  },
  promised: ({ storesInsufficientPoints: row }) => promisedStored(row),
  writes: (did) => stored('storesInsufficientPoints', did),
  opens: ['storesInsufficientPoints'],
};

/** A refusal for the reward's name; then the same key with a reward that there is. */
async function unknownReward(bench: Bench) {
  return await bench.once('unknown reward', async () => {
    if (!asksFor(bench, 'reward_id')) throw new Nowhere('a redemption names no reward');
    const account = await bench.account();
    const key = bench.key();
    const payload = account.payload();
    const refused = await account.redeem({ key, payload: { ...payload, reward: 'no-such-reward' } });
    const seen = await account.told(refused);
    return { account, key, payload, refused, seen };
  });
}

const reward: Row = {
  name: 'unknown-reward',
  group: 'refusals',
  sends: 'a reward that there is not',
  look: async (bench) => (await unknownReward(bench)).seen,
  promised: ({ unknownReward: row }) => promisedRefusal(row),
  writes: (did) => refusal('unknownReward', did),
  opens: ['unknownReward'],
};

const rewardAgain: Row = {
  name: 'unknown-reward-again',
  group: 'refusals',
  sends: 'the same key with a reward that there is',
  look: async (bench) => {
    const { account, key, payload, refused, seen } = await unknownReward(bench);
    if (seen.did.did !== 'refused') throw new Unseen(`it was not refused: ${seen.text}`);
    const again = await account.told(await account.redeem({ key, payload }));
    const { did } = again;
    // Whatever refuses it remembers the key: with what it was refused for, or with the payload that it had.
    if (did.did === 'refused')
      return {
        ...again,
        did: is('stored'),
        text: `stored: ${again.text}`,
        shown: [refused.sent, ...again.shown],
      };
    return storedOr(again, seen.did, refused);
  },
  promised: ({ storesRefusals }) => promisedStored(storesRefusals),
  writes: (did) => stored('storesRefusals', did),
  opens: ['storesRefusals'],
};

function single(
  name: string,
  row: 'unknownCustomer' | 'badBody' | 'unsupportedMediaType',
  sends: string,
  look: (bench: Bench) => Promise<Seen>,
): Row {
  return {
    name,
    group: 'refusals',
    sends,
    look,
    promised: (contract) => promisedRefusal(contract[row]),
    writes: (did) => refusal(row, did),
    opens: [row],
  };
}

const customer = single(
  'unknown-customer',
  'unknownCustomer',
  'a customer that there is not',
  async (bench) => {
    const account = await bench.account();
    const nobody = `nobody_${bench.options.runId}`;
    const payload = { ...account.payload(), customer: nobody };
    // With the token of a customer that there is it would be about that one's rights.
    const token = await bench.options.tokenFor(nobody);
    return await account.told(await account.redeem({ key: bench.key(), payload, token }));
  },
);

const body = single('bad-body', 'badBody', 'a body that is cut off', async (bench) => {
  if (bench.options.target.redeem.bodyAs === 'form') throw new Nowhere('the body is a form: any text is one');
  const account = await bench.account();
  const asked = { key: bench.key(), payload: account.payload() };
  return await account.told(
    await account.redeem({ ...asked, body: (text) => text.slice(0, Math.ceil(text.length / 2)) }),
  );
});

const type = single('media-type', 'unsupportedMediaType', 'a body of another media type', async (bench) => {
  const account = await bench.account();
  const headers = [['Content-Type', 'application/xml']] as const;
  return await account.told(await account.redeem({ key: bench.key(), payload: account.payload(), headers }));
});

export const REFUSAL_ROWS: readonly Row[] = [poor, poorAgain, reward, rewardAgain, customer, body, type];

/** Handlers that fail: before their work, and after it. */
function failing(how: 'before' | 'after'): Row {
  return {
    name: `error-${how}`,
    group: 'errors',
    sends: `a key whose handler failed ${how} its work`,
    look: async (bench) => {
      const { fail } = bench.options;
      if (fail === undefined) throw new Unseen('no handler can be made to fail: hooks.failNext');
      const account = await bench.account();
      const asked = { key: bench.key(), payload: account.payload(), isOnce: true };
      await fail(asked.key, how);
      const failed = await account.redeem(asked);
      if (failed.final.status < 500)
        throw new Unseen(`the handler did not fail: it answered ${failed.final.status}`);
      const again = await account.redeem(asked);
      const { status, code } = failed.final;
      const { count, trouble } = await account.count(again.final.outcome === 'ok' ? 1 : 0);
      const isStored = again.final.outcome !== 'ok' && again.final.status === status;
      const shown = [failed.sent, again.sent];
      const text = `${status}${code === undefined ? '' : ` ${code}`}, then ${again.final.status}; in all ${count === undefined ? 'effects that cannot be read' : effectsText(count)}`;
      if (isStored) {
        // One that was stored after its work is done, as its answer does not say.
        const kept = { did: is('stored'), text: `stored: ${text}`, shown } as const;
        return trouble !== undefined && how === 'before' ? { ...kept, trouble } : kept;
      }
      const did: Did = is(again.final.outcome === 'ok' ? 'not stored' : `${again.final.status}`);
      return { did, text, shown, ...(trouble !== undefined && { trouble }) };
    },
    promised: ({ storesServerErrors: row }) => {
      // Before the work began, either may be.
      if (how === 'before' && row === true)
        return { text: 'stored, or not', anyOf: [is('stored'), is('not stored')] };
      return promisedStored(row);
    },
    ...(how === 'after' && {
      writes: (did) => stored('storesServerErrors', did),
      opens: ['storesServerErrors'] as const,
    }),
  };
}

export const ERROR_ROWS: readonly Row[] = [failing('before'), failing('after')];

/** The same refusal once more, or redeemed after all. */
function storedOr(again: Seen, first: Did, { sent }: Answered): Seen {
  const shown = [sent, ...again.shown];
  if (again.did.did === 'executed')
    return { ...again, did: is('not stored'), text: `not stored: ${again.text}`, shown };
  if (isSame(again.did, first)) return { ...again, did: is('stored'), text: `stored: ${again.text}`, shown };
  return { ...again, shown };
}

function promisedStored(row: boolean | 'unspecified') {
  if (row === 'unspecified') return undefined;
  return promise(is(row ? 'stored' : 'not stored'));
}

function stored(row: keyof Contract, did: Did): Partial<Contract> {
  if (did.did !== 'is' || (did.value !== 'stored' && did.value !== 'not stored')) return {};
  return { [row]: did.value === 'stored' };
}
