/** Twins that take their time. */

import { refusal } from '../../../reference-server/liars/refusing.ts';
import { firstTime, keyOf } from '../../../reference-server/liars/liar.ts';
import { ALL_SCENARIOS, type Twin } from './twin.ts';

const slow: Twin = {
  name: 'slow',
  description: 'takes 0.15 s for every redemption',
  scenarios: ALL_SCENARIOS,
  edge: () => ({ fulfilMs: 150 }),
};

const sometimesTooSlow: Twin = {
  name: 'sometimes-too-slow',
  description: 'takes longer for every eighth redemption than any client waits',
  scenarios: ['retry-storm', 'duplicated-requests', 'soak'],
  edge: () => ({ fulfilMs: (order) => (order % 8 === 7 ? 700 : 3) }),
  config: (usual) => ({ ...usual, limits: { ...usual.limits, timeoutMs: 300 } }),
};

const waits: Twin = {
  name: 'waits',
  description: 'lets a second request wait for the first, and never says in progress',
  scenarios: ALL_SCENARIOS,
  rows: { inFlight: 'wait' },
  edge: () => ({ fulfilMs: 20 }),
};

const waitsFirst: Twin = {
  name: 'waits-then-refuses',
  description: 'lets a second request wait a little, and then says in progress',
  scenarios: ALL_SCENARIOS,
  rows: { waitsFirst: true },
  edge: () => ({ fulfilMs: (order) => (order % 3 === 0 ? 80 : 5), waitMs: 40 }),
};

/** Its own refusal, before anything is done. */
function sendsAway(status: number): Twin {
  return {
    name: `sends-away-${status}`,
    description: `answers each key's first request ${status} with Retry-After`,
    scenarios: ALL_SCENARIOS,
    rows: { tryAgain: { statuses: [status], max: 1, withinMs: 60_000 } },
  };
}

const hangsUp: Twin = {
  name: 'breaks-connections',
  description: 'is restarted gently every 60 ms: each connection breaks, and what was begun is done',
  scenarios: ALL_SCENARIOS,
  beside: (edge) => {
    const timer = setInterval(() => edge.hangUp(), 60);
    return () => clearInterval(timer);
  },
};

/** A gateway before it that loses its answers now and then: nobody knows, and a retry does. */
const badGateway: Twin = {
  name: 'loses-answers',
  description: 'loses the answer of every fifth key at first: its gateway says 504',
  scenarios: ['retry-storm', 'duplicated-requests', 'soak'],
  config: (usual) => ({
    ...usual,
    contract: {
      ...(typeof usual.contract === 'object' && usual.contract),
      tryAgain: { statuses: [504], max: 1, withinMs: 60_000 },
    },
  }),
  edge: () => {
    const isFirst = firstTime();
    let count = 0;
    return {
      liar: {
        lies: () => ({
          redeem: async (request, honest) => {
            const told = await honest();
            if (request.key === undefined || !isFirst(keyOf(request)) || count++ % 5 !== 0) return told;
            const { status, headers, text } = refusal(504, undefined);
            return { status, headers: { ...headers, 'retry-after': '1' }, text };
          },
        }),
      },
    };
  },
};

export const TIME_TWINS: readonly Twin[] = [
  slow,
  sometimesTooSlow,
  waits,
  waitsFirst,
  sendsAway(503),
  sendsAway(429),
  hangsUp,
  badGateway,
];
