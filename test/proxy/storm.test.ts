import { afterEach, expect, test } from 'vitest';
import { Pool } from 'undici';
import { below } from '../../harness/model/decide.ts';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import type { ArrivalRecord } from '../../harness/proxy/types.ts';
import { closeReplicas, replica } from './http-servers.ts';
import { closeAll, echo, open } from './servers.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await closeReplicas();
  await closeAll();
});

test('in a storm of HTTP toxics nobody gets another’s answer, and every arrival at a replica is recorded once', async () => {
  const servers = await Promise.all(
    ['a', 'b'].map((name) =>
      replica(name, ({ body }, response) => {
        setImmediate(() => response.end(JSON.stringify({ redemption_id: `r-${body}` })));
      }),
    ),
  );
  const arrivals: ArrivalRecord[] = [];
  const proxy = new ChaosProxy({ seed: 11, onArrival: (arrival) => arrivals.push(arrival) });
  closers.push(() => proxy.close());
  const upstreams: string[] = [];
  for (const [index, { address }] of servers.entries()) {
    upstreams.push((await proxy.create({ name: `edge-${index}`, upstream: address })).listen);
    await proxy.addToxic(`edge-${index}`, { type: 'latency', attributes: { latency: 2, jitter: 2 } });
    await proxy.addToxic(`edge-${index}`, {
      type: 'slicer',
      attributes: { average_size: 40, size_variation: 10 },
    });
  }
  const { listen } = await proxy.create({ name: 'hop', mode: 'http', upstreams });
  const toxics: [string, Record<string, unknown>][] = [
    ['http_lose_answer', { share: 0.1, how: 'reset' }],
    ['http_lose_request', { share: 0.1, how: 'reset' }],
    ['http_delay_answer', { share: 0.2, delay_ms: 5, jitter_ms: 5 }],
    ['http_delay_request', { share: 0.2, delay_ms: 5, jitter_ms: 5 }],
    ['http_answer', { share: 0.1, status: 503, after: true }],
    ['http_duplicate', { share: 0.3, count: 2, delay_ms: 3, upstream: 'other' }],
  ];
  for (const [type, attributes] of toxics) await proxy.addToxic('hop', { type, attributes });

  const pool = new Pool(`http://${listen}`, { connections: 16 });
  closers.push(() => pool.destroy());
  const outcomes = await Promise.all(
    Array.from({ length: 400 }, async (_, index) => {
      const body = `i-${index}`;
      try {
        const headers = { 'Onceproof-Attempt': `${body}.1`, 'Idempotency-Key': `k-${index}` };
        const response = await pool.request({ method: 'POST', path: '/', body, headers });
        const text = await response.body.text();
        if (response.headers['onceproof-by'] === 'proxy') return 'proxy';
        expect(text).toBe(`{"redemption_id":"r-${body}"}`);
        return 'answered';
      } catch (error) {
        // undici's errors of a connection that was reset.
        if (error instanceof Error && 'code' in error) return 'lost';
        throw error;
      }
    }),
  );
  expect(new Set(outcomes)).toEqual(new Set(['answered', 'lost', 'proxy']));
  while (proxy.pending() > 0) await new Promise((resolve) => setTimeout(resolve, 5));

  const count = (names: readonly string[]): Record<string, number> => {
    const found: Record<string, number> = {};
    for (const name of names) found[name] = (found[name] ?? 0) + 1;
    return found;
  };
  const arrived = arrivals.filter(({ upstream }) => upstream !== undefined);
  expect(count(arrived.map(({ attempt = '' }) => attempt.replace(/\.1$/, '')))).toEqual(
    count(servers.flatMap(({ received }) => received.map(({ body }) => body))),
  );
  for (const { attempt, answer, redemption } of arrived) {
    expect({ answer, redemption }).toEqual({ answer: 200, redemption: `r-${attempt?.replace(/\.1$/, '')}` });
  }
  // Every copy and every original once.
  expect(new Set(arrivals.map(({ attempt, copy }) => `${attempt}/${copy}`)).size).toBe(arrivals.length);
});

test('toxics that come, change and go on open connections lose, double and reorder no byte', async () => {
  const proxy = new ChaosProxy({ seed: 3 });
  closers.push(() => proxy.close());
  const { listen } = await proxy.create({ name: 'p', upstream: (await echo()).address });
  const kinds: [string, Record<string, number>][] = [
    ['latency', { latency: 5, jitter: 5 }],
    ['slicer', { average_size: 200, size_variation: 150, delay: 20 }],
    ['bandwidth', { rate: 2000 }],
    ['slow_close', { delay: 5 }],
    ['limit_data', { bytes: 1_000_000_000 }],
  ];
  const clients = await Promise.all(Array.from({ length: 8 }, () => open(listen)));
  const sent = clients.map((_, number) =>
    Array.from({ length: 6000 }, (_, index) => `${number}:${index};`).join(''),
  );
  const done = new AbortController();
  const meddling = (async () => {
    for (let step = 0; !done.signal.aborted; step++) {
      const [type, attributes] = kinds[below(kinds.length, 'kind', step)] ?? ['latency', {}];
      const stream = below(2, 'stream', step) === 0 ? 'upstream' : 'downstream';
      const name = `${type}_${stream}`;
      const isThere = proxy.get('p').toxics.some((toxic) => toxic.name === name);
      const act = below(3, 'act', step);
      if (!isThere) await proxy.addToxic('p', { type, stream, attributes, toxicity: 0.7 });
      else if (act === 0)
        await proxy.updateToxic('p', name, { attributes, toxicity: below(10, 'share', step) / 10 });
      else await proxy.removeToxic('p', name);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await Promise.all(
    clients.map(async (client, number) => {
      const text = sent[number] ?? '';
      for (let from = 0; from < text.length; from += 3000) {
        client.send(text.slice(from, from + 3000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      client.socket.end();
      await client.untilEnded();
    }),
  );
  done.abort();
  await meddling;
  for (const [number, client] of clients.entries()) expect(client.text).toBe(sent[number]);
});
