/** A story shows in what an attempt differed from the first, and each move of a clock. Histories are drawn. */

import { describe, expect, test } from 'vitest';
import type { ClockEvent, HistoryEvent, InvokeEvent } from '../../harness/history/events.ts';
import { exactly, movesOf } from '../../harness/report/clock-words.ts';
import { collectEvidence, dossierOf } from '../../harness/report/evidence.ts';
import { factsOf } from '../../harness/report/facts.ts';
import { lanesOf } from '../../harness/report/lanes.ts';
import { storyOf } from '../../harness/report/story.ts';
import type { Violation } from '../../harness/model/verdict.ts';
import { arrival, complete, invoke, runEvent, T0 } from './samples.ts';

const HOUR_MS = 3_600_000;
const KEY = '7c9e12ab-0000-4000-8000-00000000000a';

async function dossierFor(events: readonly HistoryEvent[]) {
  const violation: Violation = {
    rule: 'double-debit',
    summary: 's',
    intent: 'a',
    customer: 'cust_a',
    attempts: [],
    expected: '',
    found: '',
  };
  const evidence = await collectEvidence([runEvent(), ...events], { violations: [violation] });
  const dossier = dossierOf(evidence, violation) ?? expect.fail('no dossier');
  return { dossier, facts: factsOf(dossier), story: storyOf(dossier) };
}

async function second(over: Partial<InvokeEvent>, arrivals: readonly HistoryEvent[] = []): Promise<string> {
  const { story } = await dossierFor([
    invoke('a.1', 0, { key: KEY }),
    complete('a.1', 5),
    invoke('a.2', 10, { key: KEY, ...over }),
    ...arrivals,
  ]);
  return story.steps.find(({ text }) => text.startsWith('attempt 2 sent'))?.text ?? '';
}

describe('in what an attempt differs from the first', () => {
  test.each([
    ['nothing', {}, 'same key'],
    ['quotes', { key: `"${KEY}"` }, 'the same key in quotes'],
    ['letter case', { key: KEY.toUpperCase() }, 'the same key in another letter case'],
    ['blanks', { key: ` ${KEY}` }, 'the same key with other blanks around it'],
    [
      'the last character',
      { key: `${KEY.slice(0, -1)}b` },
      'a key that differs in its last character alone (…000b)',
    ],
    ['one character less', { key: KEY.slice(0, -1) }, 'a key that is the beginning of it'],
    ['one character more', { key: `${KEY}x` }, 'a key that is a continuation of it'],
    ['another key', { key: 'k2' }, 'other key k2'],
    ['no key', { key: undefined as never }, 'no key'],
    ['another writing', { bodyHash: 'b1' }, 'same key, the same payload in another writing'],
    [
      'another payload',
      { payloadHash: 'x', points: 501 },
      'same key, other payload (reward_67890, 501 points)',
    ],
    [
      'another type',
      { payloadHash: 'x', redemptionType: 'voucher' },
      'same key, other payload (type voucher)',
    ],
    ['what has no name', { payloadHash: 'x' }, 'same key, other payload'],
    ['a new token', { way: 'envelope: a new token' }, 'same key, envelope: a new token'],
    ['a way of sending', { way: 'envelope: a query' }, 'same key, envelope: a query'],
    ['a raw connection', { via: 'raw' }, 'same key, on a raw connection'],
  ] as const)('%s', async (_name, over, told) => {
    expect(await second(over)).toBe(`attempt 2 sent, ${told}`);
  });

  test('a quoted first key and a bare second are told apart, too', async () => {
    const { story } = await dossierFor([invoke('a.1', 0, { key: '"k"' }), invoke('a.2', 1, { key: 'k' })]);
    expect(story.steps.map(({ text }) => text)).toContain('attempt 2 sent, the same key without its quotes');
  });

  test('keys that share a short beginning are two keys', async () => {
    const { story } = await dossierFor([invoke('a.1', 0, { key: 'k1' }), invoke('a.2', 1, { key: 'k2' })]);
    expect(story.steps.map(({ text }) => text)).toContain('attempt 2 sent, other key k2');
  });

  test('another replica is told where the hop saw both, and only then', async () => {
    const at = (attempt: string, fromMs: number, upstream: string) =>
      arrival(attempt, fromMs, fromMs + 2, { upstream });
    const first = at('a.1', 1, 'replica-1');
    expect(await second({}, [first, at('a.2', 11, 'replica-2')])).toBe(
      'attempt 2 sent, same key, at another replica',
    );
    expect(await second({}, [first, at('a.2', 11, 'replica-1')])).toBe('attempt 2 sent, same key');
    expect(await second({}, [at('a.2', 11, 'replica-2')])).toBe('attempt 2 sent, same key');
  });
});

