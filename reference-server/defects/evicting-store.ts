import type { Claim } from '../store.ts';
import { withStore, type Defect } from './defect.ts';

/** How many keys a process keeps. */
const CAPACITY = 4;

/** Keeps the last few keys and throws the oldest away for each new one. */
export const evictingStore: Defect = {
  name: 'evicting-store',
  description:
    'keeps keys in a cache of bounded size: under load a key is forgotten long before its 24 hours are over',
  reason: 'Memory must be bounded, and LRU keeps what is needed.',
  rules: ['double-debit'],
  bugClasses: [25],
  needs: [],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => {
    const kept: Claim[] = [];
    return withStore(parts, {
      complete: async (claim, answer) => {
        const result = await parts.store.complete(claim, answer);
        kept.push(claim);
        const oldest = kept.length > CAPACITY ? kept.shift() : undefined;
        if (oldest) await parts.store.raw.forget(oldest.customer, oldest.key, oldest.payload);
        return result;
      },
    });
  },
};
