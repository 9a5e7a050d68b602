/** The script's lines of the history: one JSON object a line on the console, which both engines carry away as it is. */
import type { HistoryEvent } from '../../harness/history/events.ts';

/** In both engines, but in neither's types. */
declare const console: { log(text: string): void };

/** Writes one event. `type` comes first, so that a reader tells history from other output by the line's start. */
export function emit(event: HistoryEvent): void {
  const { type, ...members } = event;
  console.log(JSON.stringify({ type, ...members }));
}

interface Clocked {
  readonly performance?: { readonly timeOrigin: number; now(): number };
}

/** Ms since the epoch; with fractions where the engine has a finer clock (k6 has none). */
export function now(): number {
  const { performance } = globalThis as Clocked;
  return performance === undefined ? Date.now() : performance.timeOrigin + performance.now();
}
