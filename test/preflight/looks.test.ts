/** What is said of an answer in which a pointer finds nothing. */
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { lookInAnswer } from '../../harness/preflight/looks.ts';

const { target } = resolveConfig(
  {
    baseUrl: 'http://127.0.0.1:1',
    auth: 'none',
    redeem: { path: '/burns', body: { item: '{reward_id}' } },
    answer: { redemption: '/id' },
    rewards: [{ id: 'mug', points: 1250 }],
    customers: ['ada'],
  },
  { file: 'onceproof.config.json', env: {} },
);

function wrongOf(headers: Record<string, string>, text: string): string | undefined {
  const exchange = {
    method: 'POST',
    url: 'http://127.0.0.1:1/burns',
    headers: {},
    tookMs: 1,
    answer: { status: 201, headers, text },
  };
  const payload = { customer: 'ada', reward: 'mug', points: 1250 };
  return lookInAnswer(target, exchange, { status: 201, by: 'server' }, payload)[0]?.wrong;
}

describe('an answer without the redemption that the pointer names', () => {
  test('has it in its Location', () => {
    expect(wrongOf({ location: '/burns/b-1' }, '')).toMatch(
      /not found; .*; it has Location: \/burns\/b-1 \(answer\.from: 'location'\)$/,
    );
  });

  test('has it nowhere', () => {
    expect(wrongOf({}, '')).not.toContain('Location');
  });
});
