/** Links from a story to its traces, as each report shows them. */

import { describe, expect, test } from 'vitest';
import { traceUrlOf } from '../../harness/model/trace.ts';
import { collectEvidence } from '../../harness/report/evidence.ts';
import { renderHtml } from '../../harness/report/html.ts';
import { renderMarkdown } from '../../harness/report/markdown.ts';
import { renderVerdict } from '../../harness/report/terminal.ts';
import { invalidSample } from './samples.ts';

const TEMPLATE = 'https://traces.example/t/{trace_id}?span={span_id}&by=onceproof';

/** The invalid run with a template in its verdict, as each report tells it. */
async function told(traceUrl?: string) {
  const { verdict: plain, history } = invalidSample();
  const verdict = { ...plain, run: { ...plain.run, ...(traceUrl !== undefined && { traceUrl }) } };
  const evidence = await collectEvidence(history, verdict);
  const [attempt = ''] = verdict.violations[0]?.attempts ?? [];
  return {
    attempt,
    url: traceUrlOf(TEMPLATE, verdict.run.runId, attempt),
    html: renderHtml(verdict, evidence),
    markdown: renderMarkdown(verdict, evidence),
    terminal: renderVerdict(verdict, { evidence }),
  };
}

describe('where a config names a place for traces', () => {
  test('the page links each attempt of a violation to its own', async () => {
    const { html, url, attempt } = await told(TEMPLATE);
    expect(attempt).not.toBe('');
    expect(html).toContain(`<a href="${url.replaceAll('&', '&amp;')}">${attempt}</a>`);
  });

  test('Markdown does', async () => {
    const { markdown, url, attempt } = await told(TEMPLATE);
    expect(markdown).toContain(`- traces: [${attempt}](<${url}>)`);
  });

  test('the terminal shows it whole, on a line of its own', async () => {
    const { terminal, url, attempt } = await told(TEMPLATE);
    expect(terminal.split('\n')).toContain(`  trace ${attempt}: ${url}`);
  });
});

test.each([undefined, 'javascript:alert(1)//{trace_id}', 'https://traces.example/"><script>{trace_id}'])(
  'of a template %s nothing is shown',
  async (traceUrl) => {
    const { html, markdown, terminal } = await told(traceUrl);
    for (const text of [html, markdown, terminal]) {
      expect(text).not.toContain('traces.example');
      expect(text).not.toContain('javascript:alert');
    }
    expect(markdown).not.toContain('- traces:');
    expect(terminal).not.toMatch(/^ {2}trace /m);
  },
);
