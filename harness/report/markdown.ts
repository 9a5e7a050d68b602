/** A summary in GitHub-flavoured Markdown, e.g. for $GITHUB_STEP_SUMMARY. */

import { wordOfLeft, type LeftOut } from '../plan/scenario-order.ts';
import type { Verdict, VerdictWord, Violation } from '../model/verdict.ts';
import { worstOf } from '../model/verdict.ts';
import { dossierOf, NO_EVIDENCE, type Evidence } from './evidence.ts';
import { duration, number, offset, plural, visible } from './format.ts';
import { incidentsOf, incidentsText, type ToldIncident } from './incidents.ts';
import { storyOf } from './story.ts';
import { traceLinks } from './traces.ts';
import {
  countRows,
  coverageRows,
  exceptionText,
  headline,
  momentText,
  proved,
  ruleRows,
  runRows,
} from './words.ts';

const MAX_STORIES = 5;
const MAX_STEPS = 30;
const WORD: Readonly<Record<VerdictWord, string>> = {
  valid: '✅ valid',
  invalid: '❌ invalid',
  unknown: '❔ unknown',
};

export function renderMarkdown(verdict: Verdict, evidence: Evidence = NO_EVIDENCE): string {
  const blocks = [
    `## ${WORD[verdict.verdict]}: ${text(verdict.run.scenario)}`,
    text(headline(verdict)),
    text(proved([verdict])),
    ...reasons(verdict),
    ...exceptions(verdict),
    ...violations(verdict, evidence),
    rules(verdict),
    ...coverage(verdict),
    counts(verdict),
    run(verdict),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Several runs: one row each. */
export function renderSuiteMarkdown(verdicts: readonly Verdict[], left: readonly LeftOut[] = []): string {
  const word = worstOf([...verdicts.map((one) => one.verdict), ...left.flatMap(wordOfLeft)]);
  const rows = verdicts.map((one) => [
    text(one.run.scenario),
    WORD[one.verdict],
    text(headline(one)),
    duration(one.run.durationMs),
  ]);
  const parts = [
    `## ${WORD[word]}: onceproof`,
    text(proved(verdicts)),
    table(
      ['scenario', 'verdict', '', 'time'],
      [...rows, ...left.map(({ scenario, why }) => [text(scenario), 'left out', text(why), ''])],
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function reasons(verdict: Verdict): string[] {
  if (verdict.reasons.length === 0) return [];
  const advice = verdict.coverage.filter(
    (one) => one.required && one.count === 0 && one.advice !== undefined,
  );
  const lines = verdict.reasons.map((reason) => `- ${text(reason)}`);
  const changes = advice.map((one) => `- ${text(one.name)}: ${text(one.advice ?? '')}`);
  const told = [`### Why the evidence is thin\n\n${lines.join('\n')}`];
  return changes.length === 0 ? told : [...told, `What to change:\n\n${changes.join('\n')}`];
}

function exceptions({ exceptions: thrown = [] }: Verdict): string[] {
  if (thrown.length === 0) return [];
  return [
    `### Exceptions of the script\n\n${thrown.map((each) => `- ${text(exceptionText(each))}`).join('\n')}`,
  ];
}

function violations(verdict: Verdict, evidence: Evidence): string[] {
  if (verdict.violations.length === 0) return [];
  const grouped = incidentsOf(verdict);
  const told =
    grouped.length > 0
      ? grouped.slice(0, MAX_STORIES).map((incident) => incidentText(incident, evidence, verdict.run))
      : verdict.violations.slice(0, MAX_STORIES).map((violation) => story(violation, evidence, verdict.run));
  const rest = verdict.violationCount - told.length;
  const more = rest > 0 ? [`${plural(rest, 'more violation')}: see report.html and verdict.json.`] : [];
  return [`### ${incidentsText(verdict) ?? plural(verdict.violationCount, 'violation')}`, ...told, ...more];
}

function incidentText(
  { title, extent, guess, violation }: ToldIncident,
  evidence: Evidence,
  run: Verdict['run'],
): string {
  const head = `#### ${text(title)}\n\n${text(extent)}`;
  const parts = [head, ...(guess === undefined ? [] : [`_${text(guess)}_`])];
  return [...parts, ...(violation === undefined ? [] : [story(violation, evidence, run)])].join('\n\n');
}

function story(violation: Violation, evidence: Evidence, of: Verdict['run']): string {
  const dossier = dossierOf(evidence, violation);
  const subject = violation.intent ?? violation.customer ?? '';
  const lines = [`**${violation.rule}** ${text(subject)}: ${text(violation.summary)}`, ''];
  lines.push(`- expected: ${text(violation.expected)}`, `- found: ${text(violation.found)}`);
  const links = traceLinks(of, violation, dossier).map(({ attempt, url }) => `[${text(attempt)}](<${url}>)`);
  if (links.length > 0) lines.push(`- traces: ${links.join(' ')}`);
  if (!dossier) return lines.join('\n');
  const { wanted, steps, ledger } = storyOf(dossier);
  lines.push(`- wanted: ${text(wanted)}`, ...ledger.map((line) => `- read back: ${text(line)}`));
  const rows = steps.slice(0, MAX_STEPS).map((step) => [offset(step.offsetMs), text(step.text)]);
  const details = `<details><summary>${plural(steps.length, 'step')}</summary>\n\n${table(['time', 'what happened'], rows)}\n\n</details>`;
  return `${lines.join('\n')}\n\n${details}`;
}

function rules(verdict: Verdict): string {
  const mark = { held: '✅ held', violated: '❌ violated', unjudged: '➖ unjudged' } as const;
  const rows = ruleRows(verdict).map((row) => {
    const count = row.count > 0 ? ` (${number(row.count)})` : '';
    return [`\`${row.rule}\``, mark[row.state] + count, text(row.why ?? row.text)];
  });
  return `<details><summary>Rules</summary>\n\n${table(['rule', '', ''], rows)}\n\n</details>`;
}

function coverage(verdict: Verdict): string[] {
  const rows = coverageRows(verdict)
    .filter((one) => one.required || one.count > 0)
    .map((one) => [
      one.required ? (one.count > 0 ? '✅' : '❔') : '',
      text(momentText(one.name)),
      number(one.count),
      one.required ? 'required' : '',
    ]);
  return rows.length === 0 ? [] : [`### Coverage\n\n${table(['', 'moment', 'count', ''], rows, [2])}`];
}

function counts(verdict: Verdict): string {
  const { p50, p90, p99, max } = verdict.latency;
  const rows = countRows(verdict);
  const figures = table(
    rows.map(([name]) => text(name)),
    [rows.map(([, value]) => text(value))],
  );
  return `### Counts\n\n${figures}\n\nLatency: p50 ${duration(p50)}, p90 ${duration(p90)}, p99 ${duration(p99)}, max ${duration(max)}`;
}

function run(verdict: Verdict): string {
  const parts = runRows(verdict).map(([name, value]) => `${name} ${code(value)}`);
  return `<sub>${parts.join(', ')}, ${duration(verdict.run.durationMs)}</sub>`;
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, index) => (right.includes(index) ? '--:' : '---')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Text without any Markdown or HTML meaning. */
export function text(value: string): string {
  return visible(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~#@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A backtick inside becomes an apostrophe: a code span has no escapes. */
function code(value: string): string {
  return `\`${visible(value).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
