/** Twins that say it otherwise. */

import { PATHS } from '../../../harness/model/protocol.ts';
import { firstTime, toldOf, type Told } from '../../../reference-server/liars/liar.ts';
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

/** Ids are numbers that count up, the same everywhere. */
const ownIds: Twin = {
  name: 'counts-redemptions',
  description: 'names redemptions by numbers, as JSON numbers',
  scenarios: ALL_SCENARIOS,
  edge: () => {
    const numbers = new Map<string, number>();
    const numberOf = (redemption: string) => {
      const number = numbers.get(redemption) ?? numbers.size + 1_000_001;
      numbers.set(redemption, number);
      return number;
    };
    const renamed = (told: Told): Told => ({
      ...told,
      text: told.text.replace(
        /"redemption_id":"([^"]+)"/g,
        (_, id: string) => `"redemption_id":${numberOf(id)}`,
      ),
    });
    return {
      shape: { outgoing: renamed },
      liar: {
        lies: () => ({
          ledger: (_customer, { debits, credits, rewards = [] }) => ({
            debits: debits.map((each) => ({ ...each, redemption_id: `${numberOf(each.redemption_id)}` })),
            credits,
            rewards: rewards.map((each) => ({ ...each, redemption_id: `${numberOf(each.redemption_id)}` })),
          }),
        }),
      },
    };
  },
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
  freshBytes,
  inPath,
  saysLittle,
  saysNothing,
  saysItOnce,
];
