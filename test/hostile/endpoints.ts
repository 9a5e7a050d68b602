import { gzipSync } from 'node:zlib';
import type { Asked, Spoil } from './endpoint-server.ts';
import { row, type Row } from './row.ts';
import { SECRET } from './secret.ts';
import { classes, jsonShape, masked } from './shape.ts';

/** What an endpoint does, and in which words that is told apart from what others do. */
export type Hostile = Spoil & { readonly shape?: string };

const shaped = (shape: string, spoil: Spoil): Hostile => Object.assign(spoil, { shape });
const redeems = (act: (asked: Asked) => void): Hostile =>
  shaped(`redeems ${masked(String(act))}`, (asked) => {
    if (asked.what !== 'redeem') return false;
    act(asked);
    return true;
  });
const first = (act: (asked: Asked) => void, shape = masked(String(act))): Hostile =>
  shaped(`first ${shape}`, (asked) => {
    if (asked.what !== 'redeem' || asked.number !== 1) return false;
    act(asked);
    return true;
  });
const reads = (
  what: 'balance' | 'list',
  text: (body: string) => string | Buffer,
  headers: Record<string, string> = {},
): Hostile =>
  shaped(`${what} ${bodyShape(text('{}'))} ${Object.keys(headers).join()}`, (asked) => {
    if (asked.what !== what) return false;
    asked.response.writeHead(200, { 'content-type': 'application/json', ...headers });
    asked.response.end(text(asked.body));
    return true;
  });
const raw = (text: string | Buffer): Hostile =>
  first(({ socket }) => void socket.end(text), `raw ${rawShape(text.toString('latin1'))}`);
const answer = (
  status: number,
  body: string | Buffer,
  headers: Record<string, string | string[]> = {},
): Hostile =>
  first(
    ({ response }) => void response.writeHead(status, headers).end(body),
    `answer ${Math.floor(status / 100)} ${bodyShape(body)} ${Object.entries(headers)
      .map(([name, value]) => `${name}:${typeof value === 'string' ? value.slice(0, 12) : value.length}`)
      .join()}`,
  );

/** Names of headers and how numbers stand in them stay; what is repeated stands once. */
function rawShape(text: string): string {
  return text
    .slice(0, 400)
    .replace(/\d+/g, '#')
    .replace(/(.{1,20}?)\1{3,}/gs, '$1+');
}

function bodyShape(body: string | Buffer): string {
  if (typeof body !== 'string') return body[0] === 0x1f ? 'gzip' : classes(body.toString('latin1'));
  return body.length > 50_000 ? `long ${classes(body.slice(0, 60))}` : jsonShape(body);
}

const NEVER_VALID = /UNKNOWN|INVALID/;
const SMALL_500 = 'HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}';
const SAME_ANSWER = /two answers of one key differ/;
const BY_ITSELF = /the server failed by itself: 500/;
/** A fault of one answer is what retries are for. */
const VALID = /✓ VALID/;

/** Writes for as long as somebody reads. */
function endlessly({ socket }: Asked, head: string, piece: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', more);
  };
  socket.write(head);
  more();
}

