/** What a script does not count, since it may be lawful; and beside each what it does count. */
import { describe, expect, test } from 'vitest';
import { PROFILES, type Contract } from '../../harness/model/contract.ts';
import { isLawfulRefusal, limitOf } from '../../scenarios/lib/lawful.ts';
import { drawStory, type DrawnStory } from './draw-story.ts';

const { insufficientPoints, duplicateIntent, expiredKey, otherPayload } = PROFILES.seed;
const DAY_MS = 86_400_000;

describe('a refusal that no row of the question promises', () => {
  const isLawful = (drawn: DrawnStory, row: unknown, at = 10) => {
    const intent = drawn.intent();
    const answer = intent.refused(row, at);
    return isLawfulRefusal(drawn.story, answer, []);
  };

  test.each([
    ['a customer that is taken again may have nothing left', { isFresh: false }, insufficientPoints, true],
    ['a customer that was just made has what it was given', { isFresh: true }, insufficientPoints, false],
    [
      'a customer that is taken again may have asked for the same',
      { isFresh: false, isNamed: false },
      duplicateIntent,
      true,
    ],
    ['a name tells what was asked for apart', { isFresh: false, isNamed: true }, duplicateIntent, false],
    [
      'a customer that was just made asked for nothing before',
      { isFresh: true, isNamed: false },
      duplicateIntent,
      false,
    ],
    ['nothing explains that another payload came', { isFresh: false, isNamed: false }, otherPayload, false],
    ['a key does not expire at once', { isFresh: false }, expiredKey, false],
    ['where the store’s clock jumps any key may be too old', { hasClockJumps: true }, expiredKey, true],
  ] as const)('%s', (_name, options, row, lawful) => {
    expect(isLawful(drawStory(options), row)).toBe(lawful);
  });

  test('another request of this iteration may be the same, when neither has a name', () => {
    for (const [points, lawful] of [
      [500, true],
      [501, false],
    ] as const) {
      const drawn = drawStory({ isFresh: true, isNamed: false });
      drawn.intent({ points }).ok('red_1');
      expect(isLawful(drawn, duplicateIntent), String(points)).toBe(lawful);
    }
  });

  test('where a clock is moved, whoever moves it knows whether the window is over', () => {
    const drawn = drawStory({ isFresh: true, isNamed: false, hasMovedClock: true });
    drawn.intent().ok('red_1');
    expect(isLawful(drawn, duplicateIntent)).toBe(false);
  });

  test('a key that was answered 200 is not short of points, however often its customer is taken', () => {
    const drawn = drawStory({ isFresh: false });
    const intent = drawn.intent();
    intent.ok('red_1', 5);
    expect(isLawfulRefusal(drawn.story, intent.refused(insufficientPoints, 10), [])).toBe(false);
    expect(isLawfulRefusal(drawn.story, intent.refused(insufficientPoints, 10, `"${intent.key}"`), [])).toBe(
      false,
    );
  });

  test.each([
    ['a key that is none, and must be refused as such,', {}, 'no key', false],
    ['a key that is none, and is taken,', { malformedKey: 'unspecified' }, 'no key', true],
    ['a request without a key that is taken', { missingKey: 'accept' }, undefined, true],
  ] as const)('%s may be one too many: %s', (_name, contract, key, lawful) => {
    const drawn = drawStory({ isFresh: false, contract });
    const answer = drawn.intent().refused(insufficientPoints, 10, key ?? null);
    expect(isLawfulRefusal(drawn.story, answer, [])).toBe(lawful);
  });

  test.each([
    ['when its time is over by the clock of the wall', 2000, false, true],
    ['before its time', 1900, false, false],
    ['by a clock that somebody moves, who knows its age', 2000, true, false],
  ])('a key is refused as expired %s', (_name, at, hasMovedClock, lawful) => {
    const drawn = drawStory({ contract: { ttlMs: 2000 }, hasMovedClock });
    const intent = drawn.intent();
    intent.ok('red_1', 5);
    expect(isLawfulRefusal(drawn.story, intent.refused(expiredKey, at), [])).toBe(lawful);
  });
});

describe('how often an intent may be done', () => {
  test.each([
    ['once, while its key lives', 1900, {}, 1],
    ['any number of times, when its key is new again', 2100, {}, Infinity],
    ['once, when its key is new again and its name is known', 2100, { isNamed: true, duplicateIntent }, 1],
    ['once, when its key is refused as expired', 2100, { expiredKey }, 1],
  ])('%s', (_name, at, { isNamed = false, ...rows }: Partial<Contract> & { isNamed?: boolean }, limit) => {
    const contract = { expiredKey: 'new', ttlMs: 2000, duplicateIntent: 'uncovered', ...rows } as const;
    const drawn = drawStory({ contract, isNamed });
    const intent = drawn.intent();
    intent.ok('red_1', 5);
    expect(limitOf(drawn.story, intent.intent, drawn.at(at))).toBe(limit);
  });

  test.each([
    ['once for both keys, within the window', 4900, true, ['one', 'two'], 1],
    ['once for each key, where a copy may come when the window is over', 5000, true, ['one', 'two'], 2],
    ['once, where nobody makes copies', 5000, false, ['one', 'two'], 1],
    ['once, under one key', 5000, true, ['one', 'one'], 1],
  ])('%s', (_name, at, hasFaultyHop, keys, limit) => {
    const drawn = drawStory({ isNamed: false, hasFaultyHop, contract: { ttlMs: DAY_MS } });
    const intent = drawn.intent();
    intent.ok('red_1', 5, keys[0]);
    intent.refused(duplicateIntent, 10, keys[1]);
    expect(limitOf(drawn.story, intent.intent, drawn.at(at))).toBe(limit);
  });
});
