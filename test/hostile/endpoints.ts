import { gzipSync } from 'node:zlib';
import type { Asked, Spoil } from './endpoint-server.ts';
import { row } from './row.ts';

const redeems =
  (act: (asked: Asked) => void): Spoil =>
  (asked) => {
    if (asked.what !== 'redeem') return false;
    act(asked);
    return true;
  };
const first =
  (act: (asked: Asked) => void): Spoil =>
  (asked) => {
    if (asked.what !== 'redeem' || asked.number !== 1) return false;
    act(asked);
    return true;
  };
const reads =
  (
    what: 'balance' | 'list',
    text: (body: string) => string | Buffer,
    headers: Record<string, string> = {},
  ): Spoil =>
  (asked) => {
    if (asked.what !== what) return false;
    asked.response.writeHead(200, { 'content-type': 'application/json', ...headers });
    asked.response.end(text(asked.body));
    return true;
  };
const raw = (text: string | Buffer) => first(({ socket }) => void socket.end(text));
const answer = (status: number, body: string | Buffer, headers: Record<string, string | string[]> = {}) =>
  first(({ response }) => void response.writeHead(status, headers).end(body));
const NEVER_VALID = /UNKNOWN|INVALID/;
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

export const ENDPOINTS = [
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
    'every answer is 500',
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
    1,
    NEVER_VALID,
  ),
];
