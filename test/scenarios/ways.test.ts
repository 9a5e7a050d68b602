/** The tables of ways: each line does what it says, and a run of ordinary size holds all of them. */
import { describe, expect, test } from 'vitest';
import { referenceTarget } from '../../harness/model/target.ts';
import type { RedeemPayload } from '../../harness/model/redeem-request.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import type { Story } from '../../scenarios/lib/story.ts';
import { ENVELOPES, envelopeOf } from '../../scenarios/lib/ways/envelopes.ts';
import { ALIKE_KEYS } from '../../scenarios/lib/ways/keys.ts';
import { changed, ODD_WRITINGS, OTHER_PAYLOADS, written } from '../../scenarios/lib/ways/payloads.ts';

const target = referenceTarget('http://127.0.0.1:1');
// Only these members are read by a way.
const story = {
  settings: { target, redeemTarget: target, seed: '7' },
  contract: PROFILES.seed,
} as unknown as Story;
const payload: RedeemPayload = {
  customer: 'ada',
  reward: 'reward_coffee',
  points: 120,
  type: 'voucher',
  clientRedemptionId: `a-name-${'x'.repeat(57)}`,
};
const plain = {
  method: 'POST',
  url: 'http://127.0.0.1:1/redeem',
  body: '{"points_amount":120}',
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
};

describe('envelopes', () => {
  test.each(ENVELOPES)('$name: another request with the same key', ({ put }) => {
    const request = put(plain, story) ?? expect.fail('cannot be sent');
    expect(request).not.toEqual(plain);
    expect(request.headers['Idempotency-Key']).toBe('k');
    expect(JSON.parse(request.body)).toMatchObject({ points_amount: 120 });
  });

  test('sixty repetitions hold all of them, and plain ones, and a seed draws the same again', () => {
    const drawn = Array.from(
      { length: 60 },
      (_, index) => envelopeOf(story, `rs-${index}-1`, 1)?.name ?? 'plain',
    );
    expect(new Set(drawn)).toEqual(new Set(['plain', ...ENVELOPES.map(({ name }) => name)]));
    expect(drawn).toEqual(
      Array.from({ length: 60 }, (_, index) => envelopeOf(story, `rs-${index}-1`, 1)?.name ?? 'plain'),
    );
  });

  test.each(ENVELOPES)('$name: what the redemption has in a header stays', ({ put }) => {
    // Somebody's key, name and tokens may stand in any of them.
    const own = Object.fromEntries(
      ENVELOPES.flatMap((one) => Object.keys(one.put(plain, story)?.headers ?? {}))
        .filter((name) => !Object.hasOwn(plain.headers, name))
        .map((name) => [name.toLowerCase(), 'its own']),
    );
    expect(Object.keys(own)).toContain('x-request-id');
    const request = put({ ...plain, headers: { ...plain.headers, ...own } }, story);
    for (const [name, value] of Object.entries(request?.headers ?? {}))
      if (name.toLowerCase() !== 'content-type')
        expect([name, value]).toEqual([name, 'Idempotency-Key' === name ? 'k' : 'its own']);
  });

  test('an unknown member makes another payload where bytes are compared: it is not sent there', () => {
    const bytes = { ...story, contract: { ...PROFILES.seed, fingerprint: 'bytes' } } as Story;
    const way = ENVELOPES.find(({ name }) => name === 'an unknown member');
    expect(way?.put(plain, bytes)).toBeUndefined();
  });
});

describe('payloads', () => {
  test.each(OTHER_PAYLOADS)('$name: the request shows it', (way) => {
    const other = changed(way, story, payload) ?? expect.fail('no change');
    expect(other).not.toEqual(payload);
    expect(other.customer).toBe('ada');
  });

  test('what the request does not show is no other payload', () => {
    const silent = { ...target, redeem: { ...target.redeem, body: { reward: '{reward_id}' } } };
    const quiet = { ...story, settings: { ...story.settings, redeemTarget: silent } } as Story;
    const way = OTHER_PAYLOADS.find(({ name }) => name === 'another type');
    expect(way && changed(way, quiet, payload)).toBeUndefined();
  });

  test.each(ODD_WRITINGS)('$name: JSON, and other bytes', (way) => {
    const body = written(way, story, payload) ?? expect.fail('not written');
    expect(() => JSON.parse(body) as unknown).not.toThrow();
    expect(body).not.toBe(JSON.stringify(payload));
  });
});

test.each(ALIKE_KEYS)(
  'keys that differ in little, $name: two keys of a length that the contract permits',
  ({ from }) => {
    const pair = from('0b9d8c7a-1e2f-4a3b-8c4d-5e6f7a8b9c0d', 255) ?? expect.fail('none');
    expect(pair.first).not.toBe(pair.second);
    for (const key of [pair.first, pair.second]) expect(key).toMatch(/^[\x21-\x7e]{1,255}$/);
  },
);
