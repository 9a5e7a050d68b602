import { expect, test } from 'vitest';
import { badgeText, renderBadge } from '../../harness/report/badge.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { drawHistory, judged } from '../support/history-builder.ts';

function verdictWith(members: Partial<Verdict>): Verdict {
  const history = drawHistory({ seed: '42' });
  const ada = history.customer('ada');
  const intent = ada.intent('i-1');
  intent.ok('r-1');
  ada.auditWith([{ intent, redemption: 'r-1' }]);
  return { ...judged(history.events()), ...members };
}

const moment = (count: number) => ({ name: 'overlap', count, required: true });

test('says what held, and how much of what had to be met', () => {
  const valid = verdictWith({ coverage: [moment(3), moment(1), { ...moment(5), required: false }] });
  expect(badgeText([valid])).toBe('held, 2 of 2 moments, seed 42');
  const suite = [valid, verdictWith({ coverage: [moment(1)], run: { ...valid.run, seed: '43' } })];
  expect(badgeText(suite)).toBe('held, 3 of 3 moments, 2 seeds');
});

test('never says held of what is invalid or unknown', () => {
  const unknown = verdictWith({ verdict: 'unknown', coverage: [moment(0), moment(1)] });
  expect(badgeText([unknown])).toBe('unknown, 1 of 2 moments, seed 42');
  const invalid = verdictWith({ verdict: 'invalid', violationCount: 3 });
  expect(badgeText([verdictWith({}), invalid])).toBe('broken, 3 violations, seed 42');
  expect(badgeText([])).toContain('unknown');
});

test('is one drawing that names itself, with foreign text escaped', () => {
  const verdict = verdictWith({});
  const svg = renderBadge([{ ...verdict, run: { ...verdict.run, seed: '<script>"' } }]);
  expect(svg).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="20" role="img" aria-label="once: held/,
  );
  expect(svg).not.toContain('<script>');
});
