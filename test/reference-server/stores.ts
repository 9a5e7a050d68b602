/** Both stores, so that one table of tests runs over each: `describe.each(STORES)`. */

import { NO_REDIS, startRedis } from '../support/redis.ts';

export interface StoreKind {
  readonly name: string;
  readonly skip: boolean;
  /** Starts what the store needs; gives the `store` option and how to end it. */
  readonly open: () => Promise<{ readonly store: string; readonly stop: () => Promise<void> }>;
}

export const STORES: readonly StoreKind[] = [
  { name: 'memory', skip: false, open: async () => ({ store: 'memory', stop: async () => {} }) },
  {
    name: NO_REDIS === undefined ? 'Redis' : `Redis (skipped: ${NO_REDIS})`,
    skip: NO_REDIS !== undefined,
    open: async () => {
      const redis = await startRedis();
      return { store: redis.url, stop: () => redis.stop() };
    },
  },
];
