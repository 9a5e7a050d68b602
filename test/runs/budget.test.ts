import { describe, expect, test } from 'vitest';
import { byDetection, estimateMs, SCENARIO_FIGURES } from '../../harness/plan/scenario-order.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { renderBadge } from '../../harness/report/badge.ts';
import { renderSuiteMarkdown } from '../../harness/report/markdown.ts';
import { renderSuite } from '../../harness/report/terminal.ts';
import { SuiteBudget } from '../../harness/runs/budget.ts';
import { drawHistory, judged } from '../support/history-builder.ts';

function budgetOf(budget: string, named: readonly string[] = []) {
  const clock = { now: 1000 };
  const suite = new SuiteBudget({ budget, duration: undefined, named, now: () => clock.now });
  /** Takes `factor` times what the figures say. */
  const run = (scenario: string, factor = 1): void => {
    const ms = estimateMs(scenario) * factor;
    clock.now += ms;
    suite.spent(scenario, ms);
  };
  return { suite, run };
}

describe('a budget', () => {
  test('takes what finds most a second first, scripts of one own last', () => {
    const order = byDetection(['./own.ts', ...SCENARIOS]);
    expect(order.at(-1)).toBe('./own.ts');
    expect(order).toHaveLength(SCENARIOS.length + 1);
    const rates = order.slice(0, -1).map((name) => {
      const { found, seconds } = SCENARIO_FIGURES[name as (typeof SCENARIOS)[number]];
      return found / seconds;
    });
    expect(rates).toEqual(rates.toSorted((one, two) => two - one));
  });

  test('always starts the first, then only what fits, and names what it leaves out', () => {
    const { suite, run } = budgetOf('1s');
    const [first = '', second = ''] = suite.order(SCENARIOS);
    expect(suite.takes(first)).toBe(true);
    run(first);
    expect(suite.takes(second)).toBe(false);
    expect(suite.left).toEqual([
      { scenario: second, why: expect.stringContaining('0 s of the budget were left'), wasNamed: false },
    ]);
  });

  test('takes them all where there is time, and fewer where everything is slower than the figures', () => {
    const sumMs = SCENARIOS.reduce((sum, name) => sum + estimateMs(name), 0);
    const ample = budgetOf(`${sumMs}ms`);
    for (const name of ample.suite.order(SCENARIOS)) {
      expect(ample.suite.takes(name)).toBe(true);
      ample.run(name);
    }
    const slow = budgetOf(`${sumMs}ms`);
    for (const name of slow.suite.order(SCENARIOS)) if (slow.suite.takes(name)) slow.run(name, 3);
    expect(slow.suite.left.length).toBeGreaterThan(0);
    expect(slow.suite.left.length).toBeLessThan(SCENARIOS.length);
  });

  test.each(['soon', '0s', '-1s', ''])('of %j is refused', (text) => {
    expect(() => budgetOf(text)).toThrow('--budget');
  });
});

describe('a suite that a budget has cut', () => {
  const history = drawHistory();
  const customer = history.customer('cust-1', { points: 1000 });
  const intent = customer.intent('i-1', { points: 100 });
  intent.ok('rdm-1');
  customer.auditWith([{ intent, redemption: 'rdm-1' }]);
  const verdict = judged(history.events());
  const left = (wasNamed: boolean) => [{ scenario: 'soak', why: 'it takes about 11 s', wasNamed }];

  test('is told in each report, and is never better than what was run', () => {
    for (const text of [
      renderSuite([{ verdict }], undefined, { left: left(false) }),
      renderSuiteMarkdown([verdict], left(false)),
    ])
      expect(text).toMatch(/soak.*left out|left out.*soak/);
    expect(renderSuite([{ verdict }], undefined, { left: left(false) })).toContain(
      '1 left out by the budget',
    );
  });

  test('of which one was asked for by name is unknown', () => {
    expect(renderSuiteMarkdown([verdict], left(true))).toMatch(/^## ❔ unknown/);
    expect(renderBadge([{ ...verdict, verdict: 'valid' }], left(true))).toContain('unknown');
    expect(renderBadge([{ ...verdict, verdict: 'valid' }], left(false))).toContain('held');
  });
});
