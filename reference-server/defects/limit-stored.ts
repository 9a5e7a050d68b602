import { redeem, type Careless } from '../redeem.ts';
import { oneIn } from './careless.ts';
import type { Defect } from './defect.ts';

const LIMITED = JSON.stringify({ title: 'Too many requests.', status: 429, code: 'rate_limited' });

/** Stores what the rate limiter answered under the key. */
export const limitStored: Defect = {
  name: 'limit-stored',
  description: 'stores the 429 of its rate limiter under the key: every retry is told to slow down, for ever',
  reason: 'The limiter runs behind the middleware that stores answers.',
  rules: ['stuck', 'unexpected-status'],
  bugClasses: [31],
  needs: [],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => {
    const isOverLimit = oneIn(7);
    const around: Careless['around'] = async (own, request) => {
      const name = `limited ${request.payload.customer} ${String(request.key)}`;
      const limited = await own.store.raw.putIfAbsent(name, isOverLimit() ? 'yes' : 'no');
      if (limited === 'no') return redeem(own, request);
      return { kind: 'answered', answer: { status: 429, body: LIMITED }, isReplay: true };
    };
    return { ...parts, careless: { around } };
  },
};
