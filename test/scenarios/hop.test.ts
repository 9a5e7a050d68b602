import { afterEach, beforeEach, expect, test } from 'vitest';

import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import { startEndpoint, type Endpoint } from './endpoint.ts';
import { play } from './support.ts';

let endpoint: Endpoint;
let proxy: ChaosProxy;
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  endpoint = await startEndpoint();
  proxy = new ChaosProxy({ seed: 'hop' });
  const { listen } = await proxy.create({ name: 'hop', mode: 'http', upstream: new URL(endpoint.url).host });
  env = {
    BASE_URL: endpoint.url,
    PROXY_URL: `http://${listen}`,
    TOKEN: 'token',
    CUSTOMERS: 'anna,ben,carla',
    BACKOFF_FACTOR: '0.01',
  };
});

afterEach(async () => {
  await proxy.delete('hop');
  await endpoint.close();
});

test('redemptions go through the hop that PROXY_URL names, and an answer that it loses is seen', async () => {
  await proxy.addToxic('hop', { type: 'http_lose_answer', attributes: { attempts: [1], how: 'reset' } });
  const played = await play('lost-answer', { ...env, INTENTS: '6' });
  expect(played.reason).toBeUndefined();
  expect(played.exitCode).toBe(0);
  expect(played.counted('lost_answers_seen')).toBeGreaterThanOrEqual(6);
});

test('a hop that was to lose answers and lost none fails the run', async () => {
  // With this seed no client of the two is hasty.
  const played = await play('retry-storm', { ...env, INTENTS: '2', SEED: '1' });
  expect(played.exitCode).toBe(99);
  expect(played.thresholds.filter(({ ok }) => !ok).map(({ metric }) => metric)).toEqual([
    'lost_answers_seen',
  ]);
  expect(played.stdout).toContain('NOT SEEN');
});

test('what the hop answers in its own name is no answer of the endpoint', async () => {
  await proxy.addToxic('hop', { type: 'http_answer', attributes: { attempts: [1], status: 409 } });
  const played = await play('double-click', { ...env, INTENTS: '5' });
  expect(played.counted('wrong_answers')).toBe(0);
  expect(played.exitCode).toBe(0);
  const first = played.events.find((event) => event.type === 'complete');
  expect(first).toMatchObject({ outcome: 'info', status: 409, by: 'proxy' });
});

test('a hop that sends every request twice does not make a right endpoint look wrong', async () => {
  await proxy.addToxic('hop', { type: 'http_duplicate', attributes: { count: 1 } });
  const played = await play('duplicated-requests', { ...env, INTENTS: '9' });
  expect(played.exitCode).toBe(0);
});
