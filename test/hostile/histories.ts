import { gzipSync } from 'node:zlib';
import { PROFILES } from '../../harness/model/contract.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { row } from './row.ts';

const RUN = {
  type: 'run',
  schema: 1,
  runId: 'h',
  seed: '1',
  scenario: 'soak',
  engine: 'embedded',
  proxy: 'none',
  store: 'unknown',
  contract: PROFILES.seed,
  target: 'http://127.0.0.1:1',
  capabilities: NO_CAPABILITIES,
  startedAt: 0,
  faults: { profile: 'none', kinds: [] },
  client: 'seed',
};
const INVOKE = {
  type: 'invoke',
  at: 1,
  attempt: 'i.1',
  intent: 'i',
  key: 'k',
  customer: 'c',
  reward: 'r',
  points: 5,
  payloadHash: 'x',
  via: 'script',
};
const COMPLETE = { type: 'complete', at: 2, attempt: 'i.1', outcome: 'ok', status: 200, by: 'server' };
const END = { type: 'end', at: 3, reason: 'finished', counts: {} };
const lines = (...events: readonly unknown[]): string =>
  events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n') + '\n';
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** The bytes of a file that `check` is given. */
export const HISTORIES: readonly import('./row.ts').Row<string | Buffer>[] = [
  row('nothing', '', 4, /holds no events/),
  row('blank lines', '\n\n\n', 4, /holds no events|run event/),
  row('no JSON', lines('this is no history'), 4, /:1/),
  row('JSON that is no object', lines('[1,2]'), 4, /:1.*object/),
  row('null', lines('null'), 4, /:1/),
  row('bytes that are no text', Buffer.from([0, 1, 2, 255, 254, 10, 7, 8, 10]), 4, /:1/),
  row('text in UTF-16', Buffer.from(lines(RUN), 'utf16le'), 4, /:1/),
  row('a mark of byte order', `\uFEFF${lines(RUN, END)}`, 2, /./),
  row('a page of HTML', '<!doctype html><html></html>\n', 4, /:1/),
  row('no run event', lines(INVOKE, END), 4, /run event/),
  row('a schema of later', lines({ ...RUN, schema: 2 }, END), 4, /schema/),
  row('a run without a contract', lines({ ...RUN, contract: undefined }, END), 4, /contract/),
  row('a contract without a row', lines({ ...RUN, contract: { profile: 'seed' } }, END), 4, /contract/),
  row('a run that starts twice', lines(RUN, RUN, END), 2, /./),
  row('an event of no type', lines(RUN, { at: 1 }), 4, /:2.*type/),
  row('an event that nobody knows', lines(RUN, { type: 'surprise', at: 1 }), 4, /:2.*surprise/),
  row('an event without its time', lines(RUN, { ...INVOKE, at: undefined }), 4, /:2.*at/),
  row(
    'a time beyond numbers',
    lines(RUN, JSON.stringify(INVOKE).replace('"at":1', '"at":1e999')),
    4,
    /:2.*at/,
  ),
  row('a time in words', lines(RUN, { ...INVOKE, at: 'noon' }), 4, /:2.*at/),
  row('points beyond numbers', lines(RUN, JSON.stringify(INVOKE).replace('5', '1e999')), 4, /:2.*points/),
  row('an outcome that is none', lines(RUN, INVOKE, { ...COMPLETE, outcome: 'maybe' }), 4, /:3.*outcome/),
  row('an answer to nobody', lines(RUN, COMPLETE, END), 2, /./),
  row('an answer before its question', lines(RUN, { ...INVOKE, at: 9 }, COMPLETE, END), 2, /./),
  row('two answers to one attempt', lines(RUN, INVOKE, COMPLETE, COMPLETE, END), 2, /./),
  row('an attempt twice', lines(RUN, INVOKE, INVOKE, COMPLETE, END), 2, /./),
  row('no end', lines(RUN, INVOKE, COMPLETE), 2, /./),
  row('a last line that is torn', lines(RUN, INVOKE) + '{"type":"comp', 2, /./),
  row('a torn line in the middle', lines(RUN, '{"type":"comp', END), 4, /:2/),
  row('an end that is not the last', lines(RUN, END, INVOKE), 2, /./),
  row('JSON nested without end', lines(RUN, deep(200_000)), 4, /:2/),
  row('a prototype for a member', lines(RUN, '{"__proto__":{"type":"end"},"at":1}'), 4, /:2.*type/),
  row(
    'a name of every object',
    lines(RUN, { ...INVOKE, customer: '__proto__', intent: 'constructor', attempt: 'constructor.1' }, END),
    2,
    /./,
  ),
  row('control characters in names', lines(RUN, { ...INVOKE, customer: '\u001b[31mred\u0007' }, END), 2, /./),
  row('half a gzip', gzipSync(lines(RUN, INVOKE, COMPLETE, END)).subarray(0, 60), 4, /./),
  row(
    'gzip in its first bytes only',
    Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip at all')]),
    4,
    /gzip/,
  ),
  row(
    'a gzip with rubbish after it',
    Buffer.concat([gzipSync(lines(RUN, END)), Buffer.from('rubbish')]),
    4,
    /gzip/,
  ),
  row('a gzip of newlines', gzipSync('\n'.repeat(20_000_000)), 4, /run event/),
  row(
    'one line of 70 MB',
    Buffer.concat([Buffer.from(lines(RUN)), Buffer.alloc(70_000_000, 120)]),
    4,
    /:2.*longer/,
  ),
];
