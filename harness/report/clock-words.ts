/** Moves of a clock in words: where it stands, and how far it was moved from where it would have been. Pure. */

import type { ClockEvent } from '../history/events.ts';
import { timeOfDay, visible } from './format.ts';

export interface ClockMove {
  readonly event: ClockEvent;
  /** By how much it was moved, ms; 0: it was stopped, or let run on. */
  readonly byMs: number;
}

/** Less than this between reading a clock and setting it is no move, ms. */
const SAME_MS = 1000;

/** The moves among the events, in order. What only says again how it stands is left out. */
export function movesOf(clocks: readonly ClockEvent[]): readonly ClockMove[] {
  const last = new Map<string, ClockEvent>();
  const moves: ClockMove[] = [];
  for (const event of clocks) {
    const before = last.get(event.customer ?? '');
    last.set(event.customer ?? '', event);
    const ranMs = before === undefined || before.frozen ? 0 : event.at - before.at;
    const expected = before === undefined ? event.at : before.valueMs + ranMs;
    const difference = event.valueMs - expected;
    const isMoved = before?.frozen === true ? difference !== 0 : Math.abs(difference) >= SAME_MS;
    if (!isMoved && (before?.frozen ?? false) === event.frozen) continue;
    moves.push({ event, byMs: isMoved ? difference : 0 });
  }
  return moves;
}

/** e.g. `the clock of cust_1 is moved 24 h - 1 ms ahead, to 2026-02-01 11:59:59 UTC, and stands`. */
export function moveText({ event, byMs }: ClockMove): string {
  const whose =
    event.customer === undefined ? "the store's clock" : `the clock of ${visible(event.customer)}`;
  if (byMs === 0) return event.frozen ? `${whose} is stopped` : `${whose} runs on`;
  const direction = byMs > 0 ? 'ahead' : 'back';
  return `${whose} is moved ${exactly(Math.abs(byMs))} ${direction}, to ${timeOfDay(event.valueMs)}${event.frozen ? ', and stands' : ''}`;
}

/** What fits onto a bar. */
export function moveLabel({ event, byMs }: ClockMove): string {
  if (byMs === 0) return event.frozen ? 'clock stopped' : 'clock runs on';
  return `clock ${byMs > 0 ? '+' : '−'}${exactly(Math.abs(byMs))}`;
}

const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;
/** A time that lies so near to a whole hour is told by it: that is what a boundary is about. ms */
const NEAR_MS = 1000;

/** To the millisecond: `24 h`, `24 h - 1 ms`, `1 h 5 min 3 s`. ms, not negative. */
export function exactly(ms: number): string {
  const whole = Math.round(ms / 3_600_000);
  const rest = ms - whole * 3_600_000;
  if (whole > 0 && rest !== 0 && Math.abs(rest) <= NEAR_MS)
    return `${whole} h ${rest > 0 ? '+' : '-'} ${Math.abs(rest)} ms`;
  const parts: string[] = [];
  let left = ms;
  for (const [unit, size] of UNITS) {
    const count = unit === 'ms' ? Math.round(left * 1000) / 1000 : Math.floor(left / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * size;
  }
  return parts.length === 0 ? '0 ms' : parts.join(' ');
}
