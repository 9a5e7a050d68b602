/** A detection matrix in words that terminal, page and Markdown share. Pure. */

import type { Detection, DetectionRow, DetectionWord, WayFigures } from '../model/detection.ts';
import { number, plural } from './format.ts';

export const RESULT_WORD: Readonly<Record<DetectionWord, string>> = {
  caught: '✓ ALL CAUGHT',
  missed: '✗ MISSED OR FALSE ALARM',
  undecided: '? UNDECIDED',
  failed: '! THE HARNESS COULD NOT WORK',
};

/** e.g. `11 of 12 defects caught, 1 missed; right server: 24 of 24 runs valid, no false alarm`. */
export function detectionHeadline({ rows, right, notRun }: Detection): string {
  const count = (state: DetectionRow['state']): number => rows.filter((row) => row.state === state).length;
  const parts = [`${count('caught')} of ${plural(rows.length, 'defect')} caught`];
  if (count('missed') > 0) parts.push(`${count('missed')} missed`);
  if (count('undecided') > 0) parts.push(`${count('undecided')} undecided`);
  const { runs, valid, alarms, unknown } = rightTotals({ right });
  const ofRight =
    runs === 0
      ? 'the right server was not run'
      : `right server: ${number(valid)} of ${plural(runs, 'run')} valid, ${alarms === 0 ? 'no false alarm' : plural(alarms, 'false alarm')}${unknown > 0 ? `, ${number(unknown)} unknown` : ''}`;
  const left = notRun.length > 0 ? `; ${plural(notRun.length, 'cell')} not run` : '';
  return `${parts.join(', ')}; ${ofRight}${left}`;
}

export function rightTotals({ right }: Pick<Detection, 'right'>) {
  const sum = (name: 'runs' | 'valid' | 'alarms' | 'unknown'): number =>
    right.reduce((total, one) => total + one[name], 0);
  return { runs: sum('runs'), valid: sum('valid'), alarms: sum('alarms'), unknown: sum('unknown') };
}

export const STATE_MARK = { caught: '✓', missed: '✗', undecided: '?' } as const;

/** `9 of 10` */
export function onSeeds({ caught, seeds }: Pick<WayFigures, 'caught' | 'seeds'>): string {
  return `${number(caught)} of ${number(seeds)}`;
}

/** The rule that caught it most often, on the way that is shown. */
export function ruleOf({ cheapest, defect }: DetectionRow): string {
  return cheapest?.rule ?? `(expected: ${defect.rules[0] ?? ''})`;
}

export function soon({ requests, seconds }: Pick<WayFigures, 'requests' | 'seconds'>): string {
  if (requests === undefined || seconds === undefined) return '–';
  return `${plural(requests, 'request')}, ${seconds.toFixed(1)} s`;
}

/** Why cells have no result, each reason once with how many. */
export function notRunTexts({ notRun }: Pick<Detection, 'notRun'>): readonly string[] {
  const counts = new Map<string, number>();
  for (const { why } of notRun) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([why, count]) => `${plural(count, 'cell')}: ${why}`);
}

/** All ways of the matrix, those first that caught most. */
export function waysOf({ rows }: Pick<Detection, 'rows'>): readonly string[] {
  const caught = new Map<string, number>();
  for (const { ways } of rows)
    for (const one of ways) caught.set(one.way, (caught.get(one.way) ?? 0) + (one.caught > 0 ? 1 : 0));
  return [...caught].toSorted((one, two) => two[1] - one[1]).map(([way]) => way);
}
