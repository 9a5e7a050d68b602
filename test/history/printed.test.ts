import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { printedEvents } from '../../harness/history/printed.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-printed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RETIRE = '{"type":"retire","at":1,"customer":"c"}';

async function read(text: string | Buffer): Promise<HistoryEvent[]> {
  const file = join(folder, 'printed.ndjson');
  writeFileSync(file, text);
  const events: HistoryEvent[] = [];
  for await (const event of printedEvents(file)) events.push(event);
  return events;
}

test.each([
  ['the type first', RETIRE],
  ['the time first', '{"at":1,"type":"retire","customer":"c"}'],
  ['the type last', '{"customer":"c","at":1,"type":"retire"}'],
  ['white space before and within', '  { "customer" : "c", "type" : "retire", "at" : 1 }  '],
  ['a mark of byte order', `\uFEFF${RETIRE}`],
  ['a line end as in Windows', `${RETIRE}\r`],
])('an event is found with %s', async (_, line) => {
  expect(await read(`${line}\n`)).toEqual([{ type: 'retire', at: 1, customer: 'c' }]);
});

test('the talk of the script is left out, also where it is JSON', async () => {
  const talk = [
    'time="now" level=info msg="hello"',
    '{"level":"info","msg":"{}"}',
    '{"at":1,"type":"metric","value":7}',
    '{half a thought',
    '[1]',
    '',
    'null',
    `says ${RETIRE}`,
  ];
  expect(await read(`${talk.join('\n')}\n${RETIRE}`)).toHaveLength(1);
});

test.each([
  ['an event without a member, whatever comes first', '{"at":1,"type":"retire"}', /:2: bad retire event/],
  ['a torn event', '{"type":"retire","at":1,"cus', /:2: is not JSON/],
  ['a torn event in another order', '{"at":1,"customer":"c","ty', /:2: is not JSON/],
  ['an event that nobody knows, as ours begin', '{"type":"surprise","at":1}', /:2: unknown event type/],
])('%s is told', async (_, line, told) => {
  await expect(read(`${RETIRE}\n${line}\n${RETIRE}\n`)).rejects.toThrow(told);
});

test('a line longer than any event is told before it is held', async () => {
  const long = Buffer.alloc(65 * 1024 * 1024, 'x');
  await expect(read(Buffer.concat([Buffer.from(`${RETIRE}\n`), long]))).rejects.toThrow(
    /:2: is longer than any event/,
  );
});

test('no file, and a folder, are told', async () => {
  const first = (path: string) => printedEvents(path)[Symbol.asyncIterator]().next();
  await expect(first(join(folder, 'none'))).rejects.toThrow(/no such file/);
  await expect(first(folder)).rejects.toThrow(/is a folder/);
});
