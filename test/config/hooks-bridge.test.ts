import { afterEach, describe, expect, test } from 'vitest';
import type { HooksConfig } from '../../harness/config/define.ts';
import {
  startHooksBridge,
  type BridgeEvent,
  type HooksBridge,
  type HooksBridgeOptions,
} from '../../harness/config/hooks-bridge.ts';

const TOKEN = 'hooks-token';
const bridges: HooksBridge[] = [];

afterEach(async () => {
  await Promise.all(bridges.splice(0).map((bridge) => bridge.close()));
});

type Body = Readonly<Record<string, unknown>>;
type Call = (method: string, path: string, body?: Body) => Promise<{ status: number; body: unknown }>;

async function bridgeWith(hooks: HooksConfig, options: Partial<HooksBridgeOptions> = {}): Promise<Call> {
  const bridge = await startHooksBridge({ hooks, token: TOKEN, ...options });
  bridges.push(bridge);
  return async (method, path, body) => {
    const answer = await fetch(bridge.url + path, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
}

function problem(status: number, code: string, detail: string) {
  return { status, body: { status, code, title: code, detail } };
}

describe('who may call', () => {
  test.each([undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])(
    'not one who sends %s',
    async (authorization) => {
      let calls = 0;
      await bridgeWith({
        provision: () => {
          calls += 1;
        },
      });
      const answer = await fetch(`${bridges[0]?.url}/hooks/customers`, {
        method: 'POST',
        body: '{"customer_id":"a","points":1}',
        ...(authorization !== undefined && { headers: { authorization } }),
      });
      expect([answer.status, answer.headers.get('content-type'), calls]).toEqual([
        401,
        'application/problem+json',
        0,
      ]);
    },
  );

  test('only on the loopback address', async () => {
    await bridgeWith({});
    expect(bridges[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

test('tells what the config can do, over HTTP and in Node', async () => {
  const call = await bridgeWith({ provision: () => undefined, setClock: () => undefined });
  const capabilities = { provision: true, credit: false, clock: true, ledger: false, crash: false };
  expect(await call('GET', '/hooks/capabilities')).toEqual({ status: 200, body: capabilities });
  expect(bridges[0]?.capabilities).toEqual(capabilities);
});

test.each([
  ['POST', '/hooks/customers', 'provision'],
  ['POST', '/hooks/customers/a/credit', 'credit'],
  ['GET', '/hooks/customers/a/clock', 'setClock'],
  ['GET', '/hooks/customers/a/ledger', 'ledger'],
])('%s %s without the hook is a 404 that names %s', async (method, path, hook) => {
  const call = await bridgeWith({});
  const body = method === 'GET' ? undefined : { customer_id: 'a', points: 1 };
  expect(await call(method, path, body)).toEqual(
    problem(404, 'hook_absent', `the config has no hook ${hook}`),
  );
});

test('what no hook is for is a 404', async () => {
  const call = await bridgeWith({});
  expect(await call('POST', '/hooks/crash-points', {})).toEqual(
    problem(404, 'hook_unknown', 'there is no hook at POST /hooks/crash-points'),
  );
});

describe('provision', () => {
  test('makes a customer and gives its own token, or the common one', async () => {
    const made: unknown[] = [];
    const call = await bridgeWith(
      {
        provision: (asked) => {
          made.push(asked);
          return asked.customer === 'a' ? { token: 'own-a' } : undefined;
        },
      },
      { tokenFor: (customer) => Promise.resolve(`common-${customer}`) },
    );
    expect(await call('POST', '/hooks/customers', { customer_id: 'a', points: 500 })).toEqual({
      status: 200,
      body: { customer_id: 'a', token: 'own-a', balance: 500 },
    });
    expect(await call('POST', '/hooks/customers', { customer_id: 'b', points: 0 })).toEqual({
      status: 200,
      body: { customer_id: 'b', token: 'common-b', balance: 0 },
    });
    expect(made).toEqual([
      { customer: 'a', points: 500 },
      { customer: 'b', points: 0 },
    ]);
    expect(await bridges[0]?.tokenFor('a')).toBe('own-a');
    expect(await bridges[0]?.tokenFor('b')).toBe('common-b');
  });

  test('leaves the points of a known customer alone, unless they are to be reset', async () => {
    const points: number[] = [];
    const call = await bridgeWith({
      provision: (asked) => {
        points.push(asked.points);
        return { token: `t-${points.length}` };
      },
    });
    await call('POST', '/hooks/customers', { customer_id: 'a', points: 5 });
    const again = await call('POST', '/hooks/customers', { customer_id: 'a', points: 9 });
    expect([again.body, points]).toEqual([{ customer_id: 'a', token: 't-1' }, [5]]);
    const reset = await call('POST', '/hooks/customers', { customer_id: 'a', points: 9, reset: true });
    expect([reset.body, points]).toEqual([{ customer_id: 'a', token: 't-2', balance: 9 }, [5, 9]]);
  });

  test('is called once for calls that come while it works', async () => {
    let calls = 0;
    let finish = () => {};
    const isCalled = new Promise<void>((resolveCalled) => {
      finish = resolveCalled;
    });
    let release = () => {};
    const gate = new Promise<void>((resolveGate) => {
      release = resolveGate;
    });
    const call = await bridgeWith({
      provision: async () => {
        calls += 1;
        finish();
        await gate;
      },
    });
    const first = call('POST', '/hooks/customers', { customer_id: 'a', points: 5 });
    await isCalled;
    const second = call('POST', '/hooks/customers', { customer_id: 'a', points: 5 });
    // The capabilities' answer comes after the second call was taken in: one server, one order.
    await call('GET', '/hooks/capabilities');
    release();
    expect([(await first).status, (await second).status, calls]).toEqual([200, 200, 1]);
  });

  test('that fails is a 500 with its message, and may be asked again', async () => {
    let calls = 0;
    const call = await bridgeWith({
      provision: () => {
        calls += 1;
        if (calls === 1) throw new Error('connection refused');
      },
    });
    expect(await call('POST', '/hooks/customers', { customer_id: 'a', points: 5 })).toEqual(
      problem(500, 'hook_failed', 'hook provision: connection refused'),
    );
    expect((await call('POST', '/hooks/customers', { customer_id: 'a', points: 5 })).status).toBe(200);
  });

  test.each([
    [{ points: 5 }, 'customer_id: expected a text'],
    [{ customer_id: 'a' }, 'points: expected a whole number of at least 0'],
    [{ customer_id: 'a', points: '5' }, 'points: expected a whole number of at least 0'],
  ])('refuses %j', async (body, detail) => {
    const call = await bridgeWith({ provision: () => undefined });
    expect(await call('POST', '/hooks/customers', body)).toEqual(problem(400, 'invalid_request', detail));
  });

  test('that returns what is no token is told', async () => {
    const call = await bridgeWith({ provision: () => ({ token: '' }) });
    const { status, body } = await call('POST', '/hooks/customers', { customer_id: 'a', points: 5 });
    expect([status, (body as { detail: string }).detail]).toEqual([
      500,
      'hook provision: provision.token: wrong in what the hook returned; expected a text; found "an empty text"',
    ]);
  });
});

test('credit gives points, for a customer whose name needs encoding', async () => {
  const given: unknown[] = [];
  const call = await bridgeWith({
    credit: (asked) => {
      given.push(asked);
      return 620;
    },
  });
  expect(await call('POST', '/hooks/customers/a%2Fb%20c/credit', { points: 120 })).toEqual({
    status: 200,
    body: { balance: 620 },
  });
  expect(given).toEqual([{ customer: 'a/b c', points: 120 }]);
  expect((await call('POST', '/hooks/customers/a/credit', { points: 0 })).status).toBe(400);
});

describe('the clock, by setClock', () => {
  test('is set and stopped, moved from where it stands, and let run on', async () => {
    const set: unknown[] = [];
    const call = await bridgeWith({
      setClock: (asked) => {
        set.push(asked);
      },
    });
    const clock = '/hooks/customers/a/clock';
    const put = async (body: Body) => (await call('PUT', clock, body)).body;
    expect(await put({ now_ms: 1000, frozen: true })).toEqual({ now_ms: 1000, frozen: true });
    expect(await put({ advance_ms: 500 })).toEqual({ now_ms: 1500, frozen: true });
    expect((await call('GET', clock)).body).toEqual({ now_ms: 1500, frozen: true });
    expect(await put({ frozen: false })).toEqual({ now_ms: 1500, frozen: false });
    expect(set).toEqual([
      { customer: 'a', nowMs: 1000, frozen: true },
      { customer: 'a', nowMs: 1500, frozen: true },
      { customer: 'a', nowMs: 1500, frozen: false },
    ]);
    expect((await call('GET', clock)).body).toMatchObject({ frozen: false });
  });

  test.each([
    [{ now_ms: -1 }, 'now_ms: expected a whole number of at least 0'],
    [{ advance_ms: 0.5 }, 'advance_ms: expected a whole number of at least 0'],
    [{ now_ms: 1, frozen: 'yes' }, 'frozen: expected true or false'],
  ])('refuses %j', async (body, detail) => {
    const call = await bridgeWith({ setClock: () => undefined });
    expect(await call('PUT', '/hooks/customers/a/clock', body)).toEqual(
      problem(400, 'invalid_request', detail),
    );
  });
});

describe('the clock, by advanceClock alone', () => {
  async function aheadOnly() {
    let nowMs = 5000;
    const moves: number[] = [];
    const call = await bridgeWith({
      advanceClock: ({ byMs }) => {
        moves.push(byMs);
        nowMs += byMs;
        return new Date(nowMs);
      },
    });
    return { moves, call, clock: '/hooks/customers/a/clock' };
  }

  test('is read by stopping it, and set by going the rest of the way', async () => {
    const { call, clock, moves } = await aheadOnly();
    expect((await call('GET', clock)).body).toEqual({ now_ms: 5000, frozen: true });
    expect((await call('PUT', clock, { now_ms: 5000, frozen: true })).body).toEqual({
      now_ms: 5000,
      frozen: true,
    });
    expect((await call('PUT', clock, { now_ms: 5001, frozen: true })).body).toEqual({
      now_ms: 5001,
      frozen: true,
    });
    expect((await call('PUT', clock, { advance_ms: 10 })).body).toEqual({ now_ms: 5011, frozen: true });
    expect(moves).toEqual([0, 0, 0, 1, 10]);
  });

  test('cannot go back, and stays stopped', async () => {
    const { call, clock } = await aheadOnly();
    expect(await call('PUT', clock, { now_ms: 4999 })).toEqual(
      problem(409, 'clock_behind', 'the clock stands at 5000 and cannot go back to 4999'),
    );
    expect((await call('PUT', clock, { frozen: false })).body).toEqual({ now_ms: 5000, frozen: true });
  });

  test.each([
    [undefined, 'missing in what the hook returned; expected ms since the epoch, a Date or an ISO 8601 text'],
    [
      'soon',
      'wrong in what the hook returned; expected ms since the epoch, a Date or an ISO 8601 text; found "soon"',
    ],
    [5.5, 'wrong in what the hook returned; expected whole ms since the epoch; found 5.5'],
  ])('that returns %s is told', async (returned, told) => {
    const call = await bridgeWith({ advanceClock: () => returned as number });
    expect(await call('PUT', '/hooks/customers/a/clock', { advance_ms: 1 })).toEqual(
      problem(500, 'hook_failed', `hook advanceClock: advanceClock: ${told}`),
    );
  });
});

describe('the ledger', () => {
  test('comes in the names of the wire, with times in ms', async () => {
    const call = await bridgeWith({
      ledger: ({ customer }) => ({
        debits: [
          { redemption: `${customer}-1`, points: 120, at: 1000, key: 'k-1', clientRedemptionId: 'wish' },
          {
            redemption: `${customer}-2`,
            points: 0,
            at: '1970-01-01T00:00:02Z',
            key: null,
            clientRedemptionId: null,
          },
        ],
        credits: [{ points: 7, at: new Date(3000) }],
        rewards: [{ redemption: `${customer}-1`, reward: 'coffee', at: 4000 }],
      }),
    });
    expect(await call('GET', '/hooks/customers/a/ledger')).toEqual({
      status: 200,
      body: {
        debits: [
          {
            redemption_id: 'a-1',
            points: 120,
            at_ms: 1000,
            idempotency_key: 'k-1',
            client_redemption_id: 'wish',
          },
          { redemption_id: 'a-2', points: 0, at_ms: 2000 },
        ],
        credits: [{ points: 7, at_ms: 3000 }],
        rewards: [{ redemption_id: 'a-1', reward_id: 'coffee', at_ms: 4000 }],
      },
    });
  });

  test('without rewards says nothing of them', async () => {
    const call = await bridgeWith({ ledger: () => ({ debits: [] }) });
    expect((await call('GET', '/hooks/customers/a/ledger')).body).toEqual({ debits: [], credits: [] });
  });

  test.each([
    [undefined, 'ledger: missing in what the hook returned; expected an object'],
    [{}, 'ledger.debits: missing in what the hook returned; expected an array'],
    [
      { debits: [{ redemption: 'r', points: '5', at: 1 }] },
      'ledger.debits[0].points: wrong in what the hook returned; expected a whole number of points from 0 to 9007199254740991; found "5"',
    ],
    [
      { debits: [{ redemption: 'r', points: 5, bookedAt: 1 }] },
      'ledger.debits[0].bookedAt: unknown member in what the hook returned; expected redemption, points, at, key or clientRedemptionId; found "bookedAt"',
    ],
  ])('that is given as %j is told', async (given, told) => {
    const hooks = { ledger: () => given } as unknown as HooksConfig;
    const call = await bridgeWith(hooks);
    expect(await call('GET', '/hooks/customers/a/ledger')).toEqual(
      problem(500, 'hook_failed', `hook ledger: ${told}`),
    );
  });
});

test('a hook that never ends is given up', async () => {
  const call = await bridgeWith({ ledger: () => new Promise(() => {}) }, { timeoutMs: 20 });
  expect(await call('GET', '/hooks/customers/a/ledger')).toEqual(
    problem(500, 'hook_failed', 'hook ledger: no result within 20 ms'),
  );
});

test('each call of a hook is told to whoever wants to know', async () => {
  const events: BridgeEvent[] = [];
  const call = await bridgeWith(
    {
      credit: ({ points }) => {
        if (points > 10) throw new Error('too generous');
      },
    },
    { onEvent: (event) => events.push(event) },
  );
  await call('POST', '/hooks/customers/a/credit', { points: 1 });
  await call('POST', '/hooks/customers/a/credit', { points: 11 });
  expect(events.map(({ hook, customer, error }) => [hook, customer, error])).toEqual([
    ['credit', 'a', undefined],
    ['credit', 'a', 'hook credit: too generous'],
  ]);
  for (const { at, until } of events) expect(until).toBeGreaterThanOrEqual(at);
});

test.each([
  ['a text', 400],
  ['[', 400],
  [`{"x":"${'x'.repeat(70_000)}"}`, 413],
])('a body that is no JSON object, or too long, is refused', async (body, status) => {
  await bridgeWith({ credit: () => undefined });
  const answer = await fetch(`${bridges[0]?.url}/hooks/customers/a/credit`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}` },
    body,
  });
  expect(answer.status).toBe(status);
});

test('closing cuts off who is still connected', async () => {
  let called = () => {};
  const isCalled = new Promise<void>((resolve) => {
    called = resolve;
  });
  const call = await bridgeWith({
    ledger: () => {
      called();
      return new Promise(() => {});
    },
  });
  const cut = call('GET', '/hooks/customers/a/ledger').then(
    () => 'answered',
    () => 'cut off',
  );
  await isCalled;
  await bridges.pop()?.close();
  expect(await cut).toBe('cut off');
});
