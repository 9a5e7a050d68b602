/** What makes a payload another one: what a request says, and nothing else. */
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { hasOtherPayloads, otherPayloads, saysOther } from '../../harness/model/other-payload.ts';

const MUG = { id: 'mug', points: 1250 };

function resolved(body: object, more: object = {}, rewards: readonly object[] = [MUG]) {
  const config = {
    baseUrl: 'http://127.0.0.1:1',
    auth: 'none',
    redeem: { path: '/{customer_id}/burns', body },
    answer: { redemption: '/id' },
    rewards,
    customers: ['ada'],
    ...more,
  };
  return resolveConfig(config, { file: 'onceproof.config.json', env: {} });
}

const payload = { customer: 'ada', reward: 'mug', points: 1250 };
const LIST = { path: '/{customer_id}/burns', items: '', redemption: '/id' };

describe('another payload', () => {
  test.each([
    ['one reward alone', { item: '{reward_id}' }, {}, [MUG], false],
    ['two rewards', { item: '{reward_id}' }, {}, [MUG, { id: 'pen', points: 200 }], true],
    [
      'two rewards of which no request speaks',
      { kind: 'burn' },
      {},
      [MUG, { id: 'pen', points: 1250 }],
      false,
    ],
    ['a sum', { points: '{points_amount}' }, {}, [MUG], true],
    [
      'two types',
      { item: '{reward_id}', type: '{redemption_type}' },
      { redemptionTypes: ['a', 'b'] },
      [MUG],
      true,
    ],
    [
      'one type',
      { item: '{reward_id}', type: '{redemption_type}' },
      { redemptionTypes: ['a'] },
      [MUG],
      false,
    ],
    [
      'a name that nothing shows again',
      { item: '{reward_id}', note: '{client_redemption_id}' },
      {},
      [MUG],
      false,
    ],
    [
      'a name that the list shows',
      { item: '{reward_id}', note: '{client_redemption_id}' },
      { redemptions: { ...LIST, clientRedemptionId: '/note' } },
      [MUG],
      true,
    ],
  ])('of %s', (_, body, more, rewards, has) => {
    const { target, capabilities } = resolved(body, more, rewards);
    expect(hasOtherPayloads(target)).toBe(has);
    expect(capabilities.otherPayload).toBe(has ? undefined : false);
  });

  test('a sum that is not sent is no difference, and one that is sent is', () => {
    const [silent, told] = [resolved({ item: '{reward_id}' }), resolved({ points: '{points_amount}' })];
    expect(saysOther(silent.target, payload, { ...payload, points: 1251 })).toBe(false);
    expect(saysOther(told.target, payload, { ...payload, points: 1251 })).toBe(true);
    expect(otherPayloads(told.target, payload)).toEqual([{ ...payload, points: 1251 }]);
  });

  test('a name in a header is none of the payload', () => {
    const { target } = resolved(
      { item: '{reward_id}' },
      {
        redeem: {
          path: '/burns',
          headers: { 'X-Order': '{client_redemption_id}' },
          body: { item: '{reward_id}', customer: '{customer_id}' },
        },
        redemptions: { ...LIST, clientRedemptionId: '/order' },
      },
    );
    expect(hasOtherPayloads(target)).toBe(false);
  });
});
