/** A detection matrix as Markdown: what stands in docs/detection.md. */

import { wayName, type Detection, type DetectionRow } from '../model/detection.ts';
import {
  detectionHeadline,
  notRunTexts,
  onSeeds,
  rightTotals,
  ruleOf,
  STATE_MARK,
  waysOf,
} from './detection.ts';
import { duration, number, timeOfDay, visible } from './format.ts';

export function renderDetectionMarkdown(detection: Detection): string {
  const { rows, right, alarms, seeds, command, commit, node, startedAt, durationMs } = detection;
  const made = `Made by \`${command}\`${commit === undefined ? '' : ` at commit \`${commit}\``}, seeds ${seedsText(seeds)}, Node ${node}, ${timeOfDay(startedAt)}, in ${duration(durationMs)}.`;
  const medians = rows.flatMap(({ cheapest }) => cheapest?.seconds ?? []);
  return [
    '# Detection',
    '',
    'What a green verdict would have caught: wrong editions of the bundled server, each looked at as a user would. [How to read and repeat it](selftest.md).',
    '',
    made,
    '',
    `**${detectionHeadline(detection)}.**`,
    '',
    '## Wrong editions',
    '',
    'Caught: seeds on which one of its rules was broken. Requests and seconds: medians, from the start of the run until the books of the first customer with such a violation were closed, on the way that needs the fewest requests.',
    '',
    ...table(
      [
        '',
        'defect',
        'what it does',
        'classes',
        'needs',
        'caught',
        'by',
        'cheapest way',
        'requests',
        'seconds',
      ],
      rows.map((row) => rowOf(row)),
    ),
    '',
    ...(medians.length === 0 ? [] : [`Slowest median: ${Math.max(...medians).toFixed(1)} s.`, '']),
    ...wholeMatrix(detection),
    '## The right server',
    '',
    `The same ways without a defect, and what one profile forbids under the one that wants it: ${number(rightTotals(detection).runs)} runs, ${number(rightTotals(detection).alarms)} false alarms.`,
    '',
    ...table(
      ['way', 'runs', 'valid', 'false alarms', 'unknown'],
      right.map(({ way, runs, valid, alarms: wrong, unknown }) => [
        way,
        ...[runs, valid, wrong, unknown].map((count) => number(count)),
      ]),
    ),
    '',
    ...alarms.map(
      ({ way, seed, verdict, why }) =>
        `- ${wayName(way)}, seed ${seed}: ${verdict}, ${cell(visible(why ?? ''))}`,
    ),
    ...(alarms.length > 0 ? [''] : []),
    ...notRunTexts(detection).map((text) => `- not run: ${cell(visible(text))}`),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function rowOf(row: DetectionRow): readonly string[] {
  const { defect, cheapest, state } = row;
  return [
    STATE_MARK[state],
    `\`${defect.name}\``,
    defect.description,
    defect.bugClasses.join(', '),
    defect.needs.join(', '),
    onSeeds(row),
    `\`${ruleOf(row)}\``,
    cheapest?.way ?? wayName(defect.way),
    cheapest?.requests === undefined ? '–' : number(cheapest.requests),
    cheapest?.seconds === undefined ? '–' : cheapest.seconds.toFixed(1),
  ];
}

/** Where defects were looked at on more than their own way. */
function wholeMatrix(detection: Detection): readonly string[] {
  const { rows } = detection;
  if (rows.every(({ ways }) => ways.length < 2)) return [];
  const ways = waysOf(detection);
  return [
    '## Every way',
    '',
    'Seeds on which it was caught, of those looked at. No scenario has to catch everything: a blank 0 is what that scenario does not send.',
    '',
    ...table(
      ['defect', ...ways],
      rows.map(({ defect, ways: own }) => [
        `\`${defect.name}\``,
        ...ways.map((way) => {
          const one = own.find((figures) => figures.way === way);
          return one === undefined ? '' : onSeeds(one).replace(' of ', '/');
        }),
      ]),
    ),
    '',
  ];
}

function seedsText(seeds: readonly number[]): string {
  return seeds.length < 2 ? seeds.join('') : `${seeds[0]} to ${seeds.at(-1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
