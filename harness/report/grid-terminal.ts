/** The grid of a sweep for a terminal: a letter a column, a row a message. */

import type { SweepSummary } from '../model/verdict.ts';
import { clipped, visible } from './format.ts';
import {
  coverageText,
  gridOf,
  KIND_SHORT,
  STATE_MARK,
  STATE_TEXT,
  type CellState,
  type GridCell,
} from './grid.ts';

type Format = 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'gray' | 'bold';
type Paint = (format: Format, text: string) => string;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const FORMATS: Readonly<Record<CellState, Format>> = {
  held: 'green',
  serialised: 'cyan',
  queued: 'cyan',
  unstable: 'yellow',
  unreached: 'gray',
  broken: 'red',
  none: 'gray',
};
const SHOWN_STATES = ['held', 'serialised', 'queued', 'unstable', 'unreached', 'broken'] as const;

/** Lines, none for a run that is no sweep. */
export function gridLines(sweep: SweepSummary, paint: Paint, columns: number): string[] {
  const { kinds, groups } = gridOf(sweep);
  if (groups.length === 0) return [];
  const room = Math.max(24, columns - kinds.length * 2 - 8);
  const names = groups.flatMap(({ rows }) => rows.map(({ spot }) => shown(spot)));
  const width = Math.min(room, Math.max(...names.map((name) => name.length)));
  const lines = [
    `${paint('bold', 'Stands')}  ${coverageText(sweep)}`,
    `  ${' '.repeat(width + 4)}${kinds.map((_, index) => LETTERS[index] ?? '?').join(' ')}`,
  ];
  for (const { title, rows } of groups) {
    lines.push(paint('gray', `  ${clipped(visible(title), columns - 2)}`));
    for (const { spot, cells } of rows) {
      const number = String(spot.k).padStart(3);
      lines.push(
        `${number} ${clipped(shown(spot), width).padEnd(width)}  ${cells.map((cell) => cellText(cell, paint)).join(' ')}`,
      );
    }
  }
  const states = SHOWN_STATES.filter((state) =>
    groups.some(({ rows }) => rows.some(({ cells }) => cells.some((cell) => cell.state === state))),
  );
  lines.push('');
  for (const state of states)
    lines.push(`  ${paint(FORMATS[state], STATE_MARK[state])} ${STATE_TEXT[state]}`);
  lines.push(
    ...legend(
      kinds.map((kind, index) => `${LETTERS[index] ?? '?'} ${KIND_SHORT[kind]}`),
      columns,
    ),
  );
  for (const { kind, why } of sweep.left) lines.push(paint('gray', `  no ${visible(kind)}: ${visible(why)}`));
  return lines;
}

function shown({ door, name }: { readonly door: string; readonly name: string }): string {
  return door === 'server' ? visible(name) : `${visible(door)}: ${visible(name)}`;
}

function cellText({ state }: GridCell, paint: Paint): string {
  return paint(FORMATS[state], STATE_MARK[state]);
}

function legend(entries: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const entry of entries) {
    if (line.length + entry.length + 3 > columns && line !== ' ') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${entry} ·`;
  }
  if (line !== ' ') lines.push(line);
  return lines.map((text) => text.replace(/ ·$/, ''));
}
