/** report.html: one file that needs nothing else, and the page over several runs. Strings out. */

import { wordOfLeft, type LeftOut } from '../plan/scenario-order.ts';
import type { CoverageCount, Verdict, VerdictWord } from '../model/verdict.ts';
import { worstOf } from '../model/verdict.ts';
import { faultTable, latencyChart } from './chart.ts';
import { dossierOf, NO_EVIDENCE, type Evidence } from './evidence.ts';
import { duration, number, plural, timeOfDay } from './format.ts';
import { gridHtml, schedulesHtml } from './grid-html.ts';
import { incidentsOf } from './incidents.ts';
import { figureBoxes, page, section, stackTable } from './html-page.ts';
import { sampleHtml, violationHtml } from './html-violation.ts';
import { markup, type Markup, type Part } from './markup.ts';
import {
  exceptionText,
  countRows,
  coverageRows,
  headline,
  missedCoverage,
  momentText,
  proved,
  ruleRows,
  runRows,
  shortHeadline,
  WORD_MARK,
  type RuleRow,
} from './words.ts';

/** So many violations are open when the page is. */
const OPEN_COUNT = 3;

/** The report page of one run. */
export function renderHtml(verdict: Verdict, evidence: Evidence = NO_EVIDENCE): string {
  const { scenario } = verdict.run;
  return page(`${verdict.verdict}: ${scenario}`, [
    banner(
      verdict.verdict,
      scenario,
      verdict.verdict === 'valid' ? [proved([verdict])] : [headline(verdict)],
    ),
    reasons(verdict, evidence),
    verdict.sweep && section('Every message, stood at once', gridHtml(verdict.sweep)),
    incidents(verdict),
    violations(verdict, evidence),
    exceptions(verdict),
    section('Rules', rulesTable(verdict)),
    section('Coverage', coverageTable(verdict)),
    section('Counts', figures(verdict)),
    section('Latency over time', [latencyChart(evidence), faultTable(evidence)]),
    samples(evidence),
    verdict.sweep && section('Schedules', schedulesHtml(verdict.sweep, evidence)),
    section('Run', runFacts(verdict, evidence)),
  ]);
}

/** The page over several runs; `href` is the address of a run's report as seen from that page. */
export function renderSuiteHtml(
  runs: readonly { readonly verdict: Verdict; readonly href: string }[],
  left: readonly LeftOut[] = [],
): string {
  const verdicts = runs.map((run) => run.verdict);
  const word = worstOf([...verdicts.map((verdict) => verdict.verdict), ...left.flatMap(wordOfLeft)]);
  const valid = verdicts.filter((verdict) => verdict.verdict === 'valid').length;
  const rows = runs.map(
    ({ verdict, href }) =>
      markup`<tr><td class="name"><a href="${safeHref(href)}">${verdict.run.scenario}</a></td><td class="state"><b class="${verdict.verdict} word">${WORD_MARK[verdict.verdict]} ${verdict.verdict}</b></td><td class="wide">${shortHeadline(verdict)}</td><td class="num" data-label="time">${duration(verdict.run.durationMs)}</td></tr>`,
  );
  const notRun = left.map(
    ({ scenario, why }) =>
      markup`<tr><td class="name">${scenario}</td><td class="state">left out</td><td class="wide">${why}</td><td class="num" data-label="time"></td></tr>`,
  );
  const head = markup`<tr><th scope="col">scenario</th><th scope="col">verdict</th><th scope="col">what happened</th><th scope="col" class="num">time</th></tr>`;
  return page(`${word}: ${plural(runs.length, 'scenario')}`, [
    banner(word, `${number(valid)} of ${plural(runs.length, 'scenario')} valid`, [proved(verdicts)]),
    section('Scenarios', stackTable(head, [...rows, ...notRun])),
    section('Totals', figureBoxes(totals(verdicts))),
  ]);
}

function banner(word: VerdictWord, title: string, texts: readonly string[]): Markup {
  return markup`<header class="banner ${word}"><h1><span class="word">${WORD_MARK[word]} ${word}</span> ${title}</h1>${texts.map((text) => markup`<p>${text}</p>`)}</header>
`;
}

function exceptions({ exceptions: thrown = [] }: Verdict): Part {
  if (thrown.length === 0) return undefined;
  const items = thrown.map((each) => markup`<li>${exceptionText(each)}</li>`);
  return section('Exceptions of the script', markup`<ul>${items}</ul>`);
}

function reasons(verdict: Verdict, evidence: Evidence): Part {
  const lines = [...verdict.reasons];
  if (evidence.cutShort !== undefined)
    lines.push(`The history could not be read to its end: ${evidence.cutShort}`);
  const changes = missedCoverage(verdict).flatMap((one) => (one.advice === undefined ? [] : [one]));
  if (lines.length === 0) return undefined;
  const title = verdict.verdict === 'unknown' ? 'Why it is unknown' : 'What is thin in the evidence';
  return markup`<section class="note"><b>${title}</b><ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>${changes.length > 0 && markup`<b>What to change</b><ul>${changes.map((one) => markup`<li><code>${one.name}</code>: ${one.advice}</li>`)}</ul>`}</section>
`;
}

