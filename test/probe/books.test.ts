import { describe, expect, test } from 'vitest';
import { effectsBetween } from '../../harness/probe/books.ts';
import type { Lies, Right, Told } from '../../reference-server/liars/liar.ts';
import { probedEndpoint } from './endpoint.ts';

const between = (
  before: Parameters<typeof effectsBetween>[0],
  after: Parameters<typeof effectsBetween>[1],
  prices: readonly number[],
  credited = 0,
) => effectsBetween(before, after, { prices, credited });

describe('how many redemptions the books hold', () => {
  test('where nothing can be read, nobody knows', () => {
    expect(between({}, {}, [5])).toEqual({ count: undefined });
  });

  test('ledger, list and balance that say the same', () => {
    const before = { debits: 1, listed: 3, balance: 100 };
    expect(between(before, { debits: 3, listed: 5, balance: 80 }, [5, 15])).toEqual({ count: 2 });
    expect(between(before, before, [5])).toEqual({ count: 0 });
  });

  test('a balance alone counts by what was asked for', () => {
    expect(between({ balance: 100 }, { balance: 70 }, [10])).toEqual({ count: 3 });
    expect(between({ balance: 100 }, { balance: 100 }, [10], 5)).toMatchObject({ count: 1 });
    expect(between({ balance: 9 }, { balance: 0 }, [10], 1)).toEqual({ count: 1 });
  });

  test('readings that differ are told', () => {
    const before = { debits: 0, listed: 0, balance: 100 };
    expect(between(before, { debits: 1, listed: 0, balance: 90 }, [10])).toEqual({
      count: 1,
      disagreement: 'the ledger has 1 more, the list has 0 more, 10 points are gone',
    });
    expect(between(before, { debits: 1, listed: 1, balance: 80 }, [10]).disagreement).toBeDefined();
    expect(between(before, { debits: 1, listed: 1, balance: 89 }, [10]).disagreement).toBeDefined();
  });
});

const refuses = ({ status }: Told): boolean => status >= 400 && status < 500;
const REFUSED = ['missing-key', 'other-reward', 'unknown-reward'];

/** What it does, and rows in which that shows. */
const LIES: readonly (readonly [string, (right: Right) => Lies, readonly string[]])[] = [
  [
    'answers 200 and does nothing',
    () => ({ list: () => [], balance: () => 5000, ledger: () => ({ debits: [], credits: [] }) }),
    ['marker-sent'],
  ],
  [
    'shows half of the debit',
    () => ({ balance: (_, points) => Math.ceil(points / 100) * 100 }),
    ['marker-sent'],
  ],
  ['lists nothing', () => ({ list: () => [] }), ['marker-sent']],
  [
    'refuses and redeems',
    (right) => ({
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        if (refuses(told)) await right.book(payload);
        return told;
      },
    }),
    REFUSED,
  ],
  [
    'refuses, and redeems when the row is over',
    (right) => ({
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        if (refuses(told)) right.later(60, () => right.book(payload));
        return told;
      },
    }),
    // The last row gives the others the time that they need.
    [...REFUSED, 'in-flight'],
  ],
  [
    'redeems twice',
    (right) => ({
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        if (told.status === 200 && told.headers['idempotent-replayed'] === undefined)
          await right.book(payload);
        return told;
      },
    }),
    ['marker-sent', 'same-key'],
  ],
];

describe('answers that the books do not bear out keep no contract', () => {
  test.for(LIES)('%s', { timeout: 60_000 }, async ([, lies, asked]) => {
    const { rows, probed } = await probedEndpoint({
      lies,
      rows: asked,
      promises: { missingKey: 'unspecified' },
    });
    const told = asked.map((name) => [
      name,
      rows.get(name)?.standing,
      rows.get(name)?.seen?.trouble,
      rows.get(name)?.why,
    ]);
    expect(
      told.some(([, standing]) => standing === 'broken'),
      JSON.stringify(told),
    ).toBe(true);
    expect(probed.verdict).toBe('invalid');
  });
});
