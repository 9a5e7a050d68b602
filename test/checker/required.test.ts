import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultNames, resolveSchedule } from '../../harness/faults/schedule.ts';
import { requiredCoverage } from '../../harness/checker/coverage.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  type Capabilities,
  type RunEvent,
} from '../../harness/history/events.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';

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
      'retry-other-replica',
    ]);
  });

  test('one that only kills and slows down requires neither: nothing arms a crash or loses an answer', () => {
    const faults = { ...everything, names: ['kill', 'latency'] };
    expect(required('retry-storm', ALL_CAPABILITIES, faults)).toEqual([
      'intent-completed',
      'retried',
      'replayed-answer',
      'retry-other-replica',
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

  test('one that crashes only before the debit does not require a crash after it', () => {
    const faults = { ...everything, names: ['http_arm', 'crash-before-debit-only'] };
    expect(required('retry-storm', ALL_CAPABILITIES, faults)).not.toContain('crash-between-debit-and-reply');
  });

  test.each([
    ['server-down', 'server-down-in-flight'],
    ['store-down', 'store-down-in-flight'],
    ['rolling-restart-soon', 'restart-in-flight'],
  ])('%s in the first seconds requires %s of the long scenarios only', (word, moment) => {
    const faults = { ...everything, names: ['kill', word] };
    expect(required('retry-storm', ALL_CAPABILITIES, faults)).toContain(moment);
    expect(required('soak', ALL_CAPABILITIES, faults)).toContain(moment);
    expect(required('double-click', ALL_CAPABILITIES, faults)).not.toContain(moment);
    const later = { ...everything, names: ['kill'] };
    expect(required('retry-storm', ALL_CAPABILITIES, later)).not.toContain(moment);
  });

  test('copies that come after the answer require a late duplicate where copies are the matter', () => {
    const faults = { ...everything, names: ['http_duplicate', 'late-copies'] };
    expect(required('duplicated-requests', ALL_CAPABILITIES, faults)).toContain('late-duplicate');
    const soon = { ...everything, names: ['http_duplicate'] };
    expect(required('duplicated-requests', ALL_CAPABILITIES, soon)).not.toContain('late-duplicate');
  });

  test('with one replica no retry can meet another', () => {
    const alone = { ...ALL_CAPABILITIES, replicas: 1 };
    expect(required('lost-answer', alone, everything)).not.toContain('retry-other-replica');
  });
});

describe('what a schedule tells of itself', () => {
  const wordsOf = (...rules: readonly object[]): readonly string[] => {
    const dir = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'schedule.json');
    writeFileSync(file, JSON.stringify({ rules }));
    const options = { seed: '1', scenario: 'soak', capabilities: ALL_CAPABILITIES };
    return faultNames(resolveSchedule(file, options));
  };
  const kill = { name: 'k', what: 'kill', where: 'replica', for: 100 };
  const arm = (point: string) => ({ name: point, what: 'http_arm', detail: { point, action: 'crash' } });

  test.each([
    [[kill], ['kill', 'server-down']],
    [[{ ...kill, after: 3001 }], ['kill']],
    [[{ ...kill, where: 'store' }], ['kill', 'store-down']],
    [[{ ...kill, what: 'down', where: 'store-path' }], ['down', 'store-down']],
    [[{ ...kill, what: 'down', where: 'edge' }], ['down']],
    [[{ ...kill, what: 'out-of-memory', where: 'store' }], ['out-of-memory']],
    [[{ ...kill, what: 'rolling-restart' }], ['rolling-restart', 'server-down', 'rolling-restart-soon']],
    [[arm('after-claim')], ['http_arm', 'crash-before-debit-only']],
    [[arm('after-claim'), arm('after-debit')], ['http_arm']],
    [
      [{ name: 'd', what: 'http_duplicate', detail: { after_answer: true } }],
      ['http_duplicate', 'late-copies'],
    ],
    [[{ name: 'd', what: 'http_duplicate' }], ['http_duplicate']],
  ])('%j: %j', (rules, words) => {
    expect(wordsOf(...rules)).toEqual(words);
  });
});