export const ENDPOINTS: readonly Row<Hostile>[] = [
  row(
    'one redeem is never answered',
    first(() => undefined),
    0,
    VALID,
  ),
  row(
    'a connection that is cut before the answer',
    first(({ socket }) => void socket.destroy()),
    0,
    VALID,
  ),
  row(
    'a reset',
    first(({ socket }) => void socket.resetAndDestroy()),
    0,
    VALID,
  ),
  row('half a head', raw('HTTP/1.1 200 O'), 0, VALID),
  row(
    'a head that never ends',
    first((asked) => endlessly(asked, 'HTTP/1.1 200 OK\r\n', `X-A: ${'a'.repeat(1000)}\r\n`)),
    0,
    VALID,
  ),
  row('no HTTP', raw('220 smtp.example.org ESMTP\r\n'), 0, VALID),
  row('a status of two digits', raw('HTTP/1.1 20 OK\r\n\r\n'), 0, VALID),
  row(
    'endless 1xx',
    first((asked) => endlessly(asked, '', 'HTTP/1.1 100 Continue\r\n\r\n')),
    0,
    VALID,
  ),
  row(
    'a change of protocol',
    raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    0,
    VALID,
  ),
  row(
    'less than it promised',
    raw('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"redemption_id":'),
    0,
    VALID,
  ),
  row('two lengths', raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'), 0, VALID),
  row('a chunk of no size', raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'), 0, VALID),
  row(
    'endless chunks',
    first((asked) =>
      endlessly(
        asked,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
        `4000\r\n${'a'.repeat(16_384)}\r\n`,
      ),
    ),
    0,
    VALID,
  ),
  row(
    'a body of 2 GB',
    first((asked) =>
      endlessly(asked, 'HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n', 'a'.repeat(65_536)),
    ),
    0,
    VALID,
  ),
  row(
    'a gzip that unpacks to 200 MB',
    answer(200, gzipSync(Buffer.alloc(200_000_000)), { 'content-encoding': 'gzip' }),
    0,
    VALID,
  ),
  row('a gzip that is none', answer(200, 'plain', { 'content-encoding': 'gzip' }), 0, VALID),
  row('one that does it and says 500', answer(500, 'oops'), 1, NEVER_VALID),
  row(
    'a body that is no JSON',
    redeems(({ response }) => void response.writeHead(200).end('<html>')),
    1,
    NEVER_VALID,
  ),
  row(
    'every redeem is never answered',
    redeems(() => undefined),
    1,
    NEVER_VALID,
  ),
  row(
    'every answer is 404',
    ({ response }: Asked) => {
      response.writeHead(404).end('nothing here');
      return true;
    },
    2,
    NEVER_VALID,
  ),
  row(
    'every answer is an error of its own',
    ({ response }: Asked) => {
      response.writeHead(500).end();
      return true;
    },
    1,
    NEVER_VALID,
  ),
  row(
    'a balance beyond numbers',
    reads('balance', () => '{"balance":1e999}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a balance in words',
    reads('balance', () => '{"balance":"plenty"}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a list of nothing at all',
    reads('list', () => 'null'),
    2,
    NEVER_VALID,
  ),
  row(
    'a list larger than is taken',
    reads('list', () => `{"redemptions":[${'{"redemption_id":"x"},'.repeat(1_000_000)}{}]}`),
    2,
    NEVER_VALID,
  ),
  row(
    'a list nested without end',
    reads('list', () => `{"redemptions":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    2,
    NEVER_VALID,
  ),
  row('HTTP of before HTTP', raw('{"redemption_id":"r"}'), 0, VALID),
  row('HTTP of another version', raw('HTTP/3.7 200 OK\r\nContent-Length: 2\r\n\r\n{}'), 0, VALID),
  row('a length below nothing', raw('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}'), 0, VALID),
  row('a length in words', raw('HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}'), 0, VALID),
  row(
    'a length beside chunks',
    raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
    0,
    VALID,
  ),
  row(
    'a coding that nobody knows',
    raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\n{}'),
    1,
    SAME_ANSWER,
  ),
  row(
    'a trailer that never ends',
    first((asked) =>
      endlessly(
        asked,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n',
        `X-T: ${'t'.repeat(900)}\r\n`,
      ),
    ),
    0,
    VALID,
  ),
  row(
    'thousands of headers',
    raw(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(5000)}Content-Length: 2\r\n\r\n{}`),
    1,
    SAME_ANSWER,
  ),
  row(
    'a header that is folded',
    raw('HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\n{}'),
    0,
    VALID,
  ),
  row('a header without a name', raw('HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 2\r\n\r\n{}'), 0, VALID),
  row('a NUL in a header', raw('HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\n{}'), 0, VALID),
  row('line ends without a return', raw('HTTP/1.1 503 No\nContent-Length: 2\n\n{}'), 0, VALID),
  row(
    'a 204 that has a body',
    raw('HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}'),
    0,
    /✓ VALID|INVALID/,
  ),
  row('two answers to one question', raw(`${SMALL_500}${SMALL_500}`), 1, BY_ITSELF),
  row('more than it promised', raw(`${SMALL_500}rubbish after it`), 1, BY_ITSELF),
  row('a redirect to itself', answer(307, '', { location: '/api/v1/redemptions' }), 1, /✗ INVALID/),
  row('a redirect elsewhere', answer(307, '', { location: 'http://192.0.2.1/steal' }), 1, /✗ INVALID/),
  row('a redirect to a file', answer(302, '', { location: 'file:///etc/passwd' }), 1, /✗ INVALID/),
  row('to wait for a year', answer(503, '{}', { 'retry-after': '31536000' }), 1, /✗ INVALID/),
  row('to wait for no time at all', answer(503, '{}', { 'retry-after': 'tomorrow' }), 1, /✗ INVALID/),
  row(
    'cookies without end',
    answer(500, '{}', { 'set-cookie': Array<string>(400).fill('a=b') }),
    1,
    BY_ITSELF,
  ),
  row(
    'a coding within a coding',
    answer(200, gzipSync(gzipSync('{}')), { 'content-encoding': 'gzip, gzip' }),
    1,
    /✗ INVALID/,
  ),
  row(
    'the token for an id',
    redeems(({ response }) => void response.writeHead(200).end(`{"redemption_id":"${SECRET}"}`)),
    1,
    NEVER_VALID,
  ),
  row(
    'the token in an error',
    redeems(
      ({ response }) => void response.writeHead(400).end(JSON.stringify({ code: SECRET, message: SECRET })),
    ),
    1,
    NEVER_VALID,
  ),
  row(
    'markup and control characters for an id',
    redeems(({ response }) => void response.writeHead(200).end('{"redemption_id":"<script>\\u001b[2J"}')),
    1,
    NEVER_VALID,
  ),
  row(
    'half of a letter for an id',
    redeems(({ response }) => {
      response.writeHead(200);
      response.end('{"redemption_id":"\\ud800"}');
    }),
    1,
    NEVER_VALID,
  ),
  row(
    'a balance of nothing',
    reads('balance', () => '{"balance":null}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a balance without a place',
    reads('balance', () => '{}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a balance twice',
    reads('balance', () => '{"balance":{"balance":1}}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a list of texts',
    reads('list', () => '{"redemptions":["x"]}'),
    2,
    NEVER_VALID,
  ),
  row(
    'a list of nothings',
    reads('list', () => '{"redemptions":[null,{}]}'),
    2,
    NEVER_VALID,
  ),
];

/** By its own words; a function without any, by its code. */
export function endpointShape(spoil: Hostile): string {
  return spoil.shape ?? masked(String(spoil));
}
