/** Twins that say it otherwise. */

import { PATHS } from '../../../harness/model/protocol.ts';
import { firstTime, keyOf, retold, toldOf, type Told } from '../../../reference-server/liars/liar.ts';
import { ALL_SCENARIOS, type Twin } from './twin.ts';

const created: Twin = {
  name: 'created-then-ok',
  description: 'answers 201 at first, and 200 to each repetition',
  scenarios: ALL_SCENARIOS,
  edge: () => {
    const isFirst = firstTime();
    return {
      liar: {
        lies: () => ({
          redeem: async (_request, honest) => {
            const told = await honest();
            const item = toldOf(told);
            return item && isFirst(item.redemption_id) ? { ...told, status: 201 } : told;
          },
        }),
      },
    };
  },
};

const streams: Twin = {
  name: 'streams',
  description: 'sends every answer in two pieces, without a length',
  scenarios: ALL_SCENARIOS,
  edge: () => ({ shape: { outgoing: (told) => ({ ...told, isStreamed: true }) } }),
};

const hangsUp: Twin = {
  name: 'closes-connections',
  description: 'closes the connection after every answer',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told) => ({ ...told, headers: { ...told.headers, connection: 'close' } }),
    },
  }),
};

const wrapped: Twin = {
  name: 'wrapped-answers',
  description: 'wraps what it says into data and error, and sends more than anybody asked for',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told, kind) => {
        if (kind !== 'redeem') return told;
        const body: unknown = JSON.parse(told.text);
        const text = JSON.stringify(
          told.status < 300 ? { data: { redemption: body }, links: [] } : { error: body, ok: false },
        );
        return { ...told, text };
      },
    },
  }),
  config: (usual) => ({
    ...usual,
    answer: {
      redemption: '/data/redemption/redemption_id',
      customer: '/data/redemption/customer_id',
      balance: '/data/redemption/balance_after',
      ...(usual.answer.code === undefined ? {} : { code: '/error/code' }),
    },
  }),
};

/** Ids of its own in answers, lists and ledger; `written` is how JSON has them. */
function renaming(
  named: (redemption: string) => string,
  written = named,
): ReturnType<NonNullable<Twin['edge']>> {
  const renamed = (told: Told): Told => ({
    ...told,
    text: told.text.replace(
      /"redemption_id":"([^"]+)"/g,
      (_, id: string) => `"redemption_id":${written(id)}`,
    ),
  });
  const inLedger = <Row extends { readonly redemption_id: string }>(row: Row): Row => ({
    ...row,
    redemption_id: named(row.redemption_id),
  });
  return {
    shape: { outgoing: renamed },
    liar: {
      lies: () => ({
        ledger: (_customer, { debits, credits, rewards = [] }) => ({
          debits: debits.map(inLedger),
          credits,
          rewards: rewards.map(inLedger),
        }),
      }),
    },
  };
}

/** Counts what it is asked about, the same number for the same text. */
function counter(first: bigint): (text: string) => string {
  const numbers = new Map<string, string>();
  return (text) => {
    const number = numbers.get(text) ?? String(BigInt(numbers.size) + first);
    numbers.set(text, number);
    return number;
  };
}

const ownIds: Twin = {
  name: 'counts-redemptions',
  description: 'names redemptions by numbers, as JSON numbers',
  scenarios: ALL_SCENARIOS,
  edge: () => renaming(counter(1_000_001n)),
};

const longIds: Twin = {
  name: 'numbers-of-64-bits',
  description: 'names redemptions by JSON numbers of 19 digits, of which no double holds the last ones',
  scenarios: ALL_SCENARIOS,
  edge: () => renaming(counter(1_234_567_890_123_456_001n)),
};

/** Ids mean something only beside their customer. */
const idsOfEachCustomer: Twin = {
  name: 'counts-for-each-customer',
  description: "counts each customer's redemptions from 1",
  scenarios: ALL_SCENARIOS,
  edge: () => {
    const counters = new Map<string, (text: string) => string>();
    const numberOf = (customer: string, redemption: string) => {
      const count = counters.get(customer) ?? counter(1n);
      counters.set(customer, count);
      return count(redemption);
    };
    return {
      liar: {
        lies: () => ({
          redeem: async ({ payload: { customer } }, honest) => {
            const told = await honest();
            const item = toldOf(told);
            return item ? retold(told, { redemption_id: numberOf(customer, item.redemption_id) }) : told;
          },
          list: (customer, items) =>
            items.map((item) => ({ ...item, redemption_id: numberOf(customer, item.redemption_id) })),
          ledger: (customer, { debits, rewards = [], ...rest }) => ({
            ...rest,
            debits: debits.map((row) => ({ ...row, redemption_id: numberOf(customer, row.redemption_id) })),
            rewards: rewards.map((row) => ({ ...row, redemption_id: numberOf(customer, row.redemption_id) })),
          }),
        }),
      },
    };
  },
};