function violations(verdict: Verdict, evidence: Evidence): Part {
  if (verdict.violations.length === 0) return undefined;
  const told = verdict.violations.map((violation, index) =>
    violationHtml(violation, dossierOf(evidence, violation), index, index < OPEN_COUNT, verdict.run),
  );
  const rest = verdict.violationCount - told.length;
  return section(`Violations (${number(verdict.violationCount)})`, [
    told,
    rest > 0 && markup`<p class="muted">${plural(rest, 'more violation')} were counted and not kept.</p>`,
  ]);
}

/** By likely cause, before the single violations; each leads to its smallest story. */
function incidents(verdict: Verdict): Part {
  const told = incidentsOf(verdict);
  if (told.length === 0) return undefined;
  const rows = told.map(({ title, extent, guess, violation }) => {
    const place = violation === undefined ? -1 : verdict.violations.indexOf(violation);
    const link = place >= 0 && markup` <a href="#violation-${place + 1}">its smallest story</a>`;
    return markup`<li><b>${title}</b><br><span class="muted">${extent}.</span>${link}${guess !== undefined && markup`<br>${guess}`}</li>`;
  });
  return markup`<section class="incidents"><h2>${plural(told.length, 'incident')} behind ${plural(verdict.violationCount, 'violation')}</h2><ol>${rows}</ol></section>
`;
}

function rulesTable(verdict: Verdict): Markup {
  const firsts = new Map<string, number>();
  for (const [index, { rule }] of verdict.violations.entries())
    if (!firsts.has(rule)) firsts.set(rule, index + 1);
  const rows = ruleRows(verdict).map((row) => ruleRow(row, firsts.get(row.rule)));
  const head = markup`<tr><th scope="col">rule</th><th scope="col">state</th><th scope="col">what it promises</th></tr>`;
  return stackTable(head, rows);
}

const RULE_STATE = { held: '✓ held', violated: '✗ violated', unjudged: '– unjudged' } as const;

function ruleRow(row: RuleRow, first: number | undefined): Markup {
  const times = row.count > 1 ? ` × ${number(row.count)}` : '';
  const state = markup`${RULE_STATE[row.state]}${times}`;
  const linked = first === undefined ? state : markup`<a href="#violation-${first}">${state}</a>`;
  const why = row.why !== undefined && markup`<br><span class="muted">unjudged: ${row.why}</span>`;
  return markup`<tr><td class="name"><code>${row.rule}</code></td><td class="state ${row.state}">${linked}</td><td class="wide">${row.text}${why}</td></tr>`;
}

function coverageTable(verdict: Verdict): Markup {
  if (verdict.coverage.length === 0) return markup`<p class="muted">No moment was counted.</p>`;
  const isShown = (one: CoverageCount) => one.required || one.count > 0;
  const others = coverageRows(verdict).filter((one) => !isShown(one));
  const rest =
    others.length > 0 &&
    markup`<p class="muted">Neither required nor met: ${others.map((one) => one.name).join(', ')}.</p>`;
  const rows = coverageRows(verdict)
    .filter(isShown)
    .map((one) => {
      const [state, text] = one.required
        ? one.count > 0
          ? ['met', '✓ required, met']
          : ['missed', '✗ required, never met']
        : ['seen', 'met'];
      return markup`<tr><td class="name"><code>${one.name}</code></td><td class="state ${state}">${text}</td><td class="wide">${momentText(one.name)}</td><td class="num" data-label="count">${number(one.count)}</td></tr>`;
    });
  const head = markup`<tr><th scope="col">moment</th><th scope="col">state</th><th scope="col">what it is</th><th scope="col" class="num">count</th></tr>`;
  return markup`${stackTable(head, rows)}${rest}`;
}

function figures(verdict: Verdict): Markup {
  const { p50, p90, p99, max } = verdict.latency;
  const times = Object.entries({ p50, p90, p99, max }).map(
    ([name, ms]) => [`latency ${name}`, duration(ms)] as const,
  );
  return figureBoxes([...countRows(verdict), ...times]);
}

function totals(verdicts: readonly Verdict[]): (readonly [string, string])[] {
  const names = ['intents', 'attempts', 'arrivals', 'debits', 'ok', 'fail', 'info'] as const;
  return names.map((name) => [
    name,
    number(verdicts.reduce((sum, verdict) => sum + verdict.counts[name], 0)),
  ]);
}

function samples(evidence: Evidence): Part {
  const dossiers = evidence.dossiers.filter((dossier) => dossier.moment !== undefined);
  if (dossiers.length === 0) return undefined;
  return section('Moments that this run met', [
    markup`<p class="muted">One intent for each, drawn as an example of what the run did to the endpoint.</p>`,
    dossiers.map((dossier, index) => sampleHtml(dossier, index)),
  ]);
}

function runFacts(verdict: Verdict, evidence: Evidence): Markup {
  const rows: (readonly [string, string])[] = [
    ...runRows(verdict),
    ['lasted', duration(verdict.run.durationMs)],
  ];
  if (evidence.startedAt > 0) rows.push(['started', timeOfDay(evidence.startedAt)]);
  if (evidence.eventCount > 0) rows.push(['events in the history', number(evidence.eventCount)]);
  if (evidence.endReason !== undefined) rows.push(['ended', evidence.endReason]);
  return markup`<dl class="facts">${rows.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A relative address of a file; anything that names a scheme is dropped. */
function safeHref(href: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(href) ? '#' : href.split('/').map(encodeURIComponent).join('/');
}
