/** What an iteration counts by its own readings: each time what is wrong, and beside it what only looks so. */
import { describe, expect, test } from 'vitest';
import { PROFILES, type Contract } from '../../harness/model/contract.ts';
import type { ListedRedemption } from '../../harness/model/protocol.ts';
import { isShown, judge } from '../../scenarios/lib/judge.ts';
import type { Reading } from '../../scenarios/lib/story.ts';
import { drawStory, type DrawnIntent, type DrawnStory, type StoryOptions } from './draw-story.ts';

const { inFlight, duplicateIntent, otherPayload, insufficientPoints } = PROFILES.seed;

let customers = 0;
/** A customer of its own each time: what may still come is remembered. */
const draw = (options: StoryOptions = {}, opening: Reading = { balance: 5000, redemptions: [] }) => {
  customers += 1;
  const drawn = drawStory({ customer: `ada-${customers}`, ...options });
  drawn.owner.opening = opening;
  return drawn;
};

const row = (redemption: string, { intent }: DrawnIntent, members: Partial<ListedRedemption> = {}) => {
  const { reward, points, clientRedemptionId } = intent.payload;
  return {
    redemption,
    reward,
    points,
    ...(clientRedemptionId !== undefined && { clientRedemptionId }),
    ...members,
  };
};

function counted({ story, owner }: DrawnStory, closing: Reading): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  judge(story, new Map([[owner.id, closing]]), (name, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by;
  });
  return counts;
}

describe('the list', () => {
  test('shows two redemptions of one intent, or one of them twice', () => {
    const drawn = draw();
    const tea = drawn.intent();
    tea.ok('red_1');
    const twice = { redemptions: [row('red_1', tea), row('red_1', tea)], balance: 4500 };
    expect(counted(drawn, twice)).toEqual({});
    const two = { redemptions: [row('red_1', tea), row('red_2', tea)], balance: 4000 };
    expect(counted(drawn, two)).toMatchObject({ double_debits: 1 });
  });

  test.each([
    ['failed', {}],
    ['completed', { double_debits: 1, books_differ: 1 }],
  ])('shows a second row of an intent as %s', (status, counts) => {
    const drawn = draw();
    const tea = drawn.intent();
    tea.ok('red_1');
    const redemptions = [row('red_1', tea), row('red_2', tea, { status })];
    expect(counted(drawn, { redemptions, balance: 4500 })).toEqual(counts);
  });

  test('shows a redemption as cancelled, and its points are not back', () => {
    const drawn = draw();
    const tea = drawn.intent();
    tea.ok('red_1');
    const redemptions = [row('red_1', tea, { status: 'cancelled' })];
    expect(counted(drawn, { redemptions, balance: 4500 })).toEqual({ books_differ: 1 });
  });

  test('names none of its redemptions: what is new in it nobody knows', () => {
    const drawn = draw({ isFresh: false }, { balance: 5000, redemptions: [{ redemption: '', points: 500 }] });
    const tea = drawn.intent();
    tea.ok('red_1');
    const redemptions = [row('', tea), row('', tea)];
    expect(counted(drawn, { redemptions, balance: 4500 })).toEqual({});
    expect(counted(drawn, { redemptions, balance: 4000 })).toEqual({ unexplained_balance: 1 });
  });
});

describe('an intent that was refused, and is listed', () => {
  test.each([
    ['is refused but done', false, otherPayload, { refused_but_done: 1 }],
    ['may be one with another that has its name', true, otherPayload, {}],
    ['may be done by a copy that was in flight', false, inFlight, {}],
  ])('%s', (_name, isShared, refusal, counts) => {
    const drawn = draw();
    const tea = drawn.intent({ clientRedemptionId: 'tea' });
    if (isShared) {
      tea.refused(inFlight, 3);
      tea.ok('red_1', 5);
    } else tea.refused(refusal);
    if (isShared) drawn.intent({ clientRedemptionId: 'tea', points: 501, effectLimit: 0 }).refused(refusal);
    expect(counted(drawn, { redemptions: [row('red_1', tea)], balance: 4500 })).toEqual(counts);
  });

  test('may be done by a copy, where nobody promises how that is said', () => {
    for (const hasFaultyHop of [true, false]) {
      const drawn = draw({ hasFaultyHop, contract: { inFlight: 'unspecified' } });
      const tea = drawn.intent();
      tea.refused({ status: 423 });
      const closing = { redemptions: [row('red_1', tea)], balance: 4500 };
      expect(counted(drawn, closing)).toEqual(hasFaultyHop ? {} : { refused_but_done: 1 });
    }
  });
});

