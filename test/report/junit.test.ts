import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../harness/report/junit.ts';
import { RULES } from '../../harness/model/verdict.ts';
import { invalidSample, T0, unknownSample, validSample, verdictOf } from './samples.ts';
import { parseXml, type XmlElement } from './xml.ts';

function suiteOf(xml: string): XmlElement {
  const root = parseXml(xml);
  expect(root.name).toBe('testsuites');
  const [suite] = root.children;
  if (!suite) throw new Error('no testsuite');
  return suite;
}

function casesOf(suite: XmlElement): XmlElement[] {
  return suite.children.filter((child) => child.name === 'testcase');
}

function caseOf(suite: XmlElement, start: string): XmlElement {
  const found = casesOf(suite).find((one) => one.attributes['name']?.startsWith(start));
  if (!found) throw new Error(`no testcase ${start}`);
  return found;
}

describe('JUnit', () => {
  test('has one testcase for each rule, each required moment and the evidence, and counts them', () => {
    const { verdict } = validSample();
    const suite = suiteOf(renderJunit(verdict, { startedAt: T0 }));
    const required = verdict.coverage.filter((one) => one.required).length;
    expect(casesOf(suite)).toHaveLength(RULES.length + required + 1);
    expect(suite.attributes).toEqual({
      name: 'onceproof retry-storm',
      package: 'onceproof',
      id: '0',
      timestamp: '2026-01-31T12:00:00',
      hostname: 'localhost',
      tests: String(RULES.length + required + 1),
      failures: '0',
      errors: '0',
      skipped: '1',
      time: '6.480',
    });
  });

  test('a violated rule fails and tells its violations', () => {
    const suite = suiteOf(renderJunit(invalidSample().verdict));
    expect(suite.attributes['failures']).toBe('2');
    const [failure] = caseOf(suite, 'double-debit').children;
    expect(failure?.name).toBe('failure');
    expect(failure?.attributes['message']).toContain('debited twice');
    expect(failure?.text).toContain('intent: rs-17-2\n');
    expect(failure?.text).toContain('expected: at most 1 debit\nfound: 2 debits (red_0c55e1, red_7f31b2)');
  });

  test('an unjudged rule is skipped and says why', () => {
    const suite = suiteOf(renderJunit(validSample().verdict));
    const [skipped] = caseOf(suite, 'expiry').children;
    expect(skipped?.name).toBe('skipped');
    expect(skipped?.attributes['message']).toBe('the scenario never moves the clock');
  });

  test('a required moment that was not met is an error, and so is the evidence', () => {
    const suite = suiteOf(renderJunit(unknownSample().verdict));
    expect(suite.attributes['errors']).toBe('2');
    const [error] = caseOf(suite, 'crash-between-debit-and-reply').children;
    expect(error?.attributes['message']).toBe('never met: raise --intents, or use --faults heavy');
    const [evidence] = caseOf(suite, 'the evidence is enough').children;
    expect(evidence?.name).toBe('error');
  });

  test('stays well-formed whatever the endpoint answered', () => {
    const hostile = ']]>&<a b="\'">\u0000\u001b[31m\ud800\uffff\n\r\t';
    const verdict = verdictOf({
      verdict: 'invalid',
      violations: [
        {
          rule: 'stuck',
          summary: hostile,
          intent: hostile,
          key: hostile,
          attempts: [hostile],
          expected: hostile,
          found: hostile,
        },
      ],
      violationCount: 1,
      unjudged: [{ rule: hostile, why: hostile }],
      run: { ...verdictOf().run, scenario: hostile, target: hostile },
    });
    const suite = suiteOf(renderJunit(verdict));
    expect(caseOf(suite, 'stuck').children[0]?.text).toContain('\\x1b[31m\\ud800\\uffff');
  });

  test('its elements and attributes come in the order and with the names that both schemas know', () => {
    const suite = suiteOf(renderJunit(invalidSample().verdict));
    const names = suite.children.map((child) => child.name);
    expect([...new Set(names)]).toEqual(['properties', 'testcase', 'system-out', 'system-err']);
    expect(names.filter((name) => name !== 'testcase')).toEqual(['properties', 'system-out', 'system-err']);
    for (const one of casesOf(suite)) {
      expect(Object.keys(one.attributes)).toEqual(['classname', 'name', 'time']);
      expect(one.children.length).toBeLessThanOrEqual(1);
    }
    for (const property of suite.children[0]?.children ?? []) {
      expect(Object.keys(property.attributes)).toEqual(['name', 'value']);
    }
  });
});
