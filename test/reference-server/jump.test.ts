import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOOK_PATHS } from '../../harness/model/protocol.ts';
import { arm, customerWith, effects, hook, redeem, serve, until, type TestServer } from './harness.ts';
import { STORES } from './stores.ts';

const DAY_MS = 86_400_000;

describe.each(STORES)('a jump of the clock of $name', ({ skip, open }) => {
  let store: string;
  let stop: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    if (!skip) ({ store, stop } = await open());
  });
  afterEach(async () => {
    await jump(0);
    await server?.close();
  });
  afterAll(() => stop?.());
  const test = it.skipIf(skip);
  const jump = (offsetMs: number) => hook(server, 'PUT', HOOK_PATHS.storeClock, { offset_ms: offsetMs });

  test('forward expires keys, and back again they replay', async () => {
    server = await serve({ store });
    const { id } = await customerWith(server, 1000);
    const statuses: number[] = [];
    for (const offsetMs of [0, DAY_MS, 0, -DAY_MS]) {
      expect((await jump(offsetMs)).status).toBe(200);
      statuses.push((await redeem(server, id, { key: 'k' })).status);
    }
    expect(statuses).toEqual([200, 409, 200, 200]);
    expect((await effects(server, id)).debitCount).toBe(1);
  });

  test.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('%s past a lease lets a retry finish the work, once', async (_name, offsetMs) => {
    server = await serve({ store, leaseMs: 60_000 });
    const { id } = await customerWith(server, 1000);
    await arm(server, { point: 'after-debit', action: 'pause', pause_ms: 2000, customer_id: id });
    const first = redeem(server, id, { key: 'k' });
    await until(async () => (await effects(server, id)).debitCount === 1);
    await jump(offsetMs);
    const second = await redeem(server, id, { key: 'k' });
    expect(second.status).toBe(200);
    expect((await first).body).toEqual(second.body);
    expect((await effects(server, id)).debitCount).toBe(1);
  });
});