describe('the balance', () => {
  const rows = (contract: Partial<Contract>, isFresh = false) =>
    draw({ isFresh, isNamed: false, contract }, { balance: 5000 });

  test('did not fall for a 200', () => {
    const drawn = rows({});
    drawn.intent().ok('red_1');
    expect(counted(drawn, { balance: 5000 })).toEqual({ lost_debits: 1 });
  });

  test('did not fall for a 200 that may repeat what an earlier iteration got', () => {
    const drawn = rows({ duplicateIntent: 'replay' });
    drawn.intent().ok('red_1');
    expect(counted(drawn, { balance: 5000 })).toEqual({});
  });

  test('did not fall for a customer that has no earlier iteration', () => {
    const drawn = rows({ duplicateIntent: 'replay' }, true);
    drawn.intent().ok('red_1');
    expect(counted(drawn, { balance: 5000 })).toEqual({ lost_debits: 1 });
  });

  test.each([
    ['one redemption, of whatever payload it tells', 4500, {}],
    ['none', 5000, { lost_debits: 1 }],
    ['more than both', 3998, { unexplained_balance: 1 }],
  ])('fell by %s, for two 200s of a key that is bound to no payload', (_name, balance, counts) => {
    for (const names of [
      [undefined, undefined],
      ['red_1', undefined],
      [undefined, 'red_1'],
    ] as const) {
      const drawn = draw({ contract: { fingerprint: 'none' } }, { balance: 5000 });
      const tea = drawn.intent();
      tea.ok(names[0], 5);
      drawn.intent({ points: 501, key: tea.key }).ok(names[1], 10);
      expect(counted(drawn, { balance }), String(names)).toEqual(counts);
    }
  });

  test('and the list differ, where all is at rest', () => {
    const drawn = draw();
    const tea = drawn.intent();
    tea.ok('red_1');
    const closing = { redemptions: [row('red_1', tea, { points: 0, status: 'pending' })], balance: 4500 };
    expect(isShown(drawn.story, drawn.owner, closing)).toBe(false);
    expect(counted(drawn, closing)).toEqual({ books_differ: 1 });
  });

  test.each([
    [true, {}],
    [false, { books_differ: 1 }],
  ])(
    'and the list differ, where a copy of what may be done twice may have come between them (hop: %s)',
    (hasFaultyHop, counts) => {
      const drawn = draw({ hasFaultyHop, isNamed: false });
      const tea = drawn.intent({ effectLimit: 2 });
      tea.ok('red_1');
      tea.refused(duplicateIntent, 10, 'another');
      expect(counted(drawn, { redemptions: [row('red_1', tea)], balance: 4000 })).toEqual(counts);
    },
  );
});

type Earlier = (drawn: DrawnStory) => void;
const lost: Earlier = (drawn) => void drawn.intent().lost();
const refused =
  (refusal: unknown): Earlier =>
  (drawn) =>
    void drawn.intent().refused(refusal);

describe('a customer that is taken again', () => {
  const again = (first: Earlier, hasFaultyHop: boolean): DrawnStory => {
    const options = { isFresh: false, hasFaultyHop, isNamed: false };
    const before = draw(options);
    first(before);
    const customer = before.owner.id;
    counted(before, { redemptions: [], balance: 5000 });
    return drawStory({ ...options, customer });
  };

  test.each([
    ['may still get what has no answer', lost, true, {}],
    ['may still get what was in progress', refused(inFlight), true, {}],
    ['may still get a copy of what was a duplicate', refused(duplicateIntent), true, {}],
    [
      'gets no copy where nobody makes any',
      refused(duplicateIntent),
      false,
      { double_debits: 1, overdrafts: 1 },
    ],
    [
      'gets nothing more of what was refused for good',
      refused(insufficientPoints),
      true,
      { double_debits: 1, overdrafts: 1 },
    ],
  ] as const)('%s', (_name, first, hasFaultyHop, counts) => {
    const drawn = again(first, hasFaultyHop);
    // The late one comes between the two readings of the opening.
    drawn.owner.opening = { redemptions: [], balance: 500 };
    const tea = drawn.intent();
    tea.ok('red_2');
    const closing = { redemptions: [row('red_2', tea), row('red_1', tea)], balance: 0 };
    const { books_differ: _, ...found } = counted(drawn, closing);
    expect(found).toEqual(counts);
  });
});
