import { describe, expect, test } from 'vitest';
import { collectEvidence } from '../../harness/report/evidence.ts';
import { renderSuite, renderVerdict, wantsColour } from '../../harness/report/terminal.ts';
import { invalidSample, unknownSample, validSample, verdictOf, type Sample } from './samples.ts';

const withEvidence = async ({ verdict, history }: Sample) =>
  renderVerdict(verdict, {
    evidence: await collectEvidence(history, verdict),
    report: 'results/retry-storm/1/report.html',
  });

describe('a verdict in a terminal', () => {
  test('valid: the verdict comes first, what was proved and the report last', async () => {
    expect(await withEvidence(validSample()))
      .toBe(`✓ VALID  retry-storm: 400 intents, 461 attempts, 400 debits; no rule was broken
  http://127.0.0.1:3000; faults light, client seed, seed 7, run a1b2c3d4, 6.48 s
  engine embedded, proxy embedded, store memory (2 replicas in one process), contract seed

Coverage (✓ required and met)
  ✓ intent-completed               400  an intent was carried to its end
  ✓ retried                         61  an attempt was retried
  ✓ replayed-answer                 58  a finished answer was replayed
  ✓ answer-lost-after-debit         60  an answer was lost after the debit
  ✓ crash-between-debit-and-reply    3  a crash fell between debit and reply
    overlap                         12  two attempts of one key were in flight together

Counts
  400 intents → 461 attempts (400 ok, 0 fail, 61 info) → 473 arrivals → 400 debits
  retries 61, hidden resends 0
  latency p50 9.6 ms, p90 27 ms, p99 248 ms, max 613 ms

Not judged in this run
  - expiry: the scenario never moves the clock

Proved on 400 intents (461 attempts, 400 debits): none was debited more often than the contract
permits, and none that was answered 200 was lost, through 60 answers lost after the debit, 3 crashes
between debit and reply and 12 overlaps in flight.
Report: results/retry-storm/1/report.html
`);
  });

  test('invalid: each violation is a story of what was wanted, sent, answered and debited', async () => {
    const text = await withEvidence(invalidSample());
    expect(
      text.startsWith('✗ INVALID  retry-storm: 2 violations: double-debit 1, same-answer 1, in 402 intents'),
    ).toBe(true);
    expect(text).toContain(`✗ double-debit  rs-17-2
  one redemption was debited twice: the crash fell between debit and reply, and the retry debited
  again
     wanted  reward_67890 for 500 points, once (customer cust_rs-17-2)
      +0 ms  attempt 1 sent, key eb601630-6b23-4a…22c9610
    +1.2 ms  attempt 1 reaches the hop, on its way to replica-1
    +8.8 ms  ledger: 500 points debited, redemption red_0c55e1
    +9.4 ms  crash after-debit on replica-1
    +9.9 ms  replica-1 gives no answer to attempt 1
   +10.6 ms  attempt 1 got no answer (ECONNRESET: socket hang up)
     +31 ms  attempt 2 sent, same key, at another replica
             … 1 step
   +36.2 ms  ledger: 500 points debited, redemption red_7f31b2
   +40.3 ms  replica-2 answers 200, redemption red_7f31b2; the sender never sees it
             … 1 step
    +600 ms  crash on replica-2
             … 1 step
  +1,031 ms  attempt 2 got no answer (time-out after 1000 ms)
  +1,071 ms  attempt 3 sent, same key, at another replica
             … 2 steps
  +1,076 ms  attempt 3 answered 200, redemption red_7f31b2, marked as a replay, balance 1,000
  +1,078 ms  replica-2 answers 200, redemption red_7f31b2, marked as a replay to the copy
        key  eb601630-6b23-4ae5-926f-bac5922c9610
  read back  2 debits of this intent: red_0c55e1 (500 points) and red_7f31b2 (500 points)
  read back  balance 2,000 before, 1,000 after: 1,000 points gone
   expected  at most 1 debit
      found  2 debits (red_0c55e1, red_7f31b2)
`);
    expect(text).toContain('Disproved: retry-storm broke double-debit and same-answer.\n');
  });

  test('unknown: it says why, and what to change', async () => {
    const text = await withEvidence(unknownSample());
    expect(text).toContain(`Why it is unknown
  - the required moment crash-between-debit-and-reply was never met
What to change
  - raise --intents, or use --faults heavy

Coverage (✓ required and met)
  ✗ crash-between-debit-and-reply    0  a crash fell between debit and reply
`);
    expect(text).toContain('Not proved: no violation seen, but the evidence is too thin in retry-storm.\n');
  });

  test('a violation without evidence still names its attempts', () => {
    const text = renderVerdict(invalidSample().verdict);
    expect(text).toContain('   attempts  rs-17-2.1, rs-17-2.2, rs-17-2.3\n');
  });

  test('of many violations three are told, of different rules first, and the rest are counted', () => {
    const [double, same] = invalidSample().verdict.violations;
    if (!double || !same) throw new Error('no violations');
    const verdict = verdictOf({
      verdict: 'invalid',
      violations: [...Array.from({ length: 99 }, () => ({ ...double })), same],
      violationCount: 1200,
    });
    const text = renderVerdict(verdict);
    expect([...text.matchAll(/^✗ (\S+) {2}\S+$/gm)].map(([, rule]) => rule)).toEqual([
      'double-debit',
      'same-answer',
      'double-debit',
    ]);
    expect(text).toContain(
      '1,197 more violations (listed: double-debit 99, same-answer 1); the report tells them.',
    );
  });

  test('lines stay within the width that was asked for', async () => {
    const { verdict, history } = invalidSample();
    const evidence = await collectEvidence(history, verdict);
    const lines = renderVerdict(verdict, { evidence, columns: 72 }).split('\n').slice(1);
    const long = lines.filter((line) => line.length > 72 && !line.includes('→'));
    expect(long).toEqual([]);
  });

  test('nothing that an endpoint answers can steer the terminal', () => {
    const hostile = '\u001b[2J\u0007\u009b31m\u202eevil\r\n';
    const verdict = verdictOf({
      verdict: 'invalid',
      reasons: [hostile],
      violations: [
        {
          rule: 'stuck',
          summary: hostile,
          intent: hostile,
          customer: hostile,
          key: hostile,
          attempts: [hostile],
          expected: hostile,
          found: hostile,
        },
      ],
      violationCount: 1,
      unjudged: [{ rule: hostile, why: hostile }],
      run: { ...verdictOf().run, scenario: hostile, target: hostile, defect: hostile },
    });
    const text =
      renderVerdict(verdict, { report: hostile }) + renderSuite([{ verdict, dir: hostile }], hostile);
    // eslint-disable-next-line no-control-regex
    expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(text)).toBe(false);
    expect(text).toContain('\\x1b[2J');
  });
});

