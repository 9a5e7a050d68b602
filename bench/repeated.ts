/**
 * A history of any length at next to no cost: one block of it is written once, and every number in it that must be new
 * is overwritten where it stands.
 */

import { benchEvents } from './history.ts';
import type { HistoryEvent } from '../harness/history/events.ts';

/** Customers of a block; they take turns as in a run. */
const BLOCK = 500;
const START = 1_800_000_000_000;

/** The run and its customers, four attempts each, rounded up to whole blocks; no end. */
export function* repeated(customers: number): Generator<Buffer> {
  const [run, ...events] = benchEvents(BLOCK);
  const lines = events.filter(({ type }) => type !== 'end');
  const spanMs = Math.ceil(lastAt(lines) - START) + 1000;
  yield Buffer.from(`${JSON.stringify(run)}\n`);
  // A place for the number of the block in every name, and times of whole ms.
  const text = lines.map((event) => `${JSON.stringify(event, named)}\n`).join('');
  const block = Buffer.from(text);
  const names = placesOf(text, MARK);
  const times = placesOf(text, TIME).map((at) => ({ at, ms: Number(text.slice(at, at + 13)) }));
  for (let made = 0, number = 0; made < customers; made += BLOCK, number++) {
    const name = String(number).padStart(MARK.length, '0');
    for (const at of names) block.write(name, at, 'latin1');
    for (const { at, ms } of times) block.write(String(ms + number * spanMs), at, 'latin1');
    yield block;
  }
}

export function endLine(): Buffer {
  const end: HistoryEvent = { type: 'end', at: 9_000_000_000_000, reason: 'finished', counts: {} };
  return Buffer.from(`${JSON.stringify(end)}\n`);
}

const MARK = '@@@@@@@';
const TIME = /(?<="(?:at|until|endedAt)":)\d{13}/g;
const NAMES = new Set([
  'customer',
  'intent',
  'key',
  'redemption',
  'clientRedemptionId',
  'redemption_id',
  'idempotency_key',
  'client_redemption_id',
]);

function named(member: string, value: unknown): unknown {
  if (typeof value === 'number')
    return ['at', 'until', 'endedAt'].includes(member) ? Math.floor(value) : value;
  if (typeof value !== 'string') return value;
  if (member === 'attempt') return value.replace(/\.(\d+)$/, `-${MARK}.$1`);
  return NAMES.has(member) ? `${value}-${MARK}` : value;
}

function placesOf(text: string, what: string | RegExp): number[] {
  const pattern = typeof what === 'string' ? new RegExp(what, 'g') : what;
  return [...text.matchAll(pattern)].map(({ index }) => index);
}

function lastAt(events: readonly HistoryEvent[]): number {
  return events.reduce((last, event) => ('at' in event ? Math.max(last, event.at) : last), 0);
}
