/** Laws of judging on several cores: the verdict is that of one, to the last letter, however the customers are dealt out. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHistory } from '../harness/checker/check-history.ts';
import { judgeByParts } from '../harness/checker/cores/judge.ts';
import { Unusual } from '../harness/checker/cores/unusual.ts';
import { bytesOf, type HistoryBytes } from '../harness/history/bytes.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import { readHistory } from '../harness/history/reader.ts';
import { judged } from '../test/support/history-builder.ts';
import { localCrew } from '../test/support/local-parts.ts';
import { crowds, eventsOf } from './support/crowd.ts';
import { prop } from './support/prop.ts';

const GOLDEN = fileURLToPath(new URL('../test/histories/', import.meta.url));
const PART = { parts: fc.integer({ min: 2, max: 4 }), parcelOrders: fc.constantFrom(1, 3, 64) };

let recorded: HistoryEvent[][] = [];
let folder = '';

beforeAll(async () => {
  const names = (await readdir(GOLDEN)).filter((name) => name.endsWith('.ndjson')).toSorted();
  recorded = await Promise.all(
    names.map(async (name) => {
      const events: HistoryEvent[] = [];
      for await (const event of readHistory(GOLDEN + name)) events.push(event);
      return events;
    }),
  );
  folder = await mkdtemp(join(tmpdir(), 'onceproof-cores-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file that comes in pieces of any size. */
function inPieces(events: readonly HistoryEvent[], pieceBytes: number): HistoryBytes {
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return {
    path: 'drawn',
    torn: false,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  };
}

/** What several parts say; undefined where they leave it to one. */
async function byParts(
  files: readonly HistoryBytes[],
  parts: number,
  parcelOrders: number,
): Promise<unknown> {
  const crew = localCrew(parts, files.length, { parcelOrders, shelfBytes: 16 * 1024 });
  try {
    return await judgeByParts(files, crew);
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

describe('a history judged by several parts', () => {
  test.each([2, 3])('each recorded one, by %i', async (parts) => {
    for (const name of (await readdir(GOLDEN)).filter((each) => each.endsWith('.ndjson'))) {
      const one = await checkHistory([GOLDEN + name]);
      const many = await byParts([bytesOf(GOLDEN + name)], parts, 3);
      expect(JSON.stringify(many), name).toBe(JSON.stringify(one));
    }
  });

  const seen = { judged: 0, left: 0 };
  prop(
    'of a crowd it is what one says',
    [crowds, PART.parts, PART.parcelOrders, fc.integer({ min: 500, max: 20_000 })],
    async (crowd, parts, parcelOrders, pieceBytes) => {
      // As they are read: a line that stands there twice is two events.
      const events = eventsOf(crowd, recorded).map(
        (event) => JSON.parse(JSON.stringify(event)) as HistoryEvent,
      );
      const many = await byParts([inPieces(events, pieceBytes)], parts, parcelOrders);
      seen[many === undefined ? 'left' : 'judged'] += 1;
      if (many !== undefined) expect(JSON.stringify(many)).toBe(JSON.stringify(judged(events)));
    },
    { runs: 120 },
  );

  test('and hardly ever it is left to one', () => {
    expect(seen.judged).toBeGreaterThan(20 * seen.left);
  });

  prop(
    'of a crowd in several files it is what one says',
    [crowds, PART.parts, PART.parcelOrders, fc.integer({ min: 2, max: 3 }), fc.nat(30)],
    async (crowd, parts, parcelOrders, count, aheadMs) => {
      const [run, ...events] = eventsOf(crowd, recorded);
      const end = events.pop();
      if (run?.type !== 'run' || end === undefined) return;
      const files = Array.from({ length: count }, (_, file): HistoryEvent[] => [
        { ...run, clock: { aheadMs: file * aheadMs, uncertaintyMs: 1, source: 'date' } },
        ...events.filter((_event, index) => index % count === file),
        end,
      ]);
      const paths = files.map((_, file) => join(folder, `${file}.ndjson`));
      for (const [file, path] of paths.entries())
        await writeFile(path, files[file]?.map((event) => JSON.stringify(event)).join('\n') ?? '');
      const many = await byParts(
        paths.map((path) => bytesOf(path)),
        parts,
        parcelOrders,
      );
      if (many !== undefined) expect(JSON.stringify(many)).toBe(JSON.stringify(await checkHistory(paths)));
    },
    { runs: 40 },
  );
});
