/** Files that several pods printed: what each of them is, and all their events by time on one clock. */

import type { ClockReading } from '../model/common-clock.ts';
import type { HistoryEvent, RunEvent } from './events.ts';
import { printedEvents } from './printed.ts';
import { shifted } from './shift.ts';

/** One file, read once through. */
export interface Survey {
  readonly file: string;
  readonly runs: readonly RunEvent[];
  readonly first: HistoryEvent | undefined;
  /** When its last event was written, by its own clock. */
  readonly lastAt: number;
  /** Why its runs ended; fewer than `runs`: the writer died. */
  readonly endReasons: readonly string[];
  /** Its last line was cut off. */
  readonly isTorn: boolean;
  /** Customers that were read back already. */
  readonly audited: ReadonlySet<string>;
}

export async function surveyOf(file: string): Promise<Survey> {
  const runs: RunEvent[] = [];
  const endReasons: string[] = [];
  const audited = new Set<string>();
  let first: HistoryEvent | undefined;
  let lastAt = -Infinity;
  let isTorn = false;
  for await (const event of printedEvents(file, () => (isTorn = true))) {
    first ??= event;
    if (event.type === 'run') runs.push(event);
    else {
      lastAt = Math.max(lastAt, event.type === 'observe' ? event.until : event.at);
      if (event.type === 'end') endReasons.push(event.reason);
      if (event.type === 'audited') audited.add(event.customer);
    }
  }
  return { file, runs, first, lastAt, endReasons, isTorn, audited };
}

/**
 * By how much a file's times are moved: by what its writer learnt of the common clock, less what this process did (`own`);
 * and never beyond `now`, when all that is in it had been written.
 */
export function shiftOf({ runs, lastAt }: Survey, own: ClockReading | undefined, now: number): number {
  const clock = runs[0]?.clock;
  const ahead = clock === undefined || own === undefined ? 0 : clock.aheadMs - own.aheadMs;
  return Number.isFinite(lastAt) ? Math.min(ahead, now - lastAt) : ahead;
}

export interface PodEvent {
  readonly event: HistoryEvent;
  /** Which of the files, from 0. */
  readonly index: number;
}

/** The events of all files by their moved times; within a file the order stays. */
export async function* eventsByTime(
  files: readonly { readonly file: string; readonly shiftMs: number }[],
): AsyncIterable<PodEvent> {
  const cursors = files.map(({ file, shiftMs }, index) => ({
    index,
    shiftMs,
    events: printedEvents(file, () => undefined)[Symbol.asyncIterator](),
    head: undefined as HistoryEvent | undefined,
  }));
  const fill = async (cursor: (typeof cursors)[number]): Promise<void> => {
    const next = await cursor.events.next();
    cursor.head = next.done === true ? undefined : shifted(next.value, cursor.shiftMs);
  };
  await Promise.all(cursors.map(fill));
  for (;;) {
    let earliest: (typeof cursors)[number] | undefined;
    for (const cursor of cursors)
      if (cursor.head !== undefined && timeOf(cursor.head) < timeOf(earliest?.head)) earliest = cursor;
    if (earliest?.head === undefined) return;
    yield { event: earliest.head, index: earliest.index };
    await fill(earliest);
  }
}

function timeOf(event: HistoryEvent | undefined): number {
  if (event === undefined) return Infinity;
  return event.type === 'run' ? -Infinity : event.at;
}
