import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOwnEnvironment } from '../../harness/environment/own.ts';
import type { ArrivalEvent } from '../../harness/history/events.ts';
import { isListening, testFolder } from './support.ts';

const folder = testFolder();
let endpoint: Server;
let origin: string;
let seen: { readonly url: string; readonly host: string; readonly attempt: boolean }[];

beforeEach(async () => {
  seen = [];
  endpoint = createServer((request, response) => {
    seen.push({
      url: request.url ?? '',
      host: request.headers.host ?? '',
      attempt: 'onceproof-attempt' in request.headers,
    });
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"r-1"}'));
  });
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((done) => endpoint.close(done)));

const options = { proxy: 'embedded', seed: '1', runId: 'own', workDir: folder } as const;

describe("one's own endpoint", () => {
  test('is reached through the hop, which tells arrivals by its own key header and pointer', async () => {
    const arrivals: ArrivalEvent[] = [];
    const environment = await startOwnEnvironment({
      ...options,
      baseUrl: `${origin}/shop/`,
      keyHeader: 'X-Request-Key',
      redemptionPointer: '/id',
      onArrival: (arrival) => arrivals.push(arrival),
    });
    try {
      expect(environment.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/shop$/);
      expect(environment.directUrls).toEqual([`${origin}/shop`]);
      const response = await fetch(`${environment.baseUrl}/redeem`, {
        method: 'POST',
        headers: { 'x-request-key': 'k-1', 'onceproof-attempt': 'i.1', connection: 'close' },
        body: '{}',
      });
      expect(await response.json()).toEqual({ id: 'r-1' });
      expect(seen).toEqual([{ url: '/shop/redeem', host: new URL(origin).host, attempt: false }]);
      expect(arrivals).toEqual([
        expect.objectContaining({
          hop: 'hop',
          attempt: 'i.1',
          key: 'k-1',
          copy: 0,
          answer: 200,
          redemption: 'r-1',
        }),
      ]);
      expect(environment.capabilities).toMatchObject({
        arrivals: true,
        processes: false,
        store: false,
        crash: false,
        replicas: 1,
      });
      expect(environment.describe()).toEqual({
        server: origin,
        store: "the endpoint's own",
        proxy: 'embedded',
      });
    } finally {
      await environment.close();
    }
    expect(await isListening(environment.baseUrl)).toBe(false);
  });

  test.each(['shop.example', 'ftp://shop.example', ''])(
    '"%s" is no address of an endpoint',
    async (baseUrl) => {
      await expect(startOwnEnvironment({ ...options, baseUrl })).rejects.toThrow(
        `baseUrl: not an address; expected http://host:port or https://host; found ${JSON.stringify(baseUrl)}`,
      );
    },
  );
});
