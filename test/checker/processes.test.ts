import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHistory } from '../../harness/checker/check-history.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { shifted } from '../../harness/history/shift.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { drawHistory, rulesOf } from '../support/history-builder.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Part {
  readonly segment: string;
  /** By how much the common clock is ahead of this process's; and whether it knows. */
  readonly aheadMs: number;
  readonly knows?: boolean;
  readonly draw: (history: ReturnType<typeof drawHistory>) => void;
}

/** What a process whose clock is wrong writes of what really happened. */
function written({ segment, aheadMs, knows = true, draw }: Part): HistoryEvent[] {
  const history = drawHistory({
    segments: [segment],
    ...(knows && { clock: { aheadMs, uncertaintyMs: 20, source: 'test' } }),
  });
  draw(history);
  return history.events().map((event) => shifted(event, -aheadMs));
}

async function judgedTogether(...parts: readonly Part[]): Promise<Verdict> {
  const files = parts.map((part, index) => {
    const file = join(folder, `${index}.ndjson`);
    writeFileSync(
      file,
      `${written(part)
        .map((event) => JSON.stringify(event))
        .join('\n')}\n`,
    );
    return file;
  });
  return await checkHistory(files);
}

const redeems =
  (name: string) =>
  (history: ReturnType<typeof drawHistory>): void => {
    const customer = history.customer(`cust-${name}`, { points: 1000 });
    const intent = customer.intent(`i-${name}`, { points: 100 });
    intent.ok(`rdm-${name}`);
    customer.auditWith([{ intent, redemption: `rdm-${name}` }]);
  };

/** The store was away while another process's request was answered 500. */
const breaksTheStore = (history: ReturnType<typeof drawHistory>): void => {
  const fault = history.fault('store', 'down');
  history.tick(30);
  history.heal(fault);
  redeems('breaker')(history);
};
const meetsA500 = (history: ReturnType<typeof drawHistory>): void => {
  const customer = history.customer('cust-met', { points: 1000 });
  const intent = customer.intent('i-met', { points: 100 });
  intent.refused(500, 'internal');
  history.tick(40);
  intent.ok('rdm-met');
  customer.auditWith([{ intent, redemption: 'rdm-met' }]);
};

describe('a run of two processes', () => {
  test.each([5_000, -5_000])(
    'whose clocks are %d ms apart and known is judged on one clock',
    async (aheadMs) => {
      const verdict = await judgedTogether(
        { segment: '0:1/2', aheadMs: 0, draw: breaksTheStore },
        { segment: '1/2:1', aheadMs, draw: meetsA500 },
      );
      expect(rulesOf(verdict)).toEqual([]);
      expect(verdict.verdict, verdict.reasons.join('; ')).toBe('valid');
      expect(verdict.run.processes).toEqual({
        count: 2,
        parts: ['0:1/2', '1/2:1'],
        clocks: { spreadMs: 5000, uncertaintyMs: 40, unasked: 0 },
      });
    },
  );

  test.each([5_000, -5_000])('whose clocks are %d ms apart and not known is told so', async (aheadMs) => {
    const verdict = await judgedTogether(
      { segment: '0:1/2', aheadMs: 0, knows: false, draw: breaksTheStore },
      { segment: '1/2:1', aheadMs, knows: false, draw: meetsA500 },
    );
    // The 500 stands outside of every fault then: this is what the reading is for.
    expect(rulesOf(verdict)).toEqual(['unexpected-status']);
    expect(verdict.run.processes?.clocks.unasked).toBe(2);
  });

  test.each([5_000, -5_000, 0])(
    'with a real second debit is invalid, however wrong a clock is (%d ms)',
    async (aheadMs) => {
      const verdict = await judgedTogether(
        { segment: '0:1/2', aheadMs: 0, draw: redeems('right') },
        {
          segment: '1/2:1',
          aheadMs,
          draw: (history) => {
            const customer = history.customer('cust-twice', { points: 1000 });
            const intent = customer.intent('i-twice', { points: 100 });
            intent.ok('rdm-1');
            customer.auditWith([
              { intent, redemption: 'rdm-1' },
              { intent, redemption: 'rdm-2' },
            ]);
          },
        },
      );
      expect(verdict.verdict).toBe('invalid');
      expect(rulesOf(verdict)).toContain('double-debit');
    },
  );

  test('of which one is missing, or is there twice, is unknown', async () => {
    const half = { segment: '0:1/2', aheadMs: 0, draw: redeems('one') };
    const alone = await judgedTogether(half);
    expect(alone.verdict).toBe('unknown');
    expect(alone.reasons).toEqual([expect.stringContaining('(1/2:1 of 0:1)')]);
    const twice = await judgedTogether(
      half,
      { ...half, draw: redeems('two') },
      { segment: '1/2:1', aheadMs: 0, draw: redeems('three') },
    );
    expect(twice.reasons).toEqual([expect.stringContaining('more than once: 0:1/2')]);
  });

  test('faults of one name in two processes are two faults', async () => {
    const short = (history: ReturnType<typeof drawHistory>): void => {
      history.heal(history.fault('edge', 'latency'));
      redeems('short')(history);
    };
    const verdict = await judgedTogether(
      { segment: '0:1/2', aheadMs: 0, draw: breaksTheStore },
      { segment: '1/2:1', aheadMs: 0, draw: short },
    );
    expect(verdict.counts['faults']).toBe(2);
    expect(verdict.verdict, verdict.reasons.join('; ')).toBe('valid');
  });
});
