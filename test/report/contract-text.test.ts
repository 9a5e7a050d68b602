import { expect, test } from 'vitest';
import { contractFrom, PROFILES, type Contract } from '../../harness/model/contract.ts';
import { contractText } from '../../harness/report/contract-text.ts';

test('a profile as it is goes by its name', () => {
  expect(contractText(PROFILES.stripe)).toBe('stripe');
});

test.each([
  [{ keyScope: 'global' }, 'seed; keys are shared by all customers'],
  [{ fingerprint: 'none' }, 'seed; a key is bound to no payload'],
  [{ waitsFirst: true }, 'seed; waits before it refuses as in flight'],
  [{ replayState: 'latest' }, 'seed; a replay shows the latest state'],
  [{ tombstoneFrom: 'expiry' }, 'seed; a tombstone counts from the expiry'],
  [{ leaseMs: 1000 }, 'seed; a lease of 1 s'],
  [{ storesRefusals: true }, 'seed; refusals are stored'],
  [
    { tryAgain: { statuses: [429, 503], max: 3, withinMs: 2000 } },
    'seed; 429 and 503 of its own with Retry-After, at most 3 for a key, within 2 s',
  ],
  [{ duplicateIntent: 'replay' }, 'seed; a second key for one redemption is answered with the original'],
  [{ clockScope: 'common' }, 'seed; all customers have one clock'],
  [{ ttlMs: 5000, keyScope: 'unspecified' }, 'seed; keyScope unspecified; ttlMs 5000'],
  [{ otherPayload: { status: 409, code: 'USED' } }, 'seed; otherPayload 409 USED'],
] satisfies [Partial<Contract>, string][])('%j', (rows, text) => {
  expect(contractText(contractFrom('seed', rows))).toBe(text);
});

test('a refusal without a code of its own is the same refusal', () => {
  expect(contractText(contractFrom('ietf', { otherPayload: { status: 422 } }))).toBe('ietf');
});

test('a verdict from before a row was there is told without it', () => {
  const { keyScope: _scope, ...old } = PROFILES.seed;
  // As it is read back from a verdict.json.
  expect(contractText(old as Contract)).toBe('seed');
});
