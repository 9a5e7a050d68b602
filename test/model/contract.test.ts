import { describe, expect, test } from 'vitest';
import {
  contractFrom,
  keyPhase,
  PROFILES,
  readKey,
  tombstoneEndMs,
  wholeContract,
} from '../../harness/model/contract.ts';

const DAY_MS = 86_400_000;
const { seed, stripe } = PROFILES;

describe('how a key is read', () => {
  test.each([
    ['a bare key', 'abc-123', 'abc-123'],
    ['the quoted form of the same key', '"abc-123"', 'abc-123'],
    ['an escaped quote inside the quoted form', '"a\\"b"', 'a"b'],
    ['an escaped backslash inside the quoted form', '"a\\\\b"', 'a\\b'],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
    ['255 characters inside quotes', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
    ['a quote in the middle of a bare key', 'a"b', 'a"b'],
  ])('%s is a key', (_, sent, key) => {
    expect(readKey(seed, sent)).toEqual({ kind: 'key', key });
  });

  test.each([
    ['empty', ''],
    ['blank', '   '],
    ['an empty quoted form', '""'],
    ['256 characters', 'k'.repeat(256)],
    ['a space inside', 'one two'],
    ['a letter outside ASCII', 'schlüssel'],
    ['a control character', 'a\u0007b'],
    ['a quote that is left open', '"abc'],
    ['a lone quote', '"'],
    ['a quote inside the quoted form', '"a"b"'],
    ['an escape of something else', '"a\\nb"'],
    ['an escape of the closing quote', '"abc\\"'],
  ])('%s is malformed', (_, sent) => {
    expect(readKey(seed, sent)).toEqual({ kind: 'malformed' });
  });

  test('two values are malformed, even when they are the same', () => {
    expect(readKey(seed, ['a', 'a'])).toEqual({ kind: 'malformed' });
  });

  test('one value in a list is that value', () => {
    expect(readKey(seed, ['a'])).toEqual({ kind: 'key', key: 'a' });
  });

  test('no header is missing, not malformed', () => {
    expect(readKey(seed, undefined)).toEqual({ kind: 'missing' });
    expect(readKey(seed, [])).toEqual({ kind: 'missing' });
  });

  test.each([false, 'unspecified'] as const)(
    'where nobody says that quoted and bare keys are one (%s), the quotes are part of the key',
    (quotedKeysEqual) => {
      expect(readKey(contractFrom('seed', { quotedKeysEqual }), '"a"')).toEqual({ kind: 'key', key: '"a"' });
    },
  );
});

describe('the phase of a key by its age', () => {
  test.each([
    [0, 'live'],
    [DAY_MS - 1, 'live'],
    [DAY_MS, 'expired'],
    [DAY_MS + 1, 'expired'],
    [7 * DAY_MS - 1, 'expired'],
    [7 * DAY_MS, 'new'],
  ])('at %i ms a key of the seed profile is %s', (ageMs, phase) => {
    expect(keyPhase(seed, ageMs)).toBe(phase);
  });

  test("at the end of its life Stripe's key is new at once", () => {
    expect(keyPhase(stripe, DAY_MS - 1)).toBe('live');
    expect(keyPhase(stripe, DAY_MS)).toBe('new');
  });

  test('without a promise on the TTL nothing is said of any age', () => {
    expect(keyPhase(contractFrom('seed', { ttlMs: 'unspecified' }), 5)).toBe('unspecified');
  });
});

describe('where a tombstone counts from', () => {
  const own = contractFrom('seed', { ttlMs: 100, tombstoneMs: 50, tombstoneFrom: 'expiry' });

  test.each([
    [99, 'live'],
    [100, 'expired'],
    [149, 'expired'],
    [150, 'new'],
  ])('from the expiry, at %i ms a key is %s', (ageMs, phase) => {
    expect(keyPhase(own, ageMs)).toBe(phase);
  });

  test('its end is an age, however it is told', () => {
    expect(tombstoneEndMs(own)).toBe(150);
    expect(tombstoneEndMs(seed)).toBe(7 * DAY_MS);
    expect(tombstoneEndMs(stripe)).toBe(DAY_MS);
  });
});

test('a profile with a row replaced keeps the others', () => {
  const own = contractFrom('seed', { inFlight: 'wait' });
  expect(own).toEqual({ ...seed, inFlight: 'wait' });
  expect(PROFILES.seed.inFlight).toEqual({ status: 409, code: 'redemption_in_progress' });
});

test('a contract from before a row was there means what was true then', () => {
  const { keyScope: _scope, tryAgain: _try, clockScope: _clock, ...old } = seed;
  expect(wholeContract(old)).toEqual(seed);
});
