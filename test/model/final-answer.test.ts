import { expect, test } from 'vitest';
import { finalAnswer, isOnlyAccepted } from '../../harness/model/final-answer.ts';
import { referenceTarget } from '../../harness/model/target.ts';

const target = referenceTarget('http://127.0.0.1:1');
const final = async (status: number, body: object) =>
  await finalAnswer(
    { status, headers: {}, body: JSON.stringify(body) },
    {
      target,
      sentTo: 'http://127.0.0.1:1/redemptions',
      customer: 'ada',
      by: 'server',
      get: () => Promise.reject(new Error('nobody is asked')),
      pause: () => Promise.resolve(),
      now: () => 0,
    },
  );

test('a 202 that names no redemption is taken up, and no more', async () => {
  expect(await final(202, { state: 'working' })).toMatchObject({ outcome: 'info', status: 202 });
});

test('a 202 that names one, and another 2xx, say that it is done', async () => {
  expect(await final(202, { redemption_id: 'rdm_1' })).toMatchObject({ outcome: 'ok', redemption: 'rdm_1' });
  expect(await final(200, { state: 'working' })).toMatchObject({ outcome: 'ok' });
});

test('where answers name none, a 202 is as good as any', () => {
  const { redemption: _none, ...answer } = target.answer;
  expect(isOnlyAccepted({ ...target, answer }, { status: 202, body: '' })).toBe(false);
});
