import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../../harness/environment/hooks-client.ts';
import { startHooksRelay, type HooksRelay } from '../../harness/environment/hooks-relay.ts';

const servers: Server[] = [];
let relay: HooksRelay | undefined;
afterEach(async () => {
  await relay?.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A replica's hooks; the n-th request is answered by the n-th answer, the last one again and again. */
async function hooksServer(
  ...answers: readonly Answer[]
): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    request.resume().on('end', () => answer?.(request, response));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const ok: Answer = (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":true}');
const down: Answer = (_, response) => response.writeHead(503).end('down');
const reset: Answer = (request) => request.socket.resetAndDestroy();
/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:1';

const call = (method: string, path: string, body?: string) =>
  ask({
    method,
    url: (relay?.url ?? '') + path,
    token: 'T',
    timeoutMs: 10_000,
    ...(body !== undefined && { body }),
  });

describe('the one address of all hooks', () => {
  test('hands request and answer on as they are', async () => {
    const first = await hooksServer(ok);
    relay = await startHooksRelay([first.url]);
    expect(await call('GET', '/hooks/stats')).toEqual({
      status: 200,
      contentType: 'application/json',
      body: '{"ok":true}',
    });
    expect(first.seen).toEqual(['GET /hooks/stats Bearer T']);
  });

  test('asks the next replica when one is dead, resets or has no store', async () => {
    const broken = await hooksServer(reset);
    const without = await hooksServer(down);
    const good = await hooksServer(ok);
    relay = await startHooksRelay([NOBODY, broken.url, without.url, good.url]);
    expect((await call('POST', '/hooks/customers', '{"customer_id":"a"}')).status).toBe(200);
    expect(good.seen).toEqual(['POST /hooks/customers Bearer T']);
  });

  test('asks again until a replica is back', async () => {
    const back = await hooksServer(down, down, ok);
    relay = await startHooksRelay([back.url]);
    expect((await call('GET', '/hooks/customers/a/ledger')).status).toBe(200);
    expect(back.seen).toHaveLength(3);
  });

  test('what the hooks refuse is refused, once', async () => {
    const refusing = await hooksServer((_, response) => response.writeHead(404).end('no'));
    relay = await startHooksRelay([refusing.url]);
    expect((await call('GET', '/hooks/customers/a/clock')).status).toBe(404);
    expect(refusing.seen).toHaveLength(1);
  });

  test.each([
    ['points', 'POST', '/hooks/customers/a/credit', '{"points":5}'],
    ['a move of the clock', 'PUT', '/hooks/customers/a/clock', '{"advance_ms":5}'],
  ])('%s that may have arrived is not sent twice', async (_, method, path, body) => {
    const first = await hooksServer(reset);
    const second = await hooksServer(ok);
    relay = await startHooksRelay([first.url, second.url]);
    expect((await call(method, path, body)).status).toBe(502);
    expect([first.seen.length, second.seen.length]).toEqual([1, 0]);
  });

  test('points that certainly did not arrive go to the next replica', async () => {
    const second = await hooksServer(ok);
    relay = await startHooksRelay([NOBODY, second.url]);
    expect((await call('POST', '/hooks/customers/a/credit', '{"points":5}')).status).toBe(200);
  });

  test('gives up after its bound and says why', async () => {
    relay = await startHooksRelay([NOBODY], 100);
    const answer = await call('GET', '/hooks/stats');
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'hooks_unreachable',
      detail: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});
