/** key-expiry where the second of two requests that leave together is late: it meets its key when that has expired. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { play, startServer, type Server } from './support.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('--profile', 'ietf');
});
afterEach(() => server.close());

interface Way {
  readonly url: string;
  close(): void;
}

/** Passes requests on; `before` may hold one, or answer in the endpoint's place. */
async function way(
  to: string,
  before: (request: IncomingMessage, body: string) => Promise<{ status: number; body: string } | undefined>,
  after: (request: IncomingMessage) => void = () => undefined,
): Promise<Way> {
  const front = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const own = await before(request, body);
      const { method = 'GET', url = '/' } = request;
      const headers = { ...request.headers } as Record<string, string>;
      for (const name of ['host', 'connection', 'content-length', 'keep-alive']) delete headers[name];
      const answer = own
        ? undefined
        : await fetch(to + url, { method, headers, ...(body !== '' && { body }) });
      const text = own?.body ?? (await answer?.text()) ?? '';
      after(request);
      response.writeHead(own?.status ?? answer?.status ?? 500, { 'content-type': 'application/json' });
      response.end(text);
    })();
  });
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    close: () => {
      front.close();
      front.closeAllConnections();
    },
  };
}

const EXPIRED = { status: 409, body: '{"code":"idempotency_key_expired"}' };

/** The second request of a key waits until its customer's clock is moved, or is refused before that. */
async function playedWith(isRefusedEarly: boolean) {
  const sent = new Map<string, number>();
  const moves = new Map<string, number>();
  const held = new Map<string, () => void>();
  const hooks = await way(
    server.env['HOOKS_URL'] ?? '',
    () => Promise.resolve(undefined),
    ({ method, url = '' }) => {
      const customer = /customers\/([^/]+)\/clock/.exec(url)?.[1];
      if (method !== 'PUT' || customer === undefined) return;
      moves.set(customer, (moves.get(customer) ?? 0) + 1);
      // The first one freezes it.
      if (moves.get(customer) === 2) held.get(customer)?.();
    },
  );
  let heldCount = 0;
  const endpoint = await way(server.env['BASE_URL'] ?? '', async (request, body) => {
    if (request.method !== 'POST') return undefined;
    const key = String(request.headers['idempotency-key']);
    const customer = (JSON.parse(body) as { customer_id: string }).customer_id;
    sent.set(key, (sent.get(key) ?? 0) + 1);
    if (sent.get(key) !== 2 || moves.get(customer) !== 1) return undefined;
    heldCount += 1;
    if (isRefusedEarly) return EXPIRED;
    await new Promise<void>((done) => held.set(customer, done));
    return undefined;
  });
  try {
    // One customer after the other; the fourth iteration moves the clock while its key is in flight.
    const env = { ...server.env, BASE_URL: endpoint.url, HOOKS_URL: hooks.url, INTENTS: '8', VUS: '1' };
    const played = await play('key-expiry', { ...env, CONTRACT: '{"profile":"ietf"}', TIMEOUT_MS: '10000' });
    return { played, heldCount };
  } finally {
    hooks.close();
    endpoint.close();
  }
}

test('a request that was held back until its key had expired is refused by right', async () => {
  const { played, heldCount } = await playedWith(false);
  expect(heldCount).toBe(1);
  expect(played.counted('expiry_in_flight_seen')).toBeGreaterThan(0);
  expect(played.reason).toBeUndefined();
  expect([played.counted('wrong_answers'), played.exitCode]).toEqual([0, 0]);
});

test('one that is refused as expired before the clock is moved is not', async () => {
  const { played, heldCount } = await playedWith(true);
  expect(heldCount).toBe(1);
  expect([played.counted('wrong_answers'), played.exitCode]).toEqual([1, 99]);
});
