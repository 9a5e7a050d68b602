/**
 * JUnit XML: one testcase a rule, one a required coverage moment, one for the evidence as a whole.
 * A violated rule fails, a moment that was not met is an error (the run could not be judged), an unjudged rule is skipped.
 * Valid by the two schemas in use: Jenkins' (junit-10.xsd) and the Ant one (windyroad); where they differ, by both.
 */

import type { Verdict, Violation } from '../model/verdict.ts';
import type { Evidence } from './evidence.ts';
import { clipped, isoSeconds } from './format.ts';
import { markup, type Markup } from './markup.ts';
import { exceptionText, momentText, ruleRows, runRows, type RuleRow } from './words.ts';

/** One element holds all violations of its rule; the text names this many. */
const MAX_TOLD = 20;
const MAX_LENGTH = 400;

export function renderJunit(verdict: Verdict, evidence?: Pick<Evidence, 'startedAt'>): string {
  const cases = [...ruleCases(verdict), ...coverageCases(verdict), evidenceCase(verdict)];
  const count = (state: Case['state']) => cases.filter((one) => one.state === state).length;
  const { run } = verdict;
  const startedAt = isoSeconds(evidence?.startedAt ?? 0) ?? '1970-01-01T00:00:00';
  const suite = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="onceproof ${run.scenario}" package="onceproof" id="0" timestamp="${startedAt}" hostname="localhost" tests="${cases.length}" failures="${count('failed')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(run.durationMs)}">
    <properties>
${runRows(verdict).map(([name, value]) => markup`      <property name="${name}" value="${value}"/>\n`)}    </properties>
${cases.map((one) => element(one, run.scenario))}    <system-out></system-out>
    <system-err>${(verdict.exceptions ?? []).map((each) => markup`${exceptionText(each)}\n`)}</system-err>
  </testsuite>
</testsuites>
`;
  return suite.text;
}

interface Case {
  readonly group: 'rules' | 'coverage' | 'evidence';
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'error' | 'skipped';
  readonly message: string;
  readonly text: string;
}

function ruleCases(verdict: Verdict): Case[] {
  return ruleRows(verdict).map((row) => ruleCase(row, verdict.violations));
}

function ruleCase(row: RuleRow, violations: readonly Violation[]): Case {
  const base = { group: 'rules', name: `${row.rule}: ${row.text}` } as const;
  if (row.state === 'held') return { ...base, state: 'passed', message: '', text: '' };
  if (row.state === 'unjudged') return { ...base, state: 'skipped', message: row.why ?? '', text: '' };
  const own = violations.filter((violation) => violation.rule === row.rule);
  const told = own.slice(0, MAX_TOLD).map(violationText).join('\n\n');
  const rest = own.length > MAX_TOLD ? `\n\n… ${own.length - MAX_TOLD} more` : '';
  return { ...base, state: 'failed', message: own[0]?.summary ?? row.rule, text: told + rest };
}

function violationText(violation: Violation): string {
  const lines = [violation.summary];
  if (violation.intent !== undefined) lines.push(`intent: ${violation.intent}`);
  if (violation.customer !== undefined) lines.push(`customer: ${violation.customer}`);
  if (violation.key !== undefined) lines.push(`key: ${violation.key}`);
  if (violation.attempts.length > 0) lines.push(`attempts: ${violation.attempts.join(', ')}`);
  lines.push(`expected: ${violation.expected}`, `found: ${violation.found}`);
  return lines.join('\n');
}

function coverageCases(verdict: Verdict): Case[] {
  return verdict.coverage
    .filter((one) => one.required)
    .map((one): Case => {
      const base = { group: 'coverage', name: `${one.name}: ${momentText(one.name)}` } as const;
      if (one.count > 0) return { ...base, state: 'passed', message: '', text: '' };
      const message = `never met${one.advice === undefined ? '' : `: ${one.advice}`}`;
      return { ...base, state: 'error', message, text: '' };
    });
}

/** Unknown never passes, also where no single moment says why. */
function evidenceCase(verdict: Verdict): Case {
  const base = { group: 'evidence', name: 'the evidence is enough for a verdict' } as const;
  if (verdict.verdict !== 'unknown') return { ...base, state: 'passed', message: '', text: '' };
  const [first = 'the evidence is too thin'] = verdict.reasons;
  return { ...base, state: 'error', message: first, text: verdict.reasons.join('\n') };
}

function element(one: Case, scenario: string): Markup {
  const open = markup`    <testcase classname="onceproof.${scenario}.${one.group}" name="${one.name}" time="0"`;
  if (one.state === 'passed') return markup`${open}/>\n`;
  const message = clipped(one.message, MAX_LENGTH);
  const inner =
    one.state === 'skipped'
      ? markup`<skipped message="${message}"/>`
      : one.state === 'failed'
        ? markup`<failure type="violation" message="${message}">${lines(one.text)}</failure>`
        : markup`<error type="unknown" message="${message}">${lines(one.text)}</error>`;
  return markup`${open}>\n      ${inner}\n    </testcase>\n`;
}

/** Line breaks of our own stay; inside a line every control character is made visible. */
function lines(text: string): Markup[] {
  return text.split('\n').map((line, index) => (index === 0 ? markup`${line}` : markup`\n${line}`));
}

function seconds(ms: number): string {
  return (Math.max(0, Number.isFinite(ms) ? ms : 0) / 1000).toFixed(3);
}
