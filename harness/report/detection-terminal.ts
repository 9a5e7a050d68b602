/** A detection matrix for a terminal. Strings out, nothing is printed here. */

import { wayName, type CellResult, type Detection, type DetectionRow } from '../model/detection.ts';
import {
  detectionHeadline,
  notRunTexts,
  onSeeds,
  RESULT_WORD,
  ruleOf,
  soon,
  STATE_MARK,
} from './detection.ts';
import { clipped, duration, visible } from './format.ts';
import { painter } from './terminal.ts';

const FORMAT = { caught: 'green', missed: 'red', undecided: 'yellow', failed: 'red' } as const;
const SHOWN = 8;

/** First what the exit code says, then a line a defect, then what is wrong or was left out. */
export function renderDetection(
  detection: Detection,
  options: { readonly report: string; readonly colour: boolean },
): string {
  const paint = painter(options.colour);
  const { result, rows, right, alarms, durationMs } = detection;
  const table = rows.map(lineOf);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...table.map((cells) => (cells[column] ?? '').length)),
  );
  const lines = [
    `${paint(FORMAT[result], RESULT_WORD[result])}  ${detectionHeadline(detection)}`,
    '',
    ...rows.map((row, index) => {
      const cells = (table[index] ?? []).map((text, column) => text.padEnd(widths[column] ?? 0));
      return `  ${paint(FORMAT[row.state], STATE_MARK[row.state])} ${cells.join('  ').trimEnd()}`;
    }),
    '',
    ...right.map(
      ({ way, runs, valid, alarms: wrong }) =>
        `  ${paint(wrong > 0 ? 'red' : valid < runs ? 'yellow' : 'green', wrong > 0 ? '✗' : valid < runs ? '?' : '✓')} right server, ${way}: ${valid} of ${runs} valid`,
    ),
  ];
  const wrong = [...alarms, ...missedCells(detection)];
  if (wrong.length > 0) lines.push('');
  for (const cell of wrong.slice(0, SHOWN)) lines.push(`  ${toldCell(cell)}`);
  if (wrong.length > SHOWN) lines.push(`  and ${wrong.length - SHOWN} more`);
  for (const text of notRunTexts(detection)) lines.push(`  not run: ${clipped(visible(text), 160)}`);
  lines.push('', `${duration(durationMs)}; report: ${options.report}/report.html`);
  return lines.join('\n');
}

function lineOf(row: DetectionRow): readonly string[] {
  const { defect, cheapest } = row;
  return [
    defect.name,
    onSeeds(row),
    ruleOf(row),
    cheapest === undefined ? wayName(defect.way) : cheapest.way,
    cheapest === undefined ? '' : soon(cheapest),
  ];
}

/** Cells of missed defects in which nothing of theirs was seen. */
function missedCells({ rows, cells }: Detection): readonly CellResult[] {
  const missed = new Set(rows.filter(({ state }) => state === 'missed').map(({ defect }) => defect.name));
  return cells.filter(({ subject, caughtBy }) => missed.has(subject) && caughtBy === undefined);
}

function toldCell({ subject, way, seed, verdict, why, dir }: CellResult): string {
  const where = dir === undefined ? '' : ` (${dir})`;
  return `${subject}, ${wayName(way)}, seed ${seed}: ${verdict}, ${clipped(visible(why ?? ''), 120)}${where}`;
}
