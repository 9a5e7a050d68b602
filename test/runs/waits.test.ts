/** Whoever sends a redemption writes down that its answer asks to come back, and when: scripts have tests of their own. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReadBack } from '../../harness/audit/read-back.ts';
import { sendRaw } from '../../harness/engine/raw/sender.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { SweepClient } from '../../harness/sweep/client.ts';

const payload = { customer: 'ada', reward: 'r1', points: 5 };
const contract = PROFILES.seed;
const timeoutMs = 30_000;

let wait: string | undefined;
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(503, { ...(wait !== undefined && { 'retry-after': wait }) }).end();
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const WAYS = {
  settling: async () => {
    const endpoint = new ReadBack({
      target: referenceTarget(url),
      contract,
      capabilities: NO_CAPABILITIES,
      baseUrls: [url],
      tokenFor: () => Promise.resolve('token'),
      timeoutMs,
      maxAnswerBytes: 10_000,
    });
    const answer = await endpoint.redeem(payload, 'key-1', { attempt: 'i-1.1' });
    await endpoint.close();
    return answer;
  },
  'a raw connection': () =>
    sendRaw({
      ...{ target: referenceTarget(url), contract, token: 'token', attempt: 'i-2.1', intent: 'i-2', payload },
      ...{ keys: ['one'], timeoutMs, now: Date.now, emit: () => undefined },
    }),
  'a sweep': async () => {
    const target = referenceTarget(url);
    const client = new SweepClient({ target, contract, emit: () => undefined, now: Date.now, runId: 'r' });
    const intent = { id: 'i-3', key: 'key-3', payload, token: 'token', attempts: { sent: 0 } };
    return (await client.send(intent, { to: url, timeoutMs })).complete;
  },
} as const;

test.each(Object.entries(WAYS))('%s writes the wait down', async (_name, send) => {
  wait = '2';
  expect(await send()).toMatchObject({ status: 503, retryAfterMs: 2000 });
  wait = 'Wed, 21 Oct 2026 07:28:00 GMT';
  expect(await send()).toMatchObject({ status: 503, retryAfterMs: 0 });
  wait = undefined;
  expect(await send()).not.toHaveProperty('retryAfterMs');
});
