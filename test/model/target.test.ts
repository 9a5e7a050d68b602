import { describe, expect, test } from 'vitest';
import { referenceTarget, type Target } from '../../harness/model/target.ts';
import { payloadHash, redeemRequest } from '../../harness/model/redeem-request.ts';
import { at, readAnswer, readRedemptions } from '../../harness/model/read-answer.ts';

const target = referenceTarget('http://127.0.0.1:1');
const payload = { customer: 'c/1', reward: 'r1', points: 500 };

describe('a redeem request from its template', () => {
  test('a placeholder that is the whole text takes the type of the value', () => {
    expect(
      JSON.parse(redeemRequest(target, { ...payload, type: 'discount', clientRedemptionId: 'x' }).body),
    ).toEqual({
      customer_id: 'c/1',
      reward_id: 'r1',
      points_amount: 500,
      redemption_type: 'discount',
      client_redemption_id: 'x',
    });
  });

  test('a member without a value is left out', () => {
    expect(JSON.parse(redeemRequest(target, payload).body)).toEqual({
      customer_id: 'c/1',
      reward_id: 'r1',
      points_amount: 500,
    });
  });

  test('nested templates and texts around placeholders are filled, paths are encoded', () => {
    const own: Target = {
      ...target,
      redeem: {
        ...target.redeem,
        path: '/members/{customer_id}/vouchers',
        body: {
          order: {
            ref: 'ref-{client_redemption_id}',
            lines: [{ sku: '{reward_id}', cost: '{points_amount}' }],
          },
          v: 2,
        },
      },
    };
    const request = redeemRequest(own, { ...payload, clientRedemptionId: 'x7' });
    expect(request.url).toBe('http://127.0.0.1:1/members/c%2F1/vouchers');
    expect(JSON.parse(request.body)).toEqual({
      order: { ref: 'ref-x7', lines: [{ sku: 'r1', cost: 500 }] },
      v: 2,
    });
  });
});

describe('answers are read by pointers', () => {
  test('members that are there are taken, numbers as ids become texts', () => {
    const answer = readAnswer(target, '{"redemption_id":17,"customer_id":"c","balance_after":0,"code":null}');
    expect(answer).toMatchObject({ redemption: '17', customer: 'c', balance: 0 });
    expect(answer).not.toHaveProperty('code');
  });

  test('what is no JSON still has a hash, and no body has none', () => {
    expect(Object.keys(readAnswer(target, '<html>'))).toEqual(['bodyHash']);
    expect(readAnswer(target, '')).toEqual({});
    expect(readAnswer(target, null)).toEqual({});
  });

  test('a list without the array is unreadable, an empty one is empty', () => {
    expect(readRedemptions(target, '{}')).toBeUndefined();
    expect(readRedemptions(target, '{"redemptions":[],"next_cursor":null}')).toEqual({ items: [] });
    expect(readRedemptions(target, '{"redemptions":[],"next_cursor":"p2"}')).toEqual({
      items: [],
      next: 'p2',
    });
  });
});

describe('JSON pointers (RFC 6901)', () => {
  const value = { a: { 'b/c': [{ 'd~e': 1 }] } };
  test('escapes, array indices and the whole', () => {
    expect(at(value, '/a/b~1c/0/d~0e')).toBe(1);
    expect(at(value, '')).toBe(value);
  });
  test('nothing is found past the end, or on a prototype', () => {
    expect(at(value, '/a/x/y')).toBeUndefined();
    expect(at(value, '/constructor')).toBeUndefined();
    expect(at([1], '/length')).toBe(1);
  });
});

test('two payloads have one hash exactly when they ask for the same', () => {
  expect(payloadHash(payload)).toBe(payloadHash({ ...payload }));
  for (const other of [
    { points: 501 },
    { reward: 'r2' },
    { customer: 'c/2' },
    { type: 'discount' },
    { clientRedemptionId: 'x' },
  ]) {
    expect(payloadHash({ ...payload, ...other })).not.toBe(payloadHash(payload));
  }
});
