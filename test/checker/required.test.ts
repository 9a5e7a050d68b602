import { describe, expect, test } from 'vitest';
import { requiredCoverage } from '../../harness/checker/coverage.ts';
import { PROFILES } from '../../harness/contract.ts';
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  type Capabilities,
  type RunEvent,
} from '../../harness/history.ts';
import { SCENARIOS } from '../../harness/plan.ts';

function required(scenario: string, capabilities: Capabilities, faults: RunEvent['faults']): string[] {
  const run: RunEvent = {
    type: 'run',
    schema: 1,
    runId: 'r',
    seed: '1',
    scenario,
    engine: 'embedded',
    proxy: 'embedded',
    store: 'memory',
    contract: PROFILES.seed,
    target: 'http://127.0.0.1:1',
    capabilities,
    startedAt: 0,
    faults,
    client: 'seed',
  };
  return requiredCoverage(run).map(({ name }) => name);
}

const everything: RunEvent['faults'] = { profile: 'x', kinds: ['edge', 'server', 'store', 'store-path'] };

describe('behind a load balancer that repeats requests', () => {
  const losing: RunEvent['faults'] = { profile: 'x', kinds: ['edge'], names: ['http_lose_answer'] };

  test('a resend is required where the faults give it a reason', () => {
    expect(required('lost-answer', { ...ALL_CAPABILITIES, resends: true }, losing)).toContain(
      'hidden-resend',
    );
  });

  test.each([
    { what: 'it does not repeat', capabilities: ALL_CAPABILITIES, faults: losing },
    {
      what: 'nothing fails',
      capabilities: { ...ALL_CAPABILITIES, resends: true },
      faults: { ...losing, names: ['latency'] },
    },
    {
      what: 'there are no faults',
      capabilities: { ...ALL_CAPABILITIES, resends: true },
      faults: { profile: 'none', kinds: [] },
    },
  ] as const)('none is required where $what', ({ capabilities, faults }) => {
    expect(required('lost-answer', capabilities, faults)).not.toContain('hidden-resend');
  });
});

describe('what a run must have met', () => {
  test.each(SCENARIOS)('%s keeps a moment of its own that no setting removes', (scenario) => {
    const least = required(scenario, NO_CAPABILITIES, { profile: 'none', kinds: [] });
    expect(least).toContain('intent-completed');
    expect(least.length).toBeGreaterThan(1);
  });

  test('a schedule that loses answers and arms crashes requires both moments', () => {
    const faults = { ...everything, names: ['http_lose_answer', 'http_arm'] };
    expect(required('retry-storm', ALL_CAPABILITIES, faults)).toEqual([
      'intent-completed',
      'retried',
      'replayed-answer',
      'answer-lost-after-debit',
      'crash-between-debit-and-reply',
    ]);
  });

  test('one that only kills and slows down requires neither: nothing arms a crash or loses an answer', () => {
    const faults = { ...everything, names: ['kill', 'latency'] };
    expect(required('retry-storm', ALL_CAPABILITIES, faults)).toEqual([
      'intent-completed',
      'retried',
      'replayed-answer',
    ]);
    expect(required('duplicated-requests', ALL_CAPABILITIES, faults)).toEqual([
      'intent-completed',
      'overlap',
      'other-replica',
    ]);
  });

  test('a history that does not tell what the faults do requires all that their kinds can bring about', () => {
    expect(required('retry-storm', ALL_CAPABILITIES, everything)).toContain('crash-between-debit-and-reply');
    expect(required('duplicated-requests', ALL_CAPABILITIES, everything)).toContain('duplicate-delivered');
  });

  test('without a clock the expiry is not required', () => {
    expect(required('key-expiry', { ...ALL_CAPABILITIES, clock: false }, everything)).toEqual([
      'intent-completed',
      'replayed-answer',
    ]);
    expect(required('key-expiry', ALL_CAPABILITIES, everything)).toContain('expiry-in-flight');
  });
});
