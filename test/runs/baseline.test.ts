import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare, comparisonText, readBaseline } from '../../harness/runs/baseline.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { onceproof, temporaryFolder } from '../support/cli.ts';
import { drawHistory, judged } from '../support/history-builder.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** A verdict of `scenario` in which a redemption was debited twice, raced or retried. */
function invalid(scenario: string, ...ways: readonly ('race' | 'retry')[]): Verdict {
  const history = drawHistory({ scenario, capabilities: { arrivals: false } });
  for (const [index, way] of ways.entries()) {
    const customer = history.customer(`c${index}`, { points: 2000 });
    const intent = customer.intent(`i-${index}`);
    if (way === 'retry') intent.lost();
    const first = way === 'race' ? intent.send() : undefined;
    intent.ok(`r-${index}-2`);
    first?.ok(`r-${index}-1`);
    customer.auditWith([
      { intent, redemption: `r-${index}-1` },
      { intent, redemption: `r-${index}-2` },
    ]);
  }
  return judged(history.events());
}

async function baselineFrom(name: string, value: unknown): ReturnType<typeof readBaseline> {
  const file = join(folder.path, name);
  writeFileSync(file, JSON.stringify(value));
  return await readBaseline(file);
}

describe('compare', () => {
  test('excuses what is known, tells what is gone, and what is new is not excused', async () => {
    const race = invalid('counter', 'race');
    const both = invalid('counter', 'race', 'retry');
    const old = await baselineFrom('race.json', race);
    expect(compare(old, [race])).toMatchObject({ fresh: [], gone: [], isExcused: true });
    expect(compare(old, [both])).toMatchObject({
      known: ['counter: double-debit/overlap'],
      fresh: ['counter: double-debit/answer-lost'],
      isExcused: false,
    });
    const whole = await baselineFrom('both.json', both);
    const told = compare(whole, [race]);
    expect(told).toMatchObject({ gone: ['counter: double-debit/answer-lost'], isExcused: true });
    expect(comparisonText(told)).toContain('invalid, 1 known');
  });

  test('what is known in one scenario is news in another, and what did not run is not gone', async () => {
    const old = await baselineFrom('soak.json', invalid('counter', 'race'));
    expect(compare(old, [invalid('checkout', 'race')])).toMatchObject({
      fresh: ['checkout: double-debit/overlap'],
      gone: [],
      isExcused: false,
    });
  });

  test('doubts about the evidence are never excused', async () => {
    const race = invalid('counter', 'race');
    const old = await baselineFrom('doubts.json', race);
    const doubted = { ...race, reasons: ['the run did not finish: interrupted'] };
    const told = compare(old, [doubted]);
    expect(told.isExcused).toBe(false);
    expect(comparisonText(told)).toContain('not excused');
    const unknown: Verdict = {
      ...race,
      verdict: 'unknown',
      violations: [],
      violationCount: 0,
      incidents: [],
    };
    expect(compare(old, [race, unknown]).isExcused).toBe(false);
    expect(compare(old, [{ ...race, violationCount: race.violationCount + 1 }]).isExcused).toBe(false);
  });

  test('a suite is a baseline, too', async () => {
    const runs = [invalid('counter', 'race'), invalid('checkout', 'retry')];
    const old = await baselineFrom('suite.json', { verdict: 'invalid', runs });
    expect(compare(old, runs)).toMatchObject({ fresh: [], isExcused: true });
  });

  test.each([
    ['no JSON', '{'],
    ['another object', '{"a": 1}'],
    ['nothing', 'null'],
    ['runs that are none', '{"runs": [1]}'],
    [
      'a verdict of an earlier edition',
      JSON.stringify({ ...invalid('counter', 'race'), incidents: undefined }),
    ],
    [
      'a name that is none',
      JSON.stringify({ ...invalid('counter', 'race'), incidents: [{ name: '\u001b[2J' }] }),
    ],
  ])('%s is refused in one line', async (name, text) => {
    const file = join(folder.path, `${name}.json`);
    writeFileSync(file, text);
    await expect(readBaseline(file)).rejects.toThrow(
      /^--baseline: is no baseline; expected .*\.json, or .*found/,
    );
  });
});

describe('onceproof check --baseline', () => {
  const file = join(folder.path, 'history.ndjson');
  beforeAll(() => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    const customer = history.customer('ada', { points: 2000 });
    const intent = customer.intent('i-1');
    intent.lost();
    intent.ok('r-2');
    customer.auditWith([
      { intent, redemption: 'r-1' },
      { intent, redemption: 'r-2' },
    ]);
    writeFileSync(
      file,
      history
        .events()
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );
  });

  test('stays invalid and exits 0 where the incident is known; the file is read before anything else', async () => {
    const first = await onceproof(['check', file, '--json']);
    expect(first.code).toBe(1);
    const known = join(folder.path, 'known.json');
    writeFileSync(known, first.stdout);
    const again = await onceproof(['check', file, '--baseline', known]);
    expect(again.stdout).toContain('INVALID');
    expect(again.stdout).toContain('baseline: invalid, 1 known');
    expect(again.code).toBe(0);
    const wrong = await onceproof(['check', file, '--baseline', join(folder.path, 'none.json')]);
    expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({ code: 4, stdout: '' });
  });
});
