/** badge.svg: what held, in one line, for a README. It says no more than the verdict. Pure. */

import { wordOfLeft, type LeftOut } from '../plan/scenario-order.ts';
import type { Verdict, VerdictWord } from '../model/verdict.ts';
import { worstOf } from '../model/verdict.ts';
import { number, plural } from './format.ts';
import { markup } from './markup.ts';

/** Both have at least 4.5:1 against white (WCAG 2.2, 1.4.3). */
const COLOURS: Readonly<Record<VerdictWord, string>> = {
  valid: '#1a7f37',
  invalid: '#b42318',
  unknown: '#6b6b6b',
};
const LABEL = 'once';
const LABEL_COLOUR = '#333';
/** Mean width of a letter of Verdana at 11 px. */
const LETTER_PX = 6.6;
const PADDING_PX = 6;

/** One run, or all of a suite. */
export function renderBadge(verdicts: readonly Verdict[], leftOut: readonly LeftOut[] = []): string {
  const word = worstOf([...verdicts.map(({ verdict }) => verdict), ...leftOut.flatMap(wordOfLeft)]);
  const text = badgeText(verdicts, leftOut);
  const [left, right] = [widthOf(LABEL), widthOf(text)];
  const width = left + right;
  const label = (at: number, words: string) =>
    markup`<text x="${at}" y="14" textLength="${Math.round(words.length * LETTER_PX)}">${words}</text>`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${LABEL}: ${text}"><title>${LABEL}: ${text}</title><clipPath id="r${width}"><rect width="${width}" height="20" rx="3"/></clipPath><g clip-path="url(#r${width})"><rect width="${left}" height="20" fill="${LABEL_COLOUR}"/><rect x="${left}" width="${right}" height="20" fill="${COLOURS[word]}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${label(left / 2, LABEL)}${label(left + right / 2, text)}</g></svg>
`.text;
}

/** e.g. `held, 14 of 14 moments, seed 42`. */
export function badgeText(verdicts: readonly Verdict[], leftOut: readonly LeftOut[] = []): string {
  const word = worstOf([...verdicts.map(({ verdict }) => verdict), ...leftOut.flatMap(wordOfLeft)]);
  const seeds = [...new Set(verdicts.map(({ run }) => run.seed))];
  const seed = seeds.length === 1 ? `seed ${seeds[0]}` : `${number(seeds.length)} seeds`;
  if (word === 'invalid') {
    const incidents = verdicts.reduce((sum, one) => sum + (one.incidents?.length ?? 0), 0);
    const violations = verdicts.reduce((sum, one) => sum + one.violationCount, 0);
    const extent = incidents > 0 ? plural(incidents, 'incident') : plural(violations, 'violation');
    return `broken, ${extent}, ${seed}`;
  }
  const required = verdicts.flatMap(({ coverage }) => coverage.filter((one) => one.required));
  const met = required.filter(({ count }) => count > 0).length;
  const moments = `${number(met)} of ${plural(required.length, 'moment')}`;
  const stands = verdicts.flatMap(({ sweep }) => (sweep === undefined ? [] : [sweep]));
  const stood =
    stands.length === 0
      ? []
      : [
          `${number(stands.reduce((sum, { met: count }) => sum + count, 0))} of ${plural(
            stands.reduce((sum, { chosen }) => sum + chosen, 0),
            'stand',
          )}`,
        ];
  const parts = [...(required.length > 0 || stood.length === 0 ? [moments] : []), ...stood];
  return [word === 'valid' ? 'held' : 'unknown', ...parts, seed].join(', ');
}

function widthOf(text: string): number {
  return Math.round(text.length * LETTER_PX) + 2 * PADDING_PX;
}
