/** More answers of the engines' test server: cookies, credentials, redirects anywhere, packed bodies. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

const REALM = 'points';
const NONCE = 'a-nonce';

type Answer = (url: URL, body: string, request: IncomingMessage, response: ServerResponse) => void;

/** By the first part of the path. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  // `?line=…` once for each Set-Cookie line.
  'set-cookies': (url, _body, _request, response) => {
    response.setHeader('set-cookie', url.searchParams.getAll('line')).end('set');
  },
  // To `?to=…`, with `?status=…` and perhaps `?line=…`.
  'redirect-to': (url, _body, _request, response) => {
    const lines = url.searchParams.getAll('line');
    if (lines.length > 0) response.setHeader('set-cookie', lines);
    const to = url.searchParams.get('to');
    if (to !== null) response.setHeader('location', to);
    response.writeHead(Number(url.searchParams.get('status') ?? 302)).end('elsewhere');
  },
  // Gives back what it got, as the type that `?type=…` says.
  reflect: (url, body, _request, response) => {
    response.setHeader('content-type', url.searchParams.get('type') ?? 'text/plain').end(body);
  },
  // `?form=…`
  packed: (url, _body, _request, response) => packed(url.searchParams.get('form') ?? '', response),
  'basic-auth': (_url, _body, { headers }, response) => {
    response.writeHead(headers.authorization === undefined ? 401 : 200).end(headers.authorization ?? 'who?');
  },
  // With `?algorithm=…`, else MD5.
  'digest-auth': (url, _body, request, response) =>
    digest(url.searchParams.get('algorithm'), request, response),
  // Names as they came, since Node's own list has them in small letters.
  'raw-headers': (_url, _body, { rawHeaders }, response) => {
    response.end(JSON.stringify(rawHeaders.filter((_, index) => index % 2 === 0)));
  },
  // The body and what it says of itself; a boundary of a form is left out, since it is drawn.
  form: (_url, body, { headers }, response) => {
    const type = headers['content-type'] ?? '';
    const boundary = /boundary=(\S+)/.exec(type)?.[1];
    const plain = (text: string): string => (boundary === undefined ? text : text.replaceAll(boundary, 'B'));
    response.end(JSON.stringify({ type: plain(type), body: plain(body) }));
  },
  'many-headers': (_url, _body, _request, response) => {
    response.setHeader('x-list', ['a', 'b']).setHeader('x-etag', 'W/"1"').end('headers');
  },
};

/** Answers what is known here; false: the server's own answers have it. */
export function answerCompat(
  path: string,
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const answer = ANSWERS[path.split('/')[1] ?? ''];
  if (answer === undefined) return false;
  answer(new URL(request.url ?? '/', 'http://server'), body, request, response);
  return true;
}

function packed(form: string, response: ServerResponse): void {
  const text = Buffer.from('some text that is packed '.repeat(20));
  const gzip = gzipSync(text);
  const spoilt = Buffer.from(gzip);
  spoilt[gzip.length - 6] = (spoilt[gzip.length - 6] ?? 0) ^ 0xff;
  const forms: Readonly<Record<string, readonly [encoding: string, body: Buffer]>> = {
    gzip: ['gzip', gzip],
    deflate: ['deflate', deflateSync(text)],
    br: ['br', brotliCompressSync(text)],
    twice: ['gzip, br', brotliCompressSync(gzip)],
    capitals: ['GZIP', gzip],
    unknown: ['identity', text],
    'no-gzip': ['gzip', Buffer.from('this is not packed at all')],
    empty: ['gzip', Buffer.alloc(0)],
    short: ['gzip', gzip.subarray(0, gzip.length - 12)],
    checksum: ['gzip', spoilt],
    'no-deflate': ['deflate', Buffer.from('this is not packed at all')],
    'no-br': ['br', Buffer.from('this is not packed at all')],
  };
  const [encoding, bytes] = forms[form] ?? ['identity', text];
  response.setHeader('content-encoding', encoding).end(bytes);
}

/** Checks the answer to its challenge as RFC 7616 has it, with `auth`. Name `user`, password `secret`. */
function digest(
  algorithm: string | null,
  { method = '', headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const { authorization = '' } = headers;
  const given = new Map(
    [...authorization.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const name = (algorithm ?? 'MD5')
    .toLowerCase()
    .replace(/^sha-256$/, 'sha256')
    .replace('sha-512', 'sha512');
  const hash = (text: string): string => createHash(name).update(text).digest('hex');
  const [secret, what] = [hash(`user:${REALM}:secret`), hash(`${method}:${given.get('uri') ?? ''}`)];
  const middle = ['nonce', 'nc', 'cnonce', 'qop'].map((name) => given.get(name)).join(':');
  const isRight =
    authorization.startsWith('Digest ') && given.get('response') === hash(`${secret}:${middle}:${what}`);
  if (!isRight)
    response.setHeader(
      'www-authenticate',
      `Digest realm="${REALM}", nonce="${NONCE}", qop="auth"${algorithm === null ? '' : `, algorithm=${algorithm}`}`,
    );
  response.writeHead(isRight ? 200 : 401).end(isRight ? 'known' : 'unknown');
}
