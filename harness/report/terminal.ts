/** The verdict for a terminal: readable at a glance, the violations as short stories. Strings out, nothing is printed here. */

import { styleText } from 'node:util';
import { wordOfLeft, type LeftOut } from '../plan/scenario-order.ts';
import type { Verdict, VerdictWord, Violation } from '../model/verdict.ts';
import { worstOf } from '../model/verdict.ts';
import { dossierOf, NO_EVIDENCE, type Evidence } from './evidence.ts';
import { gridLines } from './grid-terminal.ts';
import { incidentsOf, incidentsText, type ToldIncident } from './incidents.ts';
import { clipped, duration, number, offset, plural, shortId, visible } from './format.ts';
import { digest, storyOf, type Step } from './story.ts';
import { traceLinks } from './traces.ts';
import {
  exceptionText,
  WORD_MARK,
  brokenRules,
  coverageRows,
  headline,
  missedCoverage,
  momentText,
  moreCounts,
  processesText,
  proved,
  ruleRows,
  shortHeadline,
} from './words.ts';

export interface TerminalOptions {
  readonly evidence?: Evidence;
  /** Where the reports are: a folder or a file, shown as it is. */
  readonly report?: string;
  /** Default: no colours. See `wantsColour`. */
  readonly colour?: boolean;
  /** Width in characters, default 100. */
  readonly columns?: number;
  /** Of which run a single story is: for its traces. */
  readonly run?: Verdict['run'];
}

type Format = 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'gray' | 'bold';
type Paint = (format: Format, text: string) => string;

const MAX_STORIES = 3;
const MAX_STEPS = 14;
const MAX_TRACES = 4;
const WORD_FORMAT: Readonly<Record<VerdictWord, Format>> = {
  valid: 'green',
  invalid: 'red',
  unknown: 'yellow',
};

