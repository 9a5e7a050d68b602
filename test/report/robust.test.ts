import { describe, expect, test } from 'vitest';
import { uniform } from '../../harness/model/decide.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { collectEvidence } from '../../harness/report/evidence.ts';
import { renderHtml } from '../../harness/report/html.ts';
import { renderMarkdown } from '../../harness/report/markdown.ts';
import { renderVerdict } from '../../harness/report/terminal.ts';
import { RULES, type Verdict } from '../../harness/model/verdict.ts';
import { invalidSample, verdictOf } from './samples.ts';

/** The sample with events dropped, moved and their times broken, each by a decision of the seed. */
function damaged(seed: number, history: readonly HistoryEvent[]): HistoryEvent[] {
  const kept = history.filter((_, index) => uniform(seed, 'drop', index) > 0.2);
  const moved = kept.map((event, index) => ({ event, place: index + 40 * uniform(seed, 'move', index) }));
  return moved
    .toSorted((a, b) => a.place - b.place)
    .map(({ event }, index) => {
      if (event.type === 'run' || uniform(seed, 'time', index) > 0.02) return event;
      const at =
        [event.at - 1e6, event.at + 1e9, 0, Number.NaN][Math.floor(4 * uniform(seed, 'which', index))] ?? 0;
      return { ...event, at };
    });
}

/** Every intent of the history in some violation. */
function verdictOver(seed: number, history: readonly HistoryEvent[]): Verdict {
  const intents = history.filter((event) => event.type === 'invoke').map((event) => event.intent);
  const violations = RULES.map((rule, index) => {
    const intent = intents[Math.floor(intents.length * uniform(seed, 'intent', index))] ?? 'none';
    return { rule, summary: rule, attempts: [`${intent}.1`], expected: '1', found: '2', intent };
  });
  return verdictOf({ verdict: 'invalid', violations, violationCount: violations.length });
}

describe('a damaged history', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    '(seed %i) still gives every report, without a broken number in a drawing',
    async (seed) => {
      const history = damaged(seed, invalidSample().history);
      const verdict = verdictOver(seed, history);
      const evidence = await collectEvidence(history, verdict);
      const html = renderHtml(verdict, evidence);
      const drawings = html.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
      expect(drawings.length).toBeGreaterThan(RULES.length);
      for (const drawing of drawings) expect(drawing).not.toMatch(/(?:NaN|Infinity|undefined)/);
      expect(renderMarkdown(verdict, evidence)).toContain('❌ invalid');
      expect(renderVerdict(verdict, { evidence })).toContain('INVALID');
    },
  );
});

test('an empty history and one that holds the run alone give a report', async () => {
  const { verdict, history } = invalidSample();
  for (const events of [[], history.slice(0, 1)]) {
    const html = renderHtml(verdict, await collectEvidence(events, verdict));
    expect(html).toContain('The history holds no completed attempt.');
  }
});
