import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHistory } from '../../harness/checker/check-history.ts';
import { readHistories } from '../../harness/history/merge.ts';
import { readHistory } from '../../harness/history/reader.ts';
import { HistoryWriter } from '../../harness/history/writer.ts';
import type { HistoryEvent, RunEvent } from '../../harness/history/events.ts';
import { drawHistory, runEvent } from '../support/history-builder.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onceproof-history-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function fileOf(text: string | Uint8Array, ending = '.ndjson'): Promise<string> {
  const path = join(folder, `h${++count}${ending}`);
  await writeFile(path, text);
  return path;
}

function linesOf(events: readonly HistoryEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

async function all(history: AsyncIterable<HistoryEvent>): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of history) events.push(event);
  return events;
}

function oneIntent(id: string, runId = 'r1', start = 0): HistoryEvent[] {
  const history = drawHistory({ runId });
  history.tick(start);
  const customer = history.customer(`cust-${id}`);
  const coffee = customer.intent(id);
  coffee.ok(`rdm-${id}`);
  customer.auditWith([{ intent: coffee, redemption: `rdm-${id}` }]);
  return history.events();
}

describe('HistoryWriter', () => {
  test.each(['.ndjson', '.ndjson.gz'])('what was written is read back (%s)', async (ending) => {
    const path = join(folder, `w${++count}${ending}`);
    const events = oneIntent('i-1');
    const writer = new HistoryWriter(path);
    for (const event of events) writer.write(event);
    writer.flush();
    writer.close();
    writer.close();
    expect(await all(readHistory(path))).toEqual(events);
  });

  test('a script’s line is taken as it is, without its credentials', async () => {
    const path = join(folder, `w${++count}.ndjson`);
    const writer = new HistoryWriter(path, { secrets: ['tok_abcdefgh'] });
    writer.writeLine('{"type":"retire","at":1,"customer":"tok_abcdefgh"}');
    writer.writeLine('{"type":"retire","at":1,"customer":"Bearer xyz"}');
    writer.close();
    expect(await readFile(path, 'utf8')).toBe(
      '{"type":"retire","at":1,"customer":"[redacted]"}\n{"type":"retire","at":1,"customer":"Bearer [redacted]"}\n',
    );
  });

  test('what was flushed survives a kill -9', async () => {
    const path = join(folder, `w${++count}.ndjson`);
    const writer = JSON.stringify(new URL('../../harness/history/writer.ts', import.meta.url).href);
    const script = `import(${writer}).then(({ HistoryWriter }) => {
      const writer = new HistoryWriter(${JSON.stringify(path)});
      writer.write({ type: 'retire', at: 1, customer: 'kept' });
      writer.flush();
      writer.write({ type: 'retire', at: 2, customer: 'in memory' });
      process.kill(process.pid, 'SIGKILL');
    })`;
    await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script]).catch(() => undefined);
    expect(await readFile(path, 'utf8')).toBe('{"type":"retire","at":1,"customer":"kept"}\n');
  });

  test('a file that cannot be made is the harness’s failure', () => {
    expect(() => new HistoryWriter(join(folder, 'no', 'such', 'folder.ndjson'))).toThrow(
      /cannot be written.*ENOENT/,
    );
  });
});