const clock = (atMs: number, sinceMs: number, over: Partial<ClockEvent> = {}): ClockEvent => ({
  type: 'clock',
  at: T0 + atMs,
  customer: 'cust_a',
  valueMs: T0 + sinceMs,
  frozen: true,
  ...over,
});

describe('moves of a clock', () => {
  test('an expiry story shows each: stopped, moved to a millisecond before the end, let run', async () => {
    const { story, facts } = await dossierFor([
      clock(0, 0),
      invoke('a.1', 5),
      complete('a.1', 9),
      // As scripts write it: the value before the move, and the value after it.
      clock(12, 0),
      clock(14, 24 * HOUR_MS - 1),
      invoke('a.2', 15),
      complete('a.2', 18),
      clock(20, 24 * HOUR_MS - 1, { frozen: false }),
      clock(30, 24 * HOUR_MS + 9, { frozen: false }),
      invoke('a.3', 40),
      complete('a.3', 41),
    ]);
    expect(story.steps.filter(({ tone }) => tone === 'clock').map(({ text }) => text)).toEqual([
      'the clock of cust_a is stopped',
      'the clock of cust_a is moved 24 h - 1 ms ahead, to 2026-02-01 11:59:59 UTC, and stands',
      'the clock of cust_a runs on',
    ]);
    const drawing = lanesOf(facts);
    expect(drawing.lanes.map(({ name }) => name)).toContain('clock');
    expect(drawing.items.filter(({ shape }) => shape === 'clock').map(({ label }) => label)).toEqual([
      'clock stopped',
      'clock +24 h - 1 ms',
      'clock runs on',
    ]);
  });

  test('of those before the attempts the last is told; of those after, and of others, none', async () => {
    const { story } = await dossierFor([
      clock(-30, 0),
      clock(-20, 5 * HOUR_MS),
      invoke('a.1', 0),
      complete('a.1', 4),
      clock(2, 9 * HOUR_MS, { customer: 'cust_b' }),
      clock(500, 9 * HOUR_MS),
    ]);
    expect(story.steps.filter(({ tone }) => tone === 'clock').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^the clock of cust_a is moved 5 h( \d+ ms)? ahead/),
    ]);
  });

  test("one without a customer is the store's", () => {
    const [move] = movesOf([clock(0, -2 * HOUR_MS, { customer: undefined as never, frozen: false })]);
    expect(move?.byMs).toBe(-2 * HOUR_MS);
  });

  test('a story without a moved clock has no lane for it', async () => {
    const { facts } = await dossierFor([invoke('a.1', 0), complete('a.1', 4)]);
    expect(lanesOf(facts).lanes.map(({ name }) => name)).not.toContain('clock');
  });

  test.each([
    [24 * HOUR_MS, '24 h'],
    [24 * HOUR_MS + 1, '24 h + 1 ms'],
    [24 * HOUR_MS - 1, '24 h - 1 ms'],
    [5000, '5 s'],
    [65_001, '1 min 5 s 1 ms'],
    [0, '0 ms'],
  ])('%i ms is told as %s', (ms, told) => {
    expect(exactly(ms)).toBe(told);
  });
});
