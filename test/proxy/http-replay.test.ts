import { afterEach, expect, test } from 'vitest';
import { KeptRequests } from '../../harness/proxy/http/kept-requests.ts';
import { attempt, closeHops, hopTo, send, TestTimers } from './hop-support.ts';
import { replica } from './http-servers.ts';

afterEach(closeHops);

const DEFAULT_MS = 120_000;

test('an old request is sent again two minutes after its answer, as it was, and told as a copy', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { proxy, listen, toxic, untilArrivals } = await hopTo([one.address], { after: timers.after });
  await toxic('http_replay', {});
  expect((await send(listen, attempt('i.1', {}, '{"old":1}'))).text).toContain('r-one');
  await timers.untilWaiting(DEFAULT_MS);
  expect(one.received).toHaveLength(1);
  expect(proxy.pendingFor('k')).toBe(1);
  expect(proxy.pendingFor('other')).toBe(0);
  timers.fire(DEFAULT_MS);
  const [original, copy] = await untilArrivals(2);
  expect(one.received[1]).toEqual({ ...one.received[0], connection: one.received[1]?.connection });
  expect(copy).toMatchObject({ attempt: 'i.1', key: 'k', copy: 1, answer: 200, redemption: 'r-one' });
  expect(copy?.fault).toEqual(['http_replay']);
  expect(copy?.undone).toBeUndefined();
  expect(copy?.at).toBeGreaterThanOrEqual(original?.endedAt ?? Infinity);
  while (proxy.pendingFor('k') > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('its time starts when the client has its answer, not before', async () => {
  const answers: (() => void)[] = [];
  const one = await replica('one', (_, response) => answers.push(() => response.end('{"n":1}')));
  const timers = new TestTimers();
  const { listen, toxic } = await hopTo([one.address], { after: timers.after });
  await toxic('http_replay', { delay_ms: 1000 });
  const sent = send(listen, attempt('i.1'));
  await one.untilReceived(1);
  expect(timers.waiting.size).toBe(0);
  answers[0]?.();
  await sent;
  await timers.untilWaiting(1000);
});

test('what a header toxic did to the request is not done to its replay: it has its key', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { listen, toxic } = await hopTo([one.address], { after: timers.after });
  await toxic('http_header', { op: 'drop' });
  await toxic('http_replay', { delay_ms: 5 });
  await send(listen, attempt('i.1'));
  await timers.untilWaiting(5);
  timers.fire(5);
  await one.untilReceived(2);
  expect(one.received.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, 'k']);
});

test('a toxic that ends sends at once what waits, after its client’s end', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { proxy, listen, toxic, untilArrivals } = await hopTo([one.address], { after: timers.after });
  await toxic('http_replay', { delay_ms: 3_600_000 });
  await send(listen, attempt('i.1'));
  await timers.untilWaiting(3_600_000);
  await proxy.removeToxic('hop', 'http_replay');
  const [original, copy] = await untilArrivals(2);
  expect(copy).toMatchObject({ copy: 1, answer: 200, fault: ['http_replay'] });
  expect(copy?.undone).toBeUndefined();
  expect(copy?.at).toBeGreaterThanOrEqual(original?.endedAt ?? Infinity);
  expect(timers.waiting.size).toBe(0);
});

test('a toxic that ends while the client still waits lets the replay follow the answer', async () => {
  const answers: (() => void)[] = [];
  const one = await replica('one', (_, response) => answers.push(() => response.end('{"n":1}')));
  const timers = new TestTimers();
  const { proxy, listen, toxic } = await hopTo([one.address], { after: timers.after });
  await toxic('http_replay', {});
  const sent = send(listen, attempt('i.1'));
  await one.untilReceived(1);
  await proxy.removeToxic('hop', 'http_replay');
  expect(one.received).toHaveLength(1);
  expect(proxy.pendingFor('k')).toBe(1);
  answers[0]?.();
  await sent;
  await one.untilReceived(2);
});

test('a hop that goes down forgets what it kept', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { proxy, listen, toxic } = await hopTo([one.address], { after: timers.after });
  await toxic('http_replay', {});
  await send(listen, attempt('i.1'));
  await timers.untilWaiting(DEFAULT_MS);
  await proxy.setEnabled('hop', false);
  while (proxy.pending() > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(timers.waiting.size).toBe(0);
  await proxy.setEnabled('hop', true);
  await send((await proxy.list())[0]?.listen ?? '', attempt('i.2', { 'Idempotency-Key': 'second' }));
  expect(one.received.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'second']);
});

test('a request that never reached a replica is not replayed', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { proxy, listen, toxic } = await hopTo([one.address], { after: timers.after });
  await toxic('http_lose_request', { how: 'reset' });
  await toxic('http_replay', {});
  expect((await send(listen, attempt('i.1'))).ended).toBe('reset');
  expect(proxy.pending()).toBe(0);
  expect(timers.waiting.size).toBe(0);
});

test('duplicates and replays of one request have numbers of their own', async () => {
  const one = await replica('one');
  const timers = new TestTimers();
  const { listen, toxic, untilArrivals } = await hopTo([one.address], { after: timers.after });
  await toxic('http_duplicate', { count: 2 });
  await toxic('http_replay', { delay_ms: 7 });
  await send(listen, attempt('i.1'));
  await timers.untilWaiting(7);
  timers.fire(7);
  const copies = (await untilArrivals(4)).map(({ copy }) => copy);
  expect(new Set(copies)).toEqual(new Set([0, 1, 2, 3]));
  expect(copies).toHaveLength(4);
});

test('only so many requests and bytes are kept', () => {
  const many = new KeptRequests();
  for (let index = 0; index < 10_000; index++) expect(many.add(1)).toBe(true);
  expect(many.add(1)).toBe(false);
  many.remove(1);
  expect(many.add(1)).toBe(true);
  const large = new KeptRequests();
  expect(large.add(64 * 1024 * 1024)).toBe(true);
  expect(large.add(1)).toBe(false);
});

test('what cannot be kept is told with its arrival, and goes on', async () => {
  const one = await replica('one', (_, response) => response.end('{"n":1}'));
  const timers = new TestTimers();
  const { listen, toxic, arrivals } = await hopTo([one.address], { after: timers.after });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await toxic('http_replay', {}, name);
  // Each is kept on its own: five of 15 MB are more than the hop keeps.
  const body = `{"pad":"${'x'.repeat(15_000_000)}"}`;
  expect((await send(listen, attempt('i.1', {}, body))).text).toContain('{"n":1}');
  expect(arrivals[0]?.undone).toEqual({ e: expect.stringMatching(/^more than 10000 requests or/) });
});
