import { expect, test } from 'vitest';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { draftOfAnswers } from '../../harness/runs/describe.ts';

/** Answers by a word of the question; what is not among them is taken as offered. */
const told = (answers: Readonly<Record<string, string>>) => (question: string, offered: string) =>
  Promise.resolve(Object.entries(answers).find(([word]) => question.includes(word))?.[1] ?? offered);

test('what is offered alone is a config that loads', async () => {
  const { open, ...config } = await draftOfAnswers(told({}));
  expect(open).toHaveLength(1);
  const { target, auth, capabilities } = resolveConfig(config, { file: 'onceproof.config.json', env: {} });
  expect(auth.kind).toBe('none');
  expect(target.redeem).toMatchObject({ path: '/v1/redemptions', keyHeader: 'Idempotency-Key' });
  expect(capabilities).toMatchObject({ balance: true, redemptions: false });
});

test('answers become what they are for', async () => {
  const draft = await draftOfAnswers(
    told({
      'bearer token': 'X-Api-Key: SHOP_KEY',
      'Path of the call': '/v1/claims',
      'carries the idempotency key': 'X-Request-Id',
      'JSON body': '{"member":"{customer_id}","item":"{reward_id}"}',
      "redemption's id": '/claim',
      'reads a balance': 'none',
      'lists a customer': '/v1/claims/{customer_id}',
      'the array': 'none',
      Customers: 'ann, bob',
    }),
  );
  expect(draft).toMatchObject({
    auth: { apiKey: { header: 'X-Api-Key', value: { env: 'SHOP_KEY' } } },
    redeem: {
      path: '/v1/claims',
      keyHeader: 'X-Request-Id',
      body: { member: '{customer_id}', item: '{reward_id}' },
    },
    answer: { redemption: '/claim' },
    redemptions: { path: '/v1/claims/{customer_id}', items: '', redemption: '/claim' },
    customers: ['ann', 'bob'],
  });
  expect(draft.balance).toBeUndefined();
});

test('a body that is no JSON is asked for again', async () => {
  const bodies = ['{"member"', '{"member":"{customer_id}"}'];
  const draft = await draftOfAnswers(async (question, offered) =>
    question.includes('JSON body') ? (bodies.shift() ?? offered) : offered,
  );
  expect([draft.redeem.body, bodies]).toEqual([{ member: '{customer_id}' }, []]);
});
