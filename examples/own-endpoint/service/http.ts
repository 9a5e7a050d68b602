/** The HTTP side: three calls, plain node:http. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Database } from './database.ts';
import { OFFERS, type Order, type Redeem } from './voucher.ts';

const PAGE_SIZE = 20;
const MAX_BODY_BYTES = 16 * 1024;
const MAX_KEY_LENGTH = 200;

/** Why a request gets no voucher; thrown by the checks, answered in one place. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export function createService(database: Database, redeem: Redeem, token: string): Server {
  return createServer((request, response) => {
    handle(request, response, database, redeem, token).catch((error: unknown) => {
      const known = error instanceof Refusal ? error : new Refusal(503, 'OUT_OF_ORDER');
      if (!(error instanceof Refusal)) console.error(error);
      answer(response, known.status, JSON.stringify({ failure: { reason: known.message } }));
    });
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  database: Database,
  redeem: Redeem,
  token: string,
): Promise<void> {
  const text = await readBody(request);
  if (request.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'WHO_ARE_YOU');
  const url = new URL(request.url ?? '/', 'http://service');
  const [, member = '', rest] = /^\/v1\/members\/([^/]+)(\/vouchers)?$/.exec(url.pathname) ?? [];
  const id = decodeURIComponent(member);
  const call = `${request.method} ${member && 'member'}${rest ?? ''}`;
  if (call === 'GET member') return answer(response, 200, await memberPage(database, id));
  if (call === 'GET member/vouchers') {
    return answer(response, 200, await voucherPage(database, id, url.searchParams.get('after')));
  }
  if (call !== 'POST member/vouchers') throw new Refusal(404, 'NO_SUCH_PAGE');
  const result = await redeem(orderOf(request, text, id));
  if (result.kind === 'refused') throw new Refusal(result.status, result.reason);
  answer(response, 201, result.body, result.isRepeat ? { 'X-Repeated': 'true' } : {});
}

async function memberPage(database: Database, id: string): Promise<string> {
  const { rows } = await database.query<{ points: string }>('select points from members where id = $1', [id]);
  const [row] = rows;
  if (!row) throw new Refusal(404, 'NO_SUCH_MEMBER');
  return JSON.stringify({ member: { id, points: { available: Number(row.points) } } });
}

/** Newest first; `after` is the position of the last voucher of the page before. */
async function voucherPage(database: Database, member: string, after: string | null): Promise<string> {
  await memberPage(database, member);
  if (after !== null && !/^\d{1,15}$/.test(after)) throw new Refusal(422, 'NO_SUCH_PAGE');
  const { rows } = await database.query<Voucher>(
    `select number, offer, cost, reference, position from vouchers
      where member = $1 and position < $2 order by position desc limit ${PAGE_SIZE}`,
    [member, after ?? Number.MAX_SAFE_INTEGER],
  );
  const vouchers = rows.map(({ number, offer, cost, reference }) => ({
    number,
    offer,
    price: { points: Number(cost) },
    reference,
  }));
  const more = rows.length === PAGE_SIZE ? (rows.at(-1)?.position ?? null) : null;
  return JSON.stringify({ vouchers, links: { after: more } });
}

interface Voucher {
  readonly number: string;
  readonly offer: string;
  readonly cost: string;
  readonly reference: string | null;
  readonly position: string;
}

/** The order in a request: `{"voucher": {"offer", "points"}, "reference"?}`, nothing else. */
function orderOf(request: IncomingMessage, text: string, member: string): Order {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'JSON_PLEASE');
  const { voucher, reference, ...more } = parsed(text);
  const { offer, points, ...moreInVoucher } = isObject(voucher) ? voucher : {};
  const isUnknown = Object.keys(more).length > 0 || Object.keys(moreInVoucher).length > 0;
  const isReference = reference === undefined || (typeof reference === 'string' && reference !== '');
  if (isUnknown || typeof offer !== 'string' || !isReference) throw new Refusal(422, 'NOT_AN_ORDER');
  if (typeof points !== 'number' || !Number.isSafeInteger(points) || points < 1) {
    throw new Refusal(422, 'NOT_AN_ORDER');
  }
  const key = keyOf(request);
  if (!Object.hasOwn(OFFERS, offer)) throw new Refusal(404, 'NO_SUCH_OFFER');
  const order = { member, key, offer, cost: points };
  return reference === undefined ? order : { ...order, reference };
}

function keyOf(request: IncomingMessage): string {
  const sent = request.headersDistinct['x-idempotency-key'] ?? [];
  const [key] = sent;
  if (key === undefined) throw new Refusal(428, 'KEY_MISSING');
  const isWellFormed = sent.length === 1 && key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e]+$/.test(key);
  if (!isWellFormed) throw new Refusal(400, 'KEY_MALFORMED');
  return key;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, 'TOO_LONG');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Said below, as for every other body that is no order.
  }
  throw new Refusal(422, 'NOT_AN_ORDER');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(body);
}
