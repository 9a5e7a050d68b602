/** The events among the lines that a script printed: what its engine's standard output or log holds. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { usageError } from '../base/errors.ts';
import { checkEvent, decodeLine, isEventType } from './codec.ts';
import type { HistoryEvent } from './events.ts';
import { MAX_LINE_BYTES } from './reader.ts';

const NEWLINE = 10;
const BRACE = 123;

/**
 * The events of one file in their order, whatever the order of their members. Other lines are the script's own talk and
 * are left out. A line that is an event by its type, or begins as our events do, and is wrong, throws `history-line`.
 * `onTorn` is told of a last line that was cut off, as by a kill of its writer; without it that is an error, too.
 */
export async function* printedEvents(file: string, onTorn?: () => void): AsyncIterable<HistoryEvent> {
  const state = await stat(file).catch(() => undefined);
  if (state === undefined || state.isDirectory()) {
    const what = state === undefined ? 'no such file' : 'is a folder';
    throw usageError('history', what, { field: file, expected: 'lines that a script printed' });
  }
  let number = 0;
  for await (const { line, isWhole } of linesOf(file)) {
    number += 1;
    if (!isWhole && onTorn !== undefined && !isJson(line)) {
      onTorn();
      return;
    }
    const event = eventIn(line, `${file}:${number}`);
    if (event !== undefined) yield event;
  }
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function eventIn(bytes: Buffer, place: string): HistoryEvent | undefined {
  const start = bytes.indexOf(BRACE);
  // Only white space, or a mark of byte order, may stand before an event.
  if (start === -1 || bytes.toString('utf8', 0, start).trim() !== '') return undefined;
  const text = bytes.toString('utf8', start).trimEnd();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A torn event: the time or the type of one stands in it.
    return /^\{\s*"(?:type|at)"\s*:/.test(text) ? decodeLine(text, place) : undefined;
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const isOurs = typeof value.type === 'string' && isEventType(value.type);
  return isOurs || text.startsWith('{"type"') ? checkEvent(value, place) : undefined;
}

/** Without their line ends. A line longer than any event throws, before it is held. */
async function* linesOf(file: string): AsyncIterable<{ readonly line: Buffer; readonly isWhole: boolean }> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let number = 1;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(NEWLINE, start);
      const piece = chunk.subarray(start, end === -1 ? undefined : end);
      begunBytes += piece.length;
      if (begunBytes > MAX_LINE_BYTES)
        throw usageError('history-line', 'is longer than any event', {
          field: `${file}:${number}`,
          expected: `a line of at most ${MAX_LINE_BYTES} bytes`,
        });
      begun.push(piece);
      if (end === -1) break;
      yield { line: begun.length === 1 ? piece : Buffer.concat(begun), isWhole: true };
      begun = [];
      begunBytes = 0;
      number += 1;
      start = end + 1;
    }
  }
  if (begunBytes > 0) yield { line: Buffer.concat(begun), isWhole: false };
}
