/** A selftest on one's own endpoint for a terminal. Strings out, nothing is printed here. */

import type { Forging } from '../model/forging.ts';
import { clipped, duration, visible } from './format.ts';
import { forgingHeadline, forgingWord, RULE_MARK, toldOf } from './forging.ts';
import { painter } from './terminal.ts';

const FORMAT = { caught: 'green', missed: 'red', undecided: 'yellow', failed: 'red' } as const;
const STATE_FORMAT = { alive: 'green', dead: 'red', unproved: 'yellow', 'not-judgeable': 'gray' } as const;
const SHOWN = 8;

export function renderForging(
  forging: Forging,
  options: { readonly report: string; readonly colour: boolean },
): string {
  const paint = painter(options.colour);
  const { result, rules, unforged, strays, durationMs, config } = forging;
  const width = Math.max(0, ...rules.map(({ rule }) => rule.length));
  return [
    `${paint(FORMAT[result], forgingWord(forging))}  ${config}: ${forgingHeadline(forging)}`,
    '',
    ...unforged.map(
      ({ scenario, verdict, why }) =>
        `  ${verdict === 'valid' ? '✓' : '✗'} ${scenario} without a lie: ${verdict}${verdict === 'valid' ? '' : `, ${clipped(visible(why ?? ''), 140)}`}`,
    ),
    '',
    ...rules.map(
      (rule) =>
        `  ${paint(STATE_FORMAT[rule.state], RULE_MARK[rule.state])} ${rule.rule.padEnd(width)}  ${visible(toldOf(rule))}`,
    ),
    ...strays.slice(0, SHOWN).map((text) => `  ${paint('red', '✗')} nobody was lied to: ${visible(text)}`),
    ...(strays.length > SHOWN ? [`  and ${strays.length - SHOWN} more`] : []),
    '',
    `${duration(durationMs)}; report: ${options.report}/report.html`,
  ].join('\n');
}
