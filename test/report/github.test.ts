import { expect, test } from 'vitest';
import { renderGithub } from '../../harness/report/github.ts';
import { invalidSample, unknownSample, validSample, verdictOf } from './samples.ts';

test('each violation is an error annotation with what was expected and found', () => {
  expect(renderGithub(invalidSample().verdict)).toBe(
    '::error title=onceproof%3A double-debit in retry-storm (rs-17-2)::one redemption was debited twice: the crash fell between debit and reply, and the retry debited again%0Aexpected: at most 1 debit%0Afound: 2 debits (red_0c55e1, red_7f31b2)\n' +
      '::error title=onceproof%3A same-answer in retry-storm (dc-4-1)::two 200s of one key name two redemptions%0Aexpected: the redemption red_aa01 in every 200 of this key%0Afound: red_aa02\n',
  );
});

test('a valid run is one notice, an unknown one is an error for each reason', () => {
  expect(renderGithub(validSample().verdict)).toBe(
    '::notice title=onceproof%3A retry-storm is valid::400 intents, 461 attempts, 400 debits; no rule was broken\n',
  );
  expect(renderGithub(unknownSample().verdict)).toBe(
    '::error title=onceproof%3A retry-storm is not fully judged::the required moment crash-between-debit-and-reply was never met\n',
  );
});

test('no text can end its annotation or begin another', () => {
  const hostile = '100%\r\n::error::forged, a:b';
  const text = renderGithub(
    verdictOf({
      verdict: 'invalid',
      violations: [
        { rule: 'stuck', summary: hostile, intent: hostile, attempts: [], expected: '1', found: '2' },
      ],
      violationCount: 1,
    }),
  );
  expect(text.split('\n')).toHaveLength(2);
  expect(text).toContain(
    'title=onceproof%3A stuck in retry-storm (100%25\\x0d\\x0a%3A%3Aerror%3A%3Aforged%2C a%3Ab)::100%25',
  );
});

test('of many violations ten are annotated, the last of which counts the rest', () => {
  const [violation] = invalidSample().verdict.violations;
  if (!violation) throw new Error('no violation');
  const verdict = verdictOf({
    verdict: 'invalid',
    violations: Array.from({ length: 100 }, () => violation),
    violationCount: 2345,
  });
  const lines = renderGithub(verdict).trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines.at(-1)).toBe('::error title=onceproof%3A retry-storm::2,336 more violations, see the report');
});
