/** A replay for a terminal: what was looked for, what each try showed, and the outcome. Strings out, nothing is printed here. */

import type { SavedPlan } from '../plan/file.ts';
import type { Finding, ReplayOutcome, ReplayResult, ReplayTry } from '../plan/replay-result.ts';
import { duration, number, plural, visible } from './format.ts';
import { painter, type TerminalOptions } from './terminal.ts';
import { shortHeadline, WORD_MARK } from './words.ts';

type Style = Pick<TerminalOptions, 'colour'>;

const MAX_FINDINGS = 3;
const OUTCOMES = {
  reproduced: { word: 'REPRODUCED', mark: '✗', format: 'red' },
  fixed: { word: 'FIXED', mark: '✓', format: 'green' },
  'not-reproduced': { word: 'NOT REPRODUCED', mark: '?', format: 'yellow' },
} as const satisfies Record<ReplayOutcome, object>;
const WORD_FORMAT = { valid: 'green', invalid: 'red', unknown: 'yellow' } as const;

/** Which plan is run again, and what would be the same. */
export function renderReplayStart(plan: SavedPlan, wanted: readonly Finding[], style: Style = {}): string {
  const paint = painter(style.colour === true);
  const { asked, scenario, runId, seed, faults } = plan;
  const server = asked.target === undefined ? `store ${asked.store ?? 'auto'}` : 'own endpoint';
  const defect = plan.defect === undefined ? '' : `, defect ${plan.defect}`;
  const parts = `engine ${asked.engine}, proxy ${asked.proxy}, ${server}${defect}`;
  return [
    `Replaying ${paint('bold', visible(scenario))}, run ${visible(runId)}`,
    paint('gray', `  ${visible(`seed ${seed}, faults ${faults.profile}, ${parts}`)}`),
    `  looking for ${shown(wanted)}`,
    '',
  ].join('\n');
}

/** One line, and where its report is. */
export function renderReplayTry(done: ReplayTry, index: number, style: Style = {}): string {
  const paint = painter(style.colour === true);
  const { verdict, same, dir } = done;
  const mark = paint(
    WORD_FORMAT[verdict.verdict],
    `${WORD_MARK[verdict.verdict]} ${verdict.verdict.padEnd(7)}`,
  );
  const text = same.length > 0 ? `the same: ${shown(same)}` : visible(shortHeadline(verdict));
  const time = paint('gray', duration(verdict.run.durationMs));
  return `try ${index}  ${mark}  ${text}  ${time}\n${paint('gray', `       ${visible(dir)}`)}\n`;
}

/** The outcome last: its word, and what it rests on. */
export function renderReplayEnd(result: ReplayResult, style: Style = {}): string {
  const paint = painter(style.colour === true);
  const { word, mark, format } = OUTCOMES[result.outcome];
  return `\n${paint(format, `${mark} ${word}`)}  ${reason(result)}\n`;
}

function reason({ outcome, tries, triesWanted, wanted, isInterrupted }: ReplayResult): string {
  const last = tries.at(-1);
  if (outcome === 'reproduced') return `in try ${tries.length} of ${triesWanted}: ${shown(last?.same ?? [])}`;
  if (outcome === 'fixed') return `valid in ${plural(triesWanted, 'try', 'tries')}, with the same decisions`;
  if (isInterrupted)
    return `interrupted after ${number(tries.length)} of ${plural(triesWanted, 'try', 'tries')}`;
  const count = (asked: string) => tries.filter(({ verdict }) => verdict.verdict === asked).length;
  const isSameRule = tries.some(({ verdict }) =>
    verdict.violations.some(({ rule }) => wanted.some((one) => one.rule === rule)),
  );
  const more = isSameRule
    ? '; the same rule was violated, on other intents: a matter of timing that no plan repeats'
    : '';
  return `${count('valid')} valid, ${count('invalid')} invalid, ${count('unknown')} unknown of ${plural(triesWanted, 'try', 'tries')}${more}`;
}

function shown(findings: readonly Finding[]): string {
  const texts = findings
    .slice(0, MAX_FINDINGS)
    .map(({ rule, subject }) => visible(subject === '' ? rule : `${rule} on ${subject}`));
  const rest = findings.length - texts.length;
  return rest > 0 ? `${texts.join(', ')} and ${number(rest)} more` : texts.join(', ');
}
