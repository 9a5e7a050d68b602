/** Laws of the history: what is written is read back, secrets apart; merging loses nothing and keeps each file's order. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { decodeLine, encodeEvent } from '../harness/history/codec.ts';
import { readHistories } from '../harness/history/merge.ts';
import { readHistory } from '../harness/history/reader.ts';
import { HistoryWriter } from '../harness/history/writer.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import { runEvent } from '../test/support/history-builder.ts';
import { prop } from './support/prop.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onceproof-laws-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = fc.double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true }).map((time) => time + 0);
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

/** An object without the members that are undefined: JSON has none. */
function compact<Event extends HistoryEvent>(event: {
  [Member in keyof Event]: Event[Member] | undefined;
}): Event {
  return JSON.parse(JSON.stringify(event)) as Event;
}

const event: fc.Arbitrary<HistoryEvent> = fc.oneof(
  fc.record({ type: fc.constant('retire' as const), at, customer: text }),
  fc.record({ type: fc.constant('credit' as const), at, customer: text, points: fc.integer() }),
  fc.record({ type: fc.constant('audited' as const), at, customer: text }),
  fc
    .record({ at, customer: maybe(text), valueMs: fc.integer(), frozen: fc.boolean() })
    .map((members) => compact({ type: 'clock', ...members })),
  fc
    .record({
      at,
      attempt: text,
      intent: text,
      key: maybe(fc.oneof(text, fc.array(text, { maxLength: 3 }))),
      customer: text,
      reward: text,
      points: fc.integer(),
      clientRedemptionId: maybe(text),
      payloadHash: text,
      via: fc.constantFrom('script' as const, 'raw' as const, 'settle' as const),
      actor: maybe(text),
    })
    .map((members) =>
      compact({ type: 'invoke', ...members, redemptionType: undefined, bodyHash: undefined }),
    ),
  fc
    .record({
      at,
      attempt: text,
      outcome: fc.constantFrom('ok' as const, 'fail' as const, 'info' as const),
      status: maybe(fc.integer({ min: 100, max: 599 })),
      code: maybe(text),
      redemption: maybe(text),
      customer: maybe(text),
      balance: maybe(fc.integer()),
      replayed: maybe(fc.boolean()),
      bodyHash: maybe(text),
      by: fc.constantFrom('server' as const, 'proxy' as const),
      error: maybe(text),
      leaks: maybe(fc.array(text, { maxLength: 3 })),
    })
    .map((members) => compact({ type: 'complete', ...members })),
  fc.record({
    type: fc.constant('observe' as const),
    at,
    until: at,
    customer: text,
    via: fc.constantFrom('script' as const, 'audit' as const),
    what: fc.constant('balance' as const),
    value: fc.integer(),
  }),
  fc.record({
    type: fc.constant('end' as const),
    at,
    reason: text,
    counts: fc.dictionary(fc.string({ maxLength: 5 }), fc.nat()),
  }),
);

prop('an event that was encoded is decoded to itself', [event], (one) => {
  expect(decodeLine(encodeEvent(one), 'f:1')).toEqual(JSON.parse(JSON.stringify(one)));
});

prop(
  'a token never reaches the line, wherever it stood',
  [event, fc.stringMatching(/^tok_[A-Za-z0-9]{12,20}$/)],
  (one, token) => {
    const leaky = { ...one, note: `Authorization: Bearer ${token}`, deep: { header: [`bearer ${token}`] } };
    const line = encodeEvent(leaky);
    expect(line).not.toContain(token);
    expect(decodeLine(line, 'f:1').type).toBe(one.type);
  },
);

prop(
  'a file gives back what was written, plain or packed, flushed at any time',
  [fc.array(event, { minLength: 1, maxLength: 20 }), fc.boolean(), fc.array(fc.nat(20))],
  async (events, isPacked, flushes) => {
    const path = join(folder, isPacked ? 'h.ndjson.gz' : 'h.ndjson');
    const writer = new HistoryWriter(path);
    for (const [index, one] of events.entries()) {
      writer.write(one);
      if (flushes.includes(index)) writer.flush();
    }
    writer.close();
    expect(await allOf(readHistory(path).batches())).toEqual(JSON.parse(JSON.stringify(events)));
  },
);

prop(
  'cut anywhere, a file gives whole events only and says that it was cut',
  [fc.array(event, { minLength: 1, maxLength: 5 }), fc.nat()],
  async (events, seed) => {
    const lines = events.map((one) => `${encodeEvent(one)}\n`);
    const bytes = Buffer.from(lines.join(''));
    const length = 1 + (seed % bytes.length);
    const path = join(folder, 'cut.ndjson');
    await writeFile(path, bytes.subarray(0, length));
    const history = readHistory(path);
    const read = await allOf(history.batches());
    expect(read).toEqual(JSON.parse(JSON.stringify(events.slice(0, read.length))));
    const whole = Buffer.byteLength(lines.slice(0, read.length).join(''));
    // The line end alone may be missing.
    expect(history.torn).toBe(length > whole);
  },
);

prop(
  'merging keeps every event, the order of each file, and the order of time',
  [fc.array(fc.array(fc.nat(50), { maxLength: 20 }), { minLength: 1, maxLength: 4 })],
  async (machines) => {
    const paths: string[] = [];
    for (const [machine, times] of machines.entries()) {
      const path = join(folder, `m${machine}.ndjson`);
      const events = times
        .toSorted((one, two) => one - two)
        .map((time, index) => ({ type: 'retire', at: time, customer: `${machine}/${index}` }));
      await writeFile(path, [runEvent(), ...events].map((one) => `${JSON.stringify(one)}\n`).join(''));
      paths.push(path);
    }
    const merged = await allOf(readHistories(paths).batches());
    const retired = merged.flatMap((one) => (one.type === 'retire' ? [one] : []));
    expect(merged.slice(0, machines.length).every(({ type }) => type === 'run')).toBe(true);
    expect(retired).toHaveLength(machines.flat().length);
    expect(retired.map((one) => one.at)).toEqual(machines.flat().toSorted((one, two) => one - two));
    for (const machine of machines.keys()) {
      const own = retired.filter(({ customer }) => customer.startsWith(`${machine}/`));
      expect(own.map(({ customer }) => customer)).toEqual(own.map((_one, index) => `${machine}/${index}`));
    }
  },
);

async function allOf(batches: AsyncIterable<readonly HistoryEvent[]>): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const batch of batches) events.push(...batch);
  return events;
}
