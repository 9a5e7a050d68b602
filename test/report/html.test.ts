import { describe, expect, test } from 'vitest';
import { collectEvidence } from '../../harness/report/evidence.ts';
import { renderHtml, renderSuiteHtml } from '../../harness/report/html.ts';
import { renderMarkdown, renderSuiteMarkdown } from '../../harness/report/markdown.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import {
  arrival,
  complete,
  fault,
  historyOf,
  invalidSample,
  invoke,
  ledger,
  unknownSample,
  validSample,
  verdictOf,
  type Sample,
} from './samples.ts';

const HOSTILE = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"\`|\${1}&amp;]]>\u0000\u2028`;

/** A verdict and a history in which every text that comes from outside is hostile. */
function hostileSample(): Sample {
  const attempt = `${HOSTILE}.1`;
  const base = verdictOf();
  const over = {
    customer: HOSTILE,
    reward: HOSTILE,
    key: HOSTILE,
    clientRedemptionId: HOSTILE,
    actor: HOSTILE,
  };
  const verdict = verdictOf({
    verdict: 'invalid',
    reasons: [HOSTILE],
    violations: [
      {
        rule: 'stuck',
        summary: HOSTILE,
        intent: HOSTILE,
        customer: HOSTILE,
        key: HOSTILE,
        attempts: [attempt],
        expected: HOSTILE,
        found: HOSTILE,
      },
    ],
    violationCount: 1,
    coverage: [{ name: HOSTILE, count: 0, required: true, advice: HOSTILE }],
    unjudged: [{ rule: HOSTILE, why: HOSTILE }],
    counts: { ...base.counts, [HOSTILE]: 1 },
    run: { ...base.run, runId: HOSTILE, scenario: HOSTILE, target: HOSTILE, store: HOSTILE, defect: HOSTILE },
  });
  const events: HistoryEvent[] = [
    fault(HOSTILE, 'start', 0, { name: HOSTILE, target: HOSTILE, detail: { point: HOSTILE } }),
    invoke(attempt, 1, { ...over, intent: HOSTILE }),
    arrival(attempt, 2, 4, { upstream: HOSTILE, answer: 200, redemption: HOSTILE, faults: [HOSTILE] }),
    complete(attempt, 5, {
      code: HOSTILE,
      redemption: HOSTILE,
      customer: HOSTILE,
      error: HOSTILE,
      leaks: [HOSTILE],
    }),
    ledger(HOSTILE, 9, [{ redemption_id: HOSTILE, points: 1, at_ms: 3, idempotency_key: HOSTILE }]),
  ];
  return { verdict, history: historyOf(events, {}, HOSTILE) };
}

const pageOf = async ({ verdict, history }: Sample) =>
  renderHtml(verdict, await collectEvidence(history, verdict));