/** Whether colours suit a stream: FORCE_COLOR and NO_COLOR first, then whether it is a terminal. */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** One run: verdict first, then what it rests on. */
export function renderVerdict(verdict: Verdict, options: TerminalOptions = {}): string {
  const paint = painter(options.colour === true);
  const columns = options.columns ?? 100;
  const blocks = [
    bannerLines(verdict, paint, columns),
    reasonLines(verdict, paint, columns),
    violationLines(verdict, options.evidence ?? NO_EVIDENCE, paint, columns),
    verdict.sweep === undefined ? [] : gridLines(verdict.sweep, paint, columns),
    exceptionLines(verdict, paint, columns),
    coverageLines(verdict, paint, columns),
    countLines(verdict, paint, columns),
    unjudgedLines(verdict, paint, columns),
    [wrapped(visible(proved([verdict])), columns).join('\n'), ...reportLine(options.report)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** One violation as its story, and nothing else of the verdict. */
export function renderStory(violation: Violation, options: TerminalOptions = {}): string {
  const paint = painter(options.colour === true);
  return `${storyLines(violation, options.evidence ?? NO_EVIDENCE, paint, options.columns ?? 100, options.run).join('\n')}\n`;
}

/** Several runs: one line each, then what was proved and where the reports are. */
export function renderSuite(
  runs: readonly { readonly verdict: Verdict; readonly dir?: string }[],
  indexFile?: string,
  options: Pick<TerminalOptions, 'colour' | 'columns'> & { readonly left?: readonly LeftOut[] } = {},
): string {
  const { left = [] } = options;
  const paint = painter(options.colour === true);
  const columns = options.columns ?? 100;
  const width = Math.max(8, ...runs.map(({ verdict }) => verdict.run.scenario.length));
  const lines = runs.map(({ verdict }) => suiteLine(verdict, width, paint, columns));
  const notValid = runs.filter(({ verdict }) => verdict.verdict !== 'valid');
  for (const { verdict, dir } of notValid)
    if (dir !== undefined) lines.push(`  see ${visible(verdict.run.scenario)}: ${visible(dir)}`);
  for (const { scenario, why } of left) lines.push(`- left out  ${visible(scenario).padEnd(width)}  ${why}`);
  const word = worstOf([...runs.map(({ verdict }) => verdict.verdict), ...left.flatMap(wordOfLeft)]);
  const valid = runs.length - notValid.length;
  const more = left.length === 0 ? '' : `, ${number(left.length)} left out by the budget`;
  lines.push(
    '',
    `${marked(word, paint)}  ${number(valid)} of ${plural(runs.length, 'scenario')} valid${more}`,
  );
  lines.push(...wrapped(visible(proved(runs.map(({ verdict }) => verdict))), columns));
  const where = indexFile ?? runs.at(-1)?.dir;
  lines.push(...reportLine(where));
  return `${lines.join('\n')}\n`;
}

function suiteLine(verdict: Verdict, width: number, paint: Paint, columns: number): string {
  const name = visible(verdict.run.scenario).padEnd(width);
  const mark = paint(
    WORD_FORMAT[verdict.verdict],
    `${WORD_MARK[verdict.verdict]} ${verdict.verdict.padEnd(7)}`,
  );
  const room = Math.max(30, columns - width - 24);
  const text = clipped(visible(shortHeadline(verdict)), room).padEnd(Math.min(room, 52));
  return `${mark}  ${paint('bold', name)}  ${text}  ${paint('gray', duration(verdict.run.durationMs))}`;
}

function bannerLines(verdict: Verdict, paint: Paint, columns: number): string[] {
  const { run } = verdict;
  const defect = run.defect === undefined ? '' : `, defect ${run.defect}`;
  const chain = `engine ${run.engine}, proxy ${run.proxy}, store ${run.store}, contract ${run.contract.profile}${defect}`;
  const about = `${run.target}; faults ${run.faults}, client ${run.client}, seed ${run.seed}, run ${run.runId}, ${duration(run.durationMs)}`;
  return [
    `${marked(verdict.verdict, paint)}  ${paint('bold', visible(run.scenario))}: ${visible(headline(verdict))}`,
    ...wrapped(visible(about), columns - 2).map((line) => paint('gray', `  ${line}`)),
    ...wrapped(visible(chain), columns - 2).map((line) => paint('gray', `  ${line}`)),
    ...(run.processes === undefined
      ? []
      : wrapped(visible(processesText(run.processes)), columns - 2).map((line) =>
          paint('gray', `  ${line}`),
        )),
  ];
}

function reasonLines(verdict: Verdict, paint: Paint, columns: number): string[] {
  const missed = missedCoverage(verdict);
  if (verdict.reasons.length === 0) return [];
  const lines = [
    paint('yellow', verdict.verdict === 'unknown' ? 'Why it is unknown' : 'What is thin as well'),
  ];
  for (const reason of verdict.reasons) lines.push(...bulleted(visible(reason), columns));
  const advice = [...new Set(missed.flatMap((one) => (one.advice === undefined ? [] : [one.advice])))];
  // A reason often carries the advice of its moment already: it is not told twice.
  const fresh = advice.filter((text) => !verdict.reasons.some((reason) => reason.includes(text)));
  if (fresh.length > 0)
    lines.push('What to change', ...fresh.flatMap((text) => bulleted(visible(text), columns)));
  return lines;
}

function violationLines(verdict: Verdict, evidence: Evidence, paint: Paint, columns: number): string[] {
  if (verdict.violations.length === 0) return [];
  const incidents = incidentsOf(verdict);
  const lines = incidents.length > 0 ? [paint('bold', incidentsText(verdict) ?? ''), ''] : [];
  const told = toldOf(verdict);
  for (const [index, { violation, incident }] of told.entries()) {
    if (index > 0) lines.push('');
    if (incident) lines.push(...incidentLines(incident, paint, columns));
    if (violation) lines.push(...storyLines(violation, evidence, paint, columns, verdict.run));
  }
  const stories = told.filter(({ violation }) => violation !== undefined).length;
  const moreIncidents = incidents.length - told.length;
  if (incidents.length > 0 && moreIncidents > 0) {
    lines.push('', `${plural(moreIncidents, 'more incident')}:`);
    for (const { title, extent } of incidents.slice(told.length))
      lines.push(...bulleted(`${title} (${extent})`, columns));
  }
  const rest = verdict.violationCount - stories;
  if (rest > 0) {
    const kinds = brokenRules(verdict).map(({ rule, count }) => `${rule} ${number(count)}`);
    lines.push('', `${plural(rest, 'more violation')} (listed: ${kinds.join(', ')}); the report tells them.`);
  }
  return lines;
}

/** The smallest story of each incident; where nothing was grouped, the first violations. */
function toldOf(
  verdict: Verdict,
): readonly { readonly violation: Violation | undefined; readonly incident?: ToldIncident }[] {
  const incidents = incidentsOf(verdict);
  if (incidents.length === 0) return chosen(verdict.violations).map((violation) => ({ violation }));
  return incidents.slice(0, MAX_STORIES).map((incident) => ({ incident, violation: incident.violation }));
}

function incidentLines({ title, extent, guess }: ToldIncident, paint: Paint, columns: number): string[] {
  return [
    paint('red', title),
    ...wrapped(extent, columns - 2).map((line) => paint('gray', `  ${line}`)),
    ...(guess === undefined ? [] : wrapped(guess, columns - 2).map((line) => paint('yellow', `  ${line}`))),
  ];
}

/** The first of each rule before the second of any. */
function chosen(violations: readonly Violation[]): readonly Violation[] {
  const firsts = violations.filter(
    (violation, index) => violations.findIndex((other) => other.rule === violation.rule) === index,
  );
  const rest = violations.filter((violation) => !firsts.includes(violation));
  return [...firsts, ...rest].slice(0, MAX_STORIES);
}

function storyLines(
  violation: Violation,
  evidence: Evidence,
  paint: Paint,
  columns: number,
  run?: Verdict['run'],
): string[] {
  const subject = violation.intent ?? violation.customer ?? violation.key ?? '';
  const lines = [`${paint('red', `✗ ${violation.rule}`)}  ${paint('bold', visible(subject))}`];
  lines.push(...wrapped(visible(violation.summary), columns - 2).map((line) => `  ${line}`));
  const dossier = dossierOf(evidence, violation);
  const story = dossier && storyOf(dossier);
  if (story) {
    lines.push(...labelled('wanted', story.wanted, columns));
    lines.push(...stepLines(story.steps, paint, columns));
  } else if (violation.attempts.length > 0) {
    lines.push(...labelled('attempts', violation.attempts.map(visible).join(', '), columns));
  }
  if (violation.key !== undefined)
    lines.push(...labelled('key', shortId(visible(violation.key), 60), columns));
  for (const line of story?.ledger ?? []) lines.push(...labelled('read back', line, columns));
  const links = run === undefined ? [] : traceLinks(run, violation, dossier);
  // A URL is not broken: it is to be clicked.
  for (const { attempt, url } of links.slice(0, MAX_TRACES))
    lines.push(`  trace ${visible(attempt)}: ${url}`);
  lines.push(...labelled('expected', visible(violation.expected), columns));
  lines.push(...labelled('found', visible(violation.found), columns).map((line) => paint('red', line)));
  return lines;
}

const STEP_FORMAT: Readonly<Record<Step['tone'], Format | undefined>> = {
  sent: undefined,
  wire: 'gray',
  lost: 'yellow',
  ok: 'green',
  fail: 'cyan',
  info: 'yellow',
  fault: 'magenta',
  clock: 'magenta',
  debit: 'bold',
  read: undefined,
};

function stepLines(steps: readonly Step[], paint: Paint, columns: number): string[] {
  return digest(steps, MAX_STEPS).flatMap(({ step, skippedCount }) => {
    const [first = '', ...more] = wrapped(step.text, columns - 13);
    const format = STEP_FORMAT[step.tone];
    const text = [first, ...more.map((line) => `             ${line}`)].join('\n');
    const skipped =
      skippedCount === 0 ? [] : [paint('gray', `             … ${plural(skippedCount, 'step')}`)];
    return [
      ...skipped,
      `  ${offset(step.offsetMs).padStart(9)}  ${format === undefined ? text : paint(format, text)}`,
    ];
  });
}

function labelled(label: string, text: string, columns: number): string[] {
  return wrapped(text, columns - 13).map(
    (line, index) => `  ${(index === 0 ? label : '').padStart(9)}  ${line}`,
  );
}

function coverageLines(verdict: Verdict, paint: Paint, columns: number): string[] {
  const rows = coverageRows(verdict).filter((one) => one.required || one.count > 0);
  if (rows.length === 0) return [];
  const name = Math.max(...rows.map((one) => one.name.length));
  const count = Math.max(...rows.map((one) => number(one.count).length));
  const lines = rows.map((one) => {
    const isMissed = one.required && one.count === 0;
    const line = `  ${isMissed ? '✗' : one.required ? '✓' : ' '} ${one.name.padEnd(name)}  ${number(one.count).padStart(count)}  ${momentText(one.name)}`;
    const fitting = clipped(line, columns);
    return isMissed ? paint('yellow', fitting) : fitting;
  });
  return [paint('bold', 'Coverage (✓ required and met)'), ...lines];
}

function countLines(verdict: Verdict, paint: Paint, columns: number): string[] {
  const { counts, latency } = verdict;
  const { intents, attempts, ok, fail, info, arrivals, debits } = counts;
  const first = `  ${plural(intents, 'intent')} → ${plural(attempts, 'attempt')} (${number(ok)} ok, ${number(fail)} fail, ${number(info)} info) → ${plural(arrivals, 'arrival')} → ${plural(debits, 'debit')}`;
  const rest = moreCounts(verdict).map(([name, value]) => `${name} ${value}`);
  const times = `  latency p50 ${duration(latency.p50)}, p90 ${duration(latency.p90)}, p99 ${duration(latency.p99)}, max ${duration(latency.max)}`;
  return [
    paint('bold', 'Counts'),
    first,
    ...(rest.length === 0 ? [] : wrapped(visible(rest.join(', ')), columns - 2).map((line) => `  ${line}`)),
    times,
  ];
}

function unjudgedLines(verdict: Verdict, paint: Paint, columns: number): string[] {
  const rows = ruleRows(verdict).filter((row) => row.state === 'unjudged');
  if (rows.length === 0) return [];
  const lines = rows.flatMap((row) => bulleted(visible(`${row.rule}: ${row.why ?? ''}`), columns));
  return [paint('bold', 'Not judged in this run'), ...lines];
}

function exceptionLines({ exceptions = [] }: Verdict, paint: Paint, columns: number): string[] {
  if (exceptions.length === 0) return [];
  const lines = exceptions.flatMap((each) => bulleted(visible(exceptionText(each)), columns));
  return [paint('bold', 'Exceptions of the script'), ...lines];
}

function reportLine(report: string | undefined): string[] {
  return report === undefined ? [] : [`Report: ${visible(report)}`];
}

function marked(word: VerdictWord, paint: Paint): string {
  return paint(WORD_FORMAT[word], `${WORD_MARK[word]} ${word.toUpperCase()}`);
}

/** Colours a text, or leaves it as it is. */
export function painter(isColoured: boolean): Paint {
  // The caller decided by wantsColour: the stream is not asked again. One format a call: the array form
  // ignores NO_COLOR on Node 20.
  return isColoured
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_format, text) => text;
}

function bulleted(text: string, columns: number): string[] {
  return wrapped(text, columns - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`);
}

/** Words on lines of at most `width` characters; a longer word has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
