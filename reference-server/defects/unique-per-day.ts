import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

const DAY_MS = 86_400_000;

/** The table of keys is partitioned by day, so the day is part of the unique index. */
export const uniquePerDay: Defect = {
  name: 'unique-per-day',
  description: 'knows a key only on the day of its first use: the partition of the next day takes it for new',
  reason:
    "PostgreSQL wants the partition's column in every unique index, and the migration was green with it.",
  rules: ['expiry', 'double-debit'],
  bugClasses: [8],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const { customer } = request.payload;
        const [known] = (await parts.store.redemptionOfKey(customer, request.key))?.items ?? [];
        const { nowMs = 0 } = (await parts.store.clock(customer)) ?? {};
        const isOtherDay = known && Math.floor(known.at / DAY_MS) !== Math.floor(nowMs / DAY_MS);
        return isOtherDay ? parts.store.raw.insert(request) : parts.store.claim(request);
      },
    }),
};