test('colours change nothing but the colour', async () => {
  const { verdict, history } = invalidSample();
  const evidence = await collectEvidence(history, verdict);
  const coloured = renderVerdict(verdict, { evidence, colour: true });
  expect(coloured).toContain('\u001b[31m✗ INVALID\u001b[39m');
  // eslint-disable-next-line no-control-regex
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderVerdict(verdict, { evidence }));
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: false }, {}, false],
  [{}, {}, false],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { TERM: 'dumb' }, false],
  [{}, { FORCE_COLOR: '1' }, true],
  [{ isTTY: true }, { FORCE_COLOR: '0' }, false],
  [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('a stream %j under %j wants colours: %s', (stream, env, expected) => {
  expect(wantsColour(stream, env)).toBe(expected);
});

test('several runs are one line each, and the last lines say what was proved and where the report is', () => {
  const runs = [validSample(), invalidSample(), unknownSample()].map(({ verdict }, index) => ({
    verdict: {
      ...verdict,
      run: { ...verdict.run, scenario: ['retry-storm', 'double-click', 'near-zero'][index] ?? '' },
    },
    dir: `results/${index}`,
  }));
  expect(renderSuite(runs, 'results/index.html'))
    .toBe(`✓ valid    retry-storm   400 intents, 461 attempts, 400 debits                 6.48 s
✗ invalid  double-click  2 violations: double-debit 1, same-answer 1           6.48 s
? unknown  near-zero     never met: crash-between-debit-and-reply              6.48 s
  see double-click: results/1
  see near-zero: results/2

✗ INVALID  1 of 3 scenarios valid
Disproved: double-click broke double-debit and same-answer.
Report: results/index.html
`);
  expect(renderSuite(runs.slice(0, 1)).trimEnd().split('\n').at(-1)).toBe('Report: results/0');
});