describe('readHistory', () => {
  test('reads over the borders of its buffer, and characters of several bytes', async () => {
    const events: HistoryEvent[] = [runEvent()];
    for (let number = 0; number < 20_000; number++)
      events.push({ type: 'retire', at: number, customer: `cust-${number}-\u00e9\u{1f600}` });
    expect(await all(readHistory(await fileOf(linesOf(events))))).toEqual(events);
  });

  test('a last line that was cut off is told, not fatal', async () => {
    const events = oneIntent('i-1');
    const path = await fileOf(linesOf(events).slice(0, -20));
    const history = readHistory(path);
    expect(await all(history)).toEqual(events.slice(0, -1));
    expect(history.torn).toBe(true);
    expect(await checkHistory([path])).toMatchObject({
      verdict: 'unknown',
      reasons: [
        `the last line of 1 file was cut off (${path})`,
        'the history has no end event: the run was cut off',
      ],
    });
  });

  test('a whole last line needs no line end', async () => {
    const events = oneIntent('i-1');
    const history = readHistory(await fileOf(linesOf(events).trimEnd()));
    expect(await all(history)).toEqual(events);
    expect(history.torn).toBe(false);
  });

  test('a gzip file is known by its first bytes, and may be cut off', async () => {
    const events = oneIntent('i-1');
    expect(await all(readHistory(await fileOf(gzipSync(linesOf(events)))))).toEqual(events);
    const torn = readHistory(await fileOf(gzipSync(linesOf(events)).subarray(0, -30)));
    await all(torn);
    expect(torn.torn).toBe(true);
  });

  test('blank lines, a BOM and Windows line ends are no events', async () => {
    const events = oneIntent('i-1');
    const text = `\ufeff${linesOf(events).replaceAll('\n', '\r\n')}\n  \n`;
    expect(await all(readHistory(await fileOf(text)))).toEqual(events);
  });

  test('a bad line is named by file and line', async () => {
    const path = await fileOf(`${linesOf([runEvent()])}\nnonsense\n`);
    await expect(all(readHistory(path))).rejects.toThrow(`${path}:3: is not JSON`);
  });

  test.each([
    ['an empty file', '', /holds no events/],
    [
      'a file without a run event',
      '{"type":"retire","at":1,"customer":"a"}\n',
      /does not start with a run event.*found "retire"/,
    ],
  ])('%s', async (_name, text, message) => {
    await expect(checkHistory([await fileOf(text)])).rejects.toThrow(message);
  });

  test('a file that is not there, and a folder', async () => {
    await expect(checkHistory([join(folder, 'nobody.ndjson')])).rejects.toThrow(/cannot be read.*ENOENT/);
    await expect(checkHistory([folder])).rejects.toThrow(/is a folder|EISDIR/);
    await expect(checkHistory([])).rejects.toThrow(/no history was named/);
  });
});

describe('readHistories', () => {
  test('merges many machines by time, each with its own run and end', async () => {
    const [one, two] = [oneIntent('i-1'), oneIntent('i-2', 'r1', 5)];
    const paths = [await fileOf(linesOf(one)), await fileOf(gzipSync(linesOf(two)))];
    const merged: HistoryEvent[] = [];
    for await (const batch of readHistories(paths).batches()) merged.push(...batch);
    expect(merged).toHaveLength(one.length + two.length);
    expect(merged.slice(0, 2).map(({ type }) => type)).toEqual(['run', 'run']);
    const times = merged.flatMap((event) => (event.type === 'run' ? [] : [event.at]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await checkHistory(paths)).toMatchObject({
      verdict: 'valid',
      counts: { intents: 2, customers: 2 },
    });
  });

  test('a file without its end makes the whole unknown', async () => {
    const paths = [
      await fileOf(linesOf(oneIntent('i-1'))),
      await fileOf(linesOf(oneIntent('i-2').slice(0, -1))),
    ];
    expect(await checkHistory(paths)).toMatchObject({ verdict: 'unknown' });
  });

  test('a history from before a row was there agrees with one that holds its old meaning', async () => {
    const old = oneIntent('i-1').map((event) =>
      event.type === 'run' ? withoutRow(event, 'keyScope') : event,
    );
    const paths = [await fileOf(linesOf(old)), await fileOf(linesOf(oneIntent('i-2')))];
    const verdict = await checkHistory(paths);
    expect(verdict).toMatchObject({ verdict: 'valid', run: { contract: { keyScope: 'customer' } } });
    const other = await fileOf(linesOf([runEvent({ contract: { keyScope: 'global' } })]));
    await expect(checkHistory([paths[0] ?? '', other])).rejects.toThrow(/found "another keyScope"/);
  });

  test('another run, or another contract, is refused by name', async () => {
    const first = await fileOf(linesOf(oneIntent('i-1')));
    const other = await fileOf(linesOf(oneIntent('i-2', 'r2')));
    await expect(checkHistory([first, other])).rejects.toThrow(
      `${other}: is of another run; expected run id r1`,
    );
    const changed = await fileOf(linesOf([runEvent({ contract: { ttlMs: 5 } })]));
    await expect(checkHistory([first, changed])).rejects.toThrow(
      /expected the contract of .*found "another ttlMs"/,
    );
  });
});

function withoutRow(event: RunEvent, row: 'keyScope'): RunEvent {
  const { [row]: _, ...contract } = event.contract;
  return { ...event, contract };
}
