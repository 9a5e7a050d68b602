import { afterEach, expect, test } from 'vitest';
import { uniform } from '../../harness/model/decide.ts';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import type { FaultRecord } from '../../harness/proxy/types.ts';
import { closeAll, echo, open, serve } from './servers.ts';

const CONNECTIONS = 24;
const proxies: ChaosProxy[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
  await closeAll();
});

function proxyWith(seed: string | number, onFault?: (fault: FaultRecord) => void): ChaosProxy {
  const proxy = new ChaosProxy({ seed, ...(onFault && { onFault }) });
  proxies.push(proxy);
  return proxy;
}

/** Which of the connections, in order, a toxic of toxicity 0.5 hits. */
async function hits(seed: string | number, name = 'p'): Promise<string> {
  const proxy = proxyWith(seed);
  const { listen } = await proxy.create({ name, upstream: (await echo()).address });
  await proxy.addToxic(name, { name: 't', type: 'limit_data', toxicity: 0.5, attributes: { bytes: 0 } });
  let found = '';
  for (let index = 0; index < CONNECTIONS; index++) {
    const client = await open(listen);
    client.send('x');
    await client.until(({ ended, byteCount }) => ended !== undefined || byteCount > 0);
    found += client.byteCount > 0 ? '.' : 'X';
  }
  return found;
}

test('a seed decides which connections are hit, by proxy, connection number and toxic', async () => {
  const found = await hits(7);
  const expected = Array.from({ length: CONNECTIONS }, (_, index) =>
    uniform(7, 'p', index + 1, 't') < 0.5 ? 'X' : '.',
  ).join('');
  expect(found).toBe(expected);
  expect(found).toContain('X');
  expect(found).toContain('.');
});

test('the same seed hits the same connections, another seed or another name other ones', async () => {
  const found = await hits('s');
  expect(await hits('s')).toBe(found);
  expect(await hits('t')).not.toBe(found);
  expect(await hits('s', 'q')).not.toBe(found);
});

test('a connection that is spared stays spared when the toxic changes [seed]', async () => {
  const proxy = proxyWith(7);
  const { listen } = await proxy.create({ name: 'p', upstream: (await echo()).address });
  const first = [1, 2, 3, 4, 5, 6].find((number) => uniform(7, 'p', number, 't') >= 0.5) ?? 0;
  for (let number = 1; number < first; number++) await open(listen);
  const client = await open(listen);
  await proxy.addToxic('p', { name: 't', type: 'limit_data', toxicity: 0.5, attributes: { bytes: 0 } });
  for (let change = 1; change <= 20; change++) {
    await proxy.updateToxic('p', 't', { attributes: { bytes: 0 } });
    client.send(`<${change}>`);
    await client.untilText(`<${change}>`);
  }
});

test('faults are told with start and end, whatever ends them', async () => {
  const told: string[] = [];
  const proxy = proxyWith(1, ({ phase, name, target }) => told.push(`${phase} ${name} ${target}`));
  await proxy.create({ name: 'p', upstream: '127.0.0.1:9' });
  await proxy.addToxic('p', { type: 'latency' });
  await proxy.updateToxic('p', 'latency_downstream', { attributes: { latency: 1 } });
  await proxy.removeToxic('p', 'latency_downstream');
  await proxy.setEnabled('p', false);
  await proxy.setEnabled('p', true);
  await proxy.addToxic('p', { type: 'timeout', name: 'a' });
  await proxy.reset();
  await proxy.addToxic('p', { type: 'timeout', name: 'b' });
  await proxy.setEnabled('p', false);
  await proxy.close();
  expect(told).toEqual([
    'start latency:latency_downstream p',
    'end latency:latency_downstream p',
    'start latency:latency_downstream p',
    'end latency:latency_downstream p',
    'start down p',
    'end down p',
    'start timeout:a p',
    'end timeout:a p',
    'start timeout:b p',
    'start down p',
    'end timeout:b p',
    'end down p',
  ]);
});

test('a source that is faster than its reader is held back', async () => {
  const proxy = proxyWith(1);
  let sentBytes = 0;
  const block = Buffer.alloc(64 * 1024);
  const upstream = await serve((socket) => {
    const more = (): void => {
      while (sentBytes < 256 * 1024 * 1024) {
        sentBytes += block.length;
        if (!socket.write(block)) break;
      }
    };
    socket.on('drain', more);
    more();
  });
  const { listen } = await proxy.create({ name: 'p', upstream: upstream.address });
  const client = await open(listen);
  client.socket.pause();
  // Until nothing moves any more: the proxy must have stopped reading long before the end.
  for (let before = -1; before !== sentBytes;) {
    before = sentBytes;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
});

test('after close nothing is left open: no port, no connection, no timer', async () => {
  const before = process.getActiveResourcesInfo().length;
  const server = await echo();
  const proxy = proxyWith(1);
  await proxy.listenApi('127.0.0.1', 0);
  const { listen } = await proxy.create({ name: 'p', upstream: server.address });
  const hop = await proxy.create({ name: 'h', mode: 'http', upstream: server.address });
  for (const type of [
    'latency',
    'bandwidth',
    'slow_close',
    'timeout',
    'reset_peer',
    'slicer',
    'limit_data',
  ]) {
    await proxy.addToxic('p', {
      type,
      toxicity: 0.5,
      attributes: { latency: 60_000, rate: 1, delay: 60_000, timeout: 60_000, average_size: 1, bytes: 5 },
    });
  }
  await proxy.addToxic('h', { type: 'http_delay_request', attributes: { delay_ms: 60_000, share: 0.5 } });
  await proxy.addToxic('h', { type: 'http_duplicate', attributes: { delay_ms: 60_000, count: 3 } });
  const clients = [];
  for (let index = 0; index < 10; index++) {
    const client = await open(listen);
    client.send('hello');
    clients.push(client);
    const asking = await open(hop.listen);
    asking.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    clients.push(asking);
  }
  await proxy.close();
  await Promise.all(clients.map((client) => client.untilEnded()));
  for (const { socket } of clients) socket.destroy();
  await server.close();
  // Handles leave the list in the turns after their close.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
});
