import { gzipSync } from 'node:zlib';
import { PROFILES } from '../../harness/model/contract.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { row, type Row } from './row.ts';
import { classes, differences } from './shape.ts';

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

/** Made when it is asked for: some are large. */
type Content = () => string | Buffer;

function history(
  title: string,
  content: string | Buffer | Content,
  code: number,
  line: RegExp,
): Row<Content> {
  return row(title, typeof content === 'function' ? content : () => content, code, line);
}

/** The bytes of a file that `check` is given. */
export const HISTORIES: readonly Row<Content>[] = [
  history('nothing', '', 4, /holds no events/),
  history('blank lines', '\n\n\n', 4, /holds no events|run event/),
  history('no JSON', lines('this is no history'), 4, /:1/),
  history('JSON that is no object', lines('[1,2]'), 4, /:1.*object/),
  history('null', lines('null'), 4, /:1/),
  history('a number', lines('7'), 4, /:1/),
  history('bytes that are no text', Buffer.from([0, 1, 2, 255, 254, 10, 7, 8, 10]), 4, /:1/),
  history('text in UTF-16', Buffer.from(lines(RUN), 'utf16le'), 4, /:1/),
  history('a mark of byte order', `\uFEFF${lines(RUN, INVOKE, COMPLETE, END)}`, 2, /./),
  history('lines that end as in Windows', lines(RUN, INVOKE, END).replaceAll('\n', '\r\n'), 2, /./),
  history('a page of HTML', '<!doctype html><html></html>\n', 4, /:1/),
  history('an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 4, /:1|holds no events/),
  history('no run event', lines(INVOKE, END), 4, /run event/),
  history('an event before the run', lines(INVOKE, RUN, END), 4, /run event/),
  history('a schema of later', lines({ ...RUN, schema: 2 }, END), 4, /schema/),
  history('a run without a contract', lines({ ...RUN, contract: undefined }, END), 4, /contract/),
  history('a contract without a row', lines({ ...RUN, contract: { profile: 'seed' } }, END), 4, /contract/),
  history('a run without a target', lines({ ...RUN, target: null }, END), 4, /target/),
  history('a run that starts twice', lines(RUN, RUN, END), 2, /./),
  history('an event of no type', lines(RUN, { at: 1 }), 4, /:2.*type/),
  history('a type that is a number', lines(RUN, { type: 7, at: 1 }), 4, /:2.*type/),
  history('an event that nobody knows', lines(RUN, { type: 'surprise', at: 1 }), 4, /:2.*surprise/),
  history(
    'a stack of events that nobody knows',
    () => `${lines(RUN)}${'{"type":"surprise","at":1}\n'.repeat(300_000)}`,
    4,
    /:2.*surprise/,
  ),
  history(
    'a type of every object',
    lines(RUN, { type: 'constructor', at: 1, prototype: 1 }),
    4,
    /:2.*constructor/,
  ),
  history('an event without its time', lines(RUN, { ...INVOKE, at: undefined }), 4, /:2.*at/),
  history('a time in words', lines(RUN, { ...INVOKE, at: 'noon' }), 4, /:2.*at/),
  history(
    'a time beyond numbers',
    lines(RUN, JSON.stringify(COMPLETE).replace('"at":2', '"at":1e999')),
    4,
    /:2.*at/,
  ),
  history('points beyond numbers', lines(RUN, JSON.stringify(INVOKE).replace('5', '1e999')), 4, /:2.*points/),
  history('a key that is an object', lines(RUN, { ...INVOKE, key: {} }), 4, /:2.*key/),
  history('an outcome that is none', lines(RUN, INVOKE, { ...COMPLETE, outcome: 'maybe' }), 4, /:3.*outcome/),
  history('a status in words', lines(RUN, INVOKE, { ...COMPLETE, status: 'fine' }), 4, /:3.*status/),
  history('leaks that are no list', lines(RUN, INVOKE, { ...COMPLETE, leaks: 'a' }), 4, /:3.*leaks/),
  history('an answer to nobody', lines(RUN, COMPLETE, END), 2, /./),
  history('an answer before its question', lines(RUN, { ...INVOKE, at: 9 }, COMPLETE, END), 2, /./),
  history('two answers to one attempt', lines(RUN, INVOKE, COMPLETE, COMPLETE, END), 2, /./),
  history('an attempt twice', lines(RUN, INVOKE, INVOKE, COMPLETE, END), 2, /./),
  history('no end', lines(RUN, INVOKE, COMPLETE), 2, /./),
  history('an end with counts in words', lines(RUN, { ...END, counts: { invoke: 'many' } }), 4, /:2.*counts/),
  history('a last line that is torn', lines(RUN, INVOKE) + '{"type":"comp', 2, /./),
  history('a torn line in the middle', lines(RUN, '{"type":"comp', END), 4, /:2/),
  history('an end that is not the last', lines(RUN, END, INVOKE), 2, /./),
  history('JSON nested without end', lines(RUN, deep(200_000)), 4, /:2/),
  history(
    'a member nested without end',
    lines(RUN, `{"type":"fault","at":1,"detail":{"a":${deep(100_000)}}}`),
    4,
    /:2/,
  ),
  history('a prototype for a member', lines(RUN, '{"__proto__":{"type":"end"},"at":1}'), 4, /:2.*type/),
  history('a member twice', lines(RUN, JSON.stringify(INVOKE).replace('{', '{"type":"end",')), 2, /./),
  history(
    'a name of every object',
    lines(RUN, { ...INVOKE, customer: '__proto__', intent: 'constructor', attempt: 'constructor.1' }, END),
    2,
    /./,
  ),
  history(
    'control characters in names',
    lines(RUN, { ...INVOKE, customer: '\u001b[31mred\u0007' }, END),
    2,
    /./,
  ),
  history(
    'half of a letter in names',
    lines(RUN, { ...INVOKE, intent: '\ud800', reward: '\udfff' }, END),
    2,
    /./,
  ),
  history('half a gzip', gzipSync(lines(RUN, INVOKE, COMPLETE, END)).subarray(0, 60), 4, /./),
  history(
    'gzip in its first bytes only',
    Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip at all')]),
    4,
    /gzip/,
  ),
  history(
    'a gzip with rubbish after it',
    Buffer.concat([gzipSync(lines(RUN, END)), Buffer.from('rubbish')]),
    4,
    /gzip/,
  ),
  history('a gzip in a gzip', gzipSync(gzipSync(lines(RUN, END))), 4, /:1/),
  history('a gzip of newlines', () => gzipSync('\n'.repeat(20_000_000)), 4, /run event/),
  history(
    'one line of 70 MB',
    () => Buffer.concat([Buffer.from(lines(RUN)), Buffer.alloc(70_000_000, 120)]),
    4,
    /:2.*longer/,
  ),
];

const RIGHT: Readonly<Record<string, object>> = { run: RUN, invoke: INVOKE, complete: COMPLETE, end: END };
const SHAPED_BYTES = 4000;

/** Line by line: an event by what differs from a right one of its type. */
export function historyShape(content: Content): string {
  const bytes = Buffer.from(content());
  if (bytes.includes(0) || bytes[0] === 0x1f)
    return `${bytes.length > 1_000_000 ? 'long ' : ''}${classes(bytes.toString('latin1', 0, 200))}`;
  const text = bytes.toString('utf8', 0, SHAPED_BYTES);
  const shapes = text.split('\n').map((line) => {
    const event = eventIn(line);
    return event === undefined
      ? classes(line)
      : `${event.type}{${differences(event, RIGHT[event.type]).join(' ')}}`;
  });
  return shapes.join('\n');
}

function eventIn(line: string): { readonly type: string } | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
      ? { ...value, type: value.type }
      : undefined;
  } catch {
    return undefined;
  }
}