const packed: Twin = {
  name: 'packs-answers',
  description: 'sends every body with gzip, asked for or not',
  scenarios: ALL_SCENARIOS,
  edge: () => ({ shape: { outgoing: (told) => ({ ...told, isPacked: true }) } }),
};

const acceptsMeanwhile: Twin = {
  name: 'accepted-meanwhile',
  description: 'answers 202 and names nothing while the first request of a key is at work',
  scenarios: ALL_SCENARIOS,
  rows: { inFlight: 'wait' },
  edge: () => {
    const working = new Set<string>();
    return {
      fulfilMs: 30,
      liar: {
        lies: () => ({
          redeem: async (request, honest) => {
            const name = keyOf(request);
            if (request.key === undefined) return await honest();
            if (working.has(name))
              return {
                status: 202,
                headers: { 'content-type': 'application/json' },
                text: '{"state":"working"}',
              };
            working.add(name);
            try {
              return await honest();
            } finally {
              working.delete(name);
            }
          },
        }),
      },
    };
  },
};

const talksALot: Twin = {
  name: 'talks-a-lot',
  description:
    'explains each refusal in sentences that hold parts of other words, and says when to come again: at once',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told, kind) => {
        if (kind !== 'redeem' || told.status < 400) return told;
        const title =
          'reward_coffees and reward_678901 are sold out at 5000 points: take another one instead';
        const text = JSON.stringify({ ...(JSON.parse(told.text) as object), title, help: [1205, '500 x'] });
        return { ...told, headers: { ...told.headers, 'retry-after': '0' }, text };
      },
    },
  }),
};

const freshBytes: Twin = {
  name: 'fresh-bytes',
  description: 'says the time in each answer, so that no repetition has the bytes of the first',
  scenarios: ALL_SCENARIOS,
  rows: { replayEquality: 'redemption' },
  edge: () => {
    let count = 0;
    return {
      shape: {
        outgoing: (told, kind) =>
          kind === 'redeem' && told.status < 300
            ? {
                ...told,
                text: JSON.stringify({ ...(JSON.parse(told.text) as object), served: `request ${count++}` }),
              }
            : told,
      },
    };
  },
};

const inPath: Twin = {
  name: 'put-to-the-customer',
  description: 'takes a PUT to a path with the customer in it, and a body without',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      incoming: (call) => {
        const found = /^\/members\/([^/]+)\/rewards\/([^/]+)$/.exec(call.path);
        if (call.method !== 'PUT' || !found) return call;
        let text: string;
        try {
          text = JSON.stringify({
            customer_id: decodeURIComponent(found[1] ?? ''),
            reward_id: decodeURIComponent(found[2] ?? ''),
            ...(JSON.parse(call.text) as object),
          });
        } catch {
          text = call.text;
        }
        return { method: 'POST', path: PATHS.redeem, text };
      },
    },
  }),
  config: (usual) => ({
    ...usual,
    redeem: {
      ...usual.redeem,
      method: 'PUT',
      path: '/members/{customer_id}/rewards/{reward_id}',
      body: {
        points_amount: '{points_amount}',
        redemption_type: '{redemption_type}',
        client_redemption_id: '{client_redemption_id}',
      },
    },
  }),
};

const saysLittle: Twin = {
  name: 'says-little',
  description: 'names the redemption in a 200 and nothing else',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told, kind) => {
        if (kind !== 'redeem' || told.status >= 300) return told;
        const { redemption_id } = JSON.parse(told.text) as { redemption_id: string };
        return { ...told, text: JSON.stringify({ redemption_id }) };
      },
    },
  }),
  config: (usual) => ({
    ...usual,
    answer: {
      redemption: '/redemption_id',
      ...(usual.answer.code === undefined ? {} : { code: usual.answer.code }),
    },
  }),
};

const saysNothing: Twin = {
  name: 'says-nothing',
  description: 'answers 204 without a body',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told, kind) =>
        kind === 'redeem' && told.status < 300 ? { ...told, status: 204, text: '' } : told,
    },
  }),
  config: (usual) => ({
    ...usual,
    answer: usual.answer.code === undefined ? {} : { code: usual.answer.code },
  }),
};

/** Only the first answer has a body; what comes again is short. */
const saysItOnce: Twin = {
  name: 'says-it-once',
  description: 'names the redemption in the first answer, and repeats it as 204 without a body',
  scenarios: ALL_SCENARIOS,
  edge: () => {
    const isFirst = firstTime();
    return {
      liar: {
        lies: () => ({
          redeem: async (_request, honest) => {
            const told = await honest();
            const item = toldOf(told);
            return item && !isFirst(item.redemption_id) ? { ...told, status: 204, text: '' } : told;
          },
        }),
      },
    };
  },
};

export const ANSWER_TWINS: readonly Twin[] = [
  created,
  streams,
  hangsUp,
  wrapped,
  ownIds,
  longIds,
  idsOfEachCustomer,
  packed,
  acceptsMeanwhile,
  talksALot,
  freshBytes,
  inPath,
  saysLittle,
  saysNothing,
  saysItOnce,
];