describe('report.html', () => {
  test('shows verdict, rules, coverage, counts, latency and for each violation story, lanes and evidence', async () => {
    const html = await pageOf(invalidSample());
    for (const part of [
      '<h1><span class="word">✗ invalid</span> retry-storm</h1>',
      '<code>double-debit</code></td><td class="state violated"><a href="#violation-1">✗ violated</a>',
      '<code>lost-debit</code></td><td class="state held">✓ held',
      'unjudged: the scenario never moves the clock',
      '<h2>Latency over time</h2>',
      'id="violation-1" open',
      'id="violation-2" open',
      '<dd class="found">2 debits (red_0c55e1, red_7f31b2)</dd>',
      'aria-label="+9.4 ms crash after-debit on replica-1, down for 150 ms"',
      'aria-label="+8.8 ms debit of 500 points, redemption red_0c55e1',
      'the sender never sees it',
    ])
      expect(html).toContain(part);
    expect(html.match(/data-lanes/g)?.length).toBeGreaterThanOrEqual(2);
  });

  test('names no address outside itself and forbids the browser to use one', async () => {
    for (const sample of [validSample(), invalidSample(), unknownSample()]) {
      const html = (await pageOf(sample)).replaceAll('http://127.0.0.1:3000', '');
      expect(html).not.toMatch(/https?:\/\/|url\((?!#)|@import|<(?:iframe|object|embed|img)\b/i);
      expect(html).not.toMatch(/\s(?:src|srcset|poster|action|xlink:href)=/i);
      expect(html).toContain(`content="default-src 'none';`);
    }
  });

  test('escapes everything that an endpoint, a config or a history can say', async () => {
    const html = await pageOf(hostileSample());
    for (const bad of ['<img', 'onerror="', '<script>alert', '\u0000', '\u2028'])
      expect(html).not.toContain(bad);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
    const json = /<script type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(() => JSON.parse(json) as unknown).not.toThrow();
  });

  test('without a history it still tells the verdict', () => {
    const html = renderHtml(invalidSample().verdict);
    expect(html).toContain('The history holds no event of this intent that could be drawn.');
    expect(html).toContain('The history holds no completed attempt.');
    expect(html).toContain('rs-17-2.1, rs-17-2.2, rs-17-2.3');
  });

  test('a hundred violations with their drawings stay below 2 MB', async () => {
    const { verdict, history } = invalidSample();
    const [violation] = verdict.violations;
    if (!violation) throw new Error('no violation');
    const many = {
      ...verdict,
      violations: Array.from({ length: 100 }, () => violation),
      violationCount: 5000,
    };
    const html = await pageOf({ verdict: many, history });
    expect(html.length).toBeLessThan(2_000_000);
    expect(html).toContain('4,900 more violations were counted and not kept.');
  });
});

test('the page over several runs links each report and refuses an address with a scheme', () => {
  const { verdict } = validSample();
  const html = renderSuiteHtml([
    { verdict, href: 'retry-storm/1 2/report.html' },
    { verdict: hostileSample().verdict, href: 'javascript:alert(1)' },
  ]);
  expect(html).toContain('href="retry-storm/1%202/report.html"');
  expect(html).not.toContain('javascript:');
  expect(html).not.toContain('<script>alert');
  expect(html).toContain('1 of 2 scenarios valid');
});

describe('summary.md', () => {
  test('tells verdict, violations, coverage and counts', async () => {
    const { verdict, history } = invalidSample();
    const text = renderMarkdown(verdict, await collectEvidence(history, verdict));
    expect(
      text.startsWith(
        '## ❌ invalid: retry-storm\n\n2 violations: double-debit 1, same-answer 1, in 402 intents',
      ),
    ).toBe(true);
    expect(text).toContain('**double-debit** rs-17-2: one redemption was debited twice');
    expect(text).toContain('- found: 2 debits (red&#95;0c55e1, red&#95;7f31b2)');
    expect(text).toContain('| +9.4 ms | crash after-debit on replica-1 |');
    expect(text).toContain('| ✅ | a crash fell between debit and reply | 3 | required |');
    expect(text).toContain('| 402 | 466 | 403 | 0 | 63 | 479 | 404 |');
  });

  test('no text can become markup, break a table or mention somebody', async () => {
    const { verdict, history } = hostileSample();
    const text =
      renderMarkdown(verdict, await collectEvidence(history, verdict)) + renderSuiteMarkdown([verdict]);
    const outsideCode = text.replace(/`[^`\n]*`/g, '');
    expect(outsideCode).not.toMatch(/<(?!\/?(?:details|summary|sub)>)/);
    for (const line of text.split('\n').filter((one) => one.startsWith('| ')))
      expect(line.endsWith(' |')).toBe(true);
    const table = text.split('\n').filter((line) => line.startsWith('| `stuck`'));
    expect(table).toHaveLength(1);
  });

  test('unknown says what to change', () => {
    const { verdict } = unknownSample();
    expect(renderMarkdown(verdict)).toContain(
      '- crash-between-debit-and-reply: raise --intents, or use --faults heavy',
    );
  });
});
