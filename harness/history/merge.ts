/** The histories of many machines as one: merged by time, of one run and one contract. */

import { basename } from 'node:path';
import { usageError } from '../base/errors.ts';
import { wholeContract, type Contract } from '../model/contract.ts';
import type { HistoryEvent, RunEvent } from './events.ts';
import { shifted } from './shift.ts';
import { readHistory, type HistoryReader } from './reader.ts';

/** The histories of many machines as one: by time, each with its own `run` and `end`. */
export interface MergedHistory {
  /** Files whose last line was cut off; known once everything has been read. */
  readonly torn: readonly string[];
  batches(): AsyncIterable<readonly HistoryEvent[]>;
}

/**
 * Merges files by the time of their events; within a file the order stays. Each must start with a `run` event,
 * and all must be of one run id and one contract: else `history-merge` names the file that differs.
 */
export function readHistories(paths: readonly string[]): MergedHistory {
  const readers = paths.map((path) => readHistory(path));
  return {
    get torn() {
      return readers.filter((reader) => reader.torn).map((reader) => reader.path);
    },
    batches: () => mergedBatches(readers),
  };
}

async function* mergedBatches(readers: readonly HistoryReader[]): AsyncGenerator<readonly HistoryEvent[]> {
  if (readers.length === 0)
    throw usageError('history-file', 'no history was named', { expected: 'one or more history files' });
  const cursors = readers.map((reader, index) => new Cursor(reader, readers.length > 1 ? index : undefined));
  try {
    for (const cursor of cursors) await cursor.fill();
    assertOneRun(cursors);
    while (cursors.length > 0) {
      const batch: HistoryEvent[] = [];
      // As long as every file has an event at hand the earliest is known without waiting.
      while (cursors.every((cursor) => cursor.head !== undefined)) batch.push(earliest(cursors).take());
      if (batch.length > 0) yield batch;
      for (const cursor of [...cursors]) {
        if (cursor.head === undefined && !(await cursor.fill())) cursors.splice(cursors.indexOf(cursor), 1);
      }
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

class Cursor {
  readonly reader: HistoryReader;
  readonly #batches: AsyncIterator<readonly HistoryEvent[]>;
  #batch: readonly HistoryEvent[] = [];
  #index = 0;
  readonly #place: number | undefined;
  #shiftMs = 0;

  /** `place`: which of several files it is. */
  constructor(reader: HistoryReader, place: number | undefined) {
    this.#place = place;
    this.reader = reader;
    this.#batches = reader.batches()[Symbol.asyncIterator]();
  }

  get head(): HistoryEvent | undefined {
    return this.#batch[this.#index];
  }

  /** Whether there is more. */
  async fill(): Promise<boolean> {
    const next = await this.#batches.next();
    this.#batch = next.done === true ? [] : this.#ofPlace(next.value);
    this.#index = 0;
    return next.done !== true;
  }

  take(): HistoryEvent {
    const event = this.#batch[this.#index++];
    if (event === undefined) throw new Error('took from an empty batch');
    return event;
  }

  /** On the clock that all files have in common, and with faults that are told apart from those of the others. */
  #ofPlace(batch: readonly HistoryEvent[]): readonly HistoryEvent[] {
    if (this.#place === undefined) return batch;
    const [first] = batch;
    if (first?.type === 'run') this.#shiftMs = first.clock?.aheadMs ?? 0;
    return batch.map((event) => {
      const moved = shifted(event, this.#shiftMs);
      return moved.type === 'fault' ? { ...moved, id: `${this.#place}/${moved.id}` } : moved;
    });
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}

function earliest(cursors: readonly Cursor[]): Cursor {
  return cursors.reduce((best, next) => (timeOf(next.head) < timeOf(best.head) ? next : best));
}

function timeOf(event: HistoryEvent | undefined): number {
  if (event === undefined) return Infinity;
  // Every file's run comes before any other event, whatever the clocks of the machines say.
  return event.type === 'run' ? -Infinity : event.at;
}

function assertOneRun(cursors: readonly Cursor[]): void {
  const [first, ...others] = cursors.map(({ reader, head }) => ({
    path: reader.path,
    run: runOf(reader.path, head),
  }));
  for (const other of others) {
    if (first === undefined) return;
    if (other.run.runId !== first.run.runId)
      throw mergeError(
        other.path,
        `run id ${first.run.runId}, as in ${basename(first.path)}`,
        other.run.runId,
      );
    const row = differingRow(first.run, other.run);
    if (row !== undefined)
      throw mergeError(other.path, `the contract of ${basename(first.path)}`, `another ${row}`);
  }
}

function runOf(path: string, event: HistoryEvent | undefined): RunEvent {
  if (event?.type === 'run') return event;
  throw usageError('history-start', 'does not start with a run event', {
    field: path,
    expected: 'a run event in line 1',
    found: event?.type ?? 'nothing',
  });
}

function differingRow(one: RunEvent, two: RunEvent): string | undefined {
  const [first, second] = [wholeContract(one.contract), wholeContract(two.contract)];
  const rows = Object.keys(first) as (keyof Contract)[];
  return rows.find((row) => JSON.stringify(first[row]) !== JSON.stringify(second[row]));
}

function mergeError(path: string, expected: string, found: string): Error {
  return usageError('history-merge', 'is of another run', { field: path, expected, found });
}
