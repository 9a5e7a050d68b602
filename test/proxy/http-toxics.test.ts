import { afterEach, describe, expect, test } from 'vitest';
import { uniform } from '../../harness/model/decide.ts';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import { parseAttempt } from '../../harness/proxy/http/request.ts';
import { decideHttpToxics, type HttpToxic } from '../../harness/proxy/http/toxics.ts';
import type { ChaosProxyOptions, RequestInfo } from '../../harness/proxy/types.ts';
import { attempt, closedLater, closeHops, hopTo, send as sent } from './hop-support.ts';
import { post, replica, type Replica } from './http-servers.ts';
import { later, open, type TestClient } from './servers.ts';

afterEach(closeHops);

async function hop(servers: readonly Replica[], options: Partial<ChaosProxyOptions> = {}) {
  const { proxy, listen, toxic, arrivals, untilArrivals } = await hopTo(
    servers.map(({ address }) => address),
    options,
  );
  return { proxy, listen, toxic, servers, arrivals: { all: arrivals, until: untilArrivals } };
}

/** What came, and how the connection ended when no whole answer came. */
async function send(listen: string, request: string): Promise<string> {
  const client = await sent(listen, request);
  return client.ended ?? client.text;
}

async function waiting(listen: string, request: string): Promise<TestClient> {
  const client = await open(listen);
  client.send(request);
  return client;
}

/** Resolves when the hop has received something from its client (upstream) or from a replica (downstream). */
async function bytes(proxy: ChaosProxy, direction: 'upstream' | 'downstream'): Promise<void> {
  const received = (): number =>
    [...proxy.counts()].reduce((sum, { counts }) => sum + counts[direction].received, 0);
  while (received() === 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('http_lose_request', () => {
  test('reset: the client is reset, and nothing reaches the server', async () => {
    const { listen, servers, toxic, arrivals } = await hop([await replica('one')]);
    await toxic('http_lose_request', { how: 'reset' });
    expect(await send(listen, attempt('i.1'))).toBe('reset');
    expect(servers[0]?.received).toHaveLength(0);
    expect(arrivals.all).toEqual([
      {
        type: 'arrival',
        hop: 'hop',
        attempt: 'i.1',
        key: 'k',
        fault: ['http_lose_request'],
        at: expect.any(Number),
        copy: 0,
        endedAt: expect.any(Number),
      },
    ]);
  });

  test('hang: silence until the client gives up', async () => {
    const { listen, servers, toxic, arrivals } = await hop([await replica('one')]);
    await toxic('http_lose_request', { how: 'hang' });
    const client = await waiting(listen, attempt('i.1'));
    await arrivals.until(1);
    expect(client.ended).toBeUndefined();
    client.socket.end();
    await client.untilEnded();
    expect(client.text).toBe('');
    expect(servers[0]?.received).toHaveLength(0);
  });

  test('hang ends with hang_ms, and with the toxic', async () => {
    const { proxy, listen, toxic, arrivals } = await hop([await replica('one')]);
    await toxic('http_lose_request', { how: 'hang', hang_ms: 30 }, 'short');
    expect(await send(listen, attempt('i.1'))).toBe('reset');
    await proxy.removeToxic('hop', 'short');
    await toxic('http_lose_request', { how: 'hang' }, 'long');
    const client = await waiting(listen, attempt('i.2'));
    await arrivals.until(2);
    await proxy.removeToxic('hop', 'long');
    expect(await client.untilEnded()).toBe('reset');
  });
});

describe('http_lose_answer', () => {
  test('reset: the server did the work, the record proves it, the client knows nothing', async () => {
    const { listen, servers, toxic, arrivals } = await hop([await replica('one')]);
    await toxic('http_lose_answer', { how: 'reset', attempts: [1] });
    expect(await send(listen, attempt('i.1'))).toBe('reset');
    expect(servers[0]?.received).toHaveLength(1);
    expect(arrivals.all[0]).toMatchObject({ answer: 200, redemption: 'r-one', fault: ['http_lose_answer'] });
    expect(await send(listen, attempt('i.2'))).toContain('r-one');
    expect(arrivals.all[1]?.fault).toBeUndefined();
  });

  test('hang: the answer is there, the client waits', async () => {
    const { listen, toxic, arrivals } = await hop([await replica('one')]);
    await toxic('http_lose_answer', { how: 'hang' });
    const client = await waiting(listen, attempt('i.1'));
    expect((await arrivals.until(1))[0]).toMatchObject({ answer: 200 });
    expect(client.text).toBe('');
    client.socket.destroy();
  });

  test('a toxic that is removed before the answer came spares it', async () => {
    let answer = (): void => {};
    const one = await replica('one', (_, response) => (answer = () => response.end('{"n":1}')));
    const { proxy, listen, toxic, arrivals } = await hop([one]);
    await toxic('http_lose_answer', { how: 'hang' });
    const client = await waiting(listen, attempt('i.1'));
    await one.untilReceived(1);
    await proxy.removeToxic('hop', 'http_lose_answer');
    answer();
    await client.untilText('{"n":1}');
    expect(arrivals.all[0]?.fault).toEqual(['http_lose_answer']);
    expect(arrivals.all[0]?.undone).toEqual({ http_lose_answer: 'the fault had ended' });
  });

  test('cut: so many bytes of the answer, never all of them', async () => {
    const { listen, toxic } = await hop([await replica('one')]);
    await toxic('http_lose_answer', { how: 'cut', after_bytes: 20 });
    const client = await waiting(listen, attempt('i.1'));
    expect(await client.untilEnded()).toBe('end');
    expect(client.text).toBe('HTTP/1.1 200 OK\r\nCon');
  });
});

describe('http_delay_answer and http_delay_request', () => {
  test.each(['http_delay_answer', 'http_delay_request'])('%s waits', async (type) => {
    const { listen, toxic, arrivals } = await hop([await replica('one')]);
    await toxic(type, { delay_ms: 60 });
    const start = performance.now();
    expect(await send(listen, attempt('i.1'))).toContain('r-one');
    expect(performance.now() - start).toBeGreaterThanOrEqual(58);
    expect(arrivals.all[0]).toMatchObject({ answer: 200, fault: [type] });
  });

  test.each(['http_delay_answer', 'http_delay_request'])(
    '%s lets go when its toxic is removed',
    async (type) => {
      const { proxy, listen, toxic } = await hop([await replica('one')]);
      await toxic(type, { delay_ms: 600_000, jitter_ms: 1000 });
      const client = await waiting(listen, attempt('i.1'));
      await bytes(proxy, type === 'http_delay_answer' ? 'downstream' : 'upstream');
      await proxy.removeToxic('hop', type);
      expect(await client.untilText('}')).toContain('r-one');
    },
  );

  test('a request that is held back when the hop goes down never goes out', async () => {
    const { proxy, listen, toxic, servers, arrivals } = await hop([await replica('one')]);
    await toxic('http_delay_request', { delay_ms: 600_000 });
    const client = await waiting(listen, attempt('i.1'));
    await bytes(proxy, 'upstream');
    await proxy.setEnabled('hop', false);
    await client.untilEnded();
    expect((await arrivals.until(1))[0]).toMatchObject({ error: 'the proxy closed the connection' });
    expect(servers[0]?.received).toHaveLength(0);
  });
});

describe('http_answer', () => {
  test('before: the server hears nothing', async () => {
    const { listen, toxic, servers } = await hop([await replica('one')]);
    await toxic('http_answer', { status: 503, after: false });
    const answer = await send(listen, attempt('i.1'));
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(answer).toContain('Onceproof-By: proxy\r\n');
    expect(servers[0]?.received).toHaveLength(0);
  });

  test('after: the server did the work, the record says what it answered', async () => {
    const { listen, toxic, servers, arrivals } = await hop([await replica('one')]);
    await toxic('http_answer', { status: 504, after: true, body: '{"own":true}' });
    const answer = await send(listen, attempt('i.1'));
    expect(answer).toMatch(/^HTTP\/1\.1 504 /);
    expect(answer).toContain('{"own":true}');
    expect(servers[0]?.received).toHaveLength(1);
    expect(arrivals.all[0]).toMatchObject({ answer: 200, redemption: 'r-one' });
  });

  test('the connection goes on afterwards', async () => {
    const { listen, toxic } = await hop([await replica('one')]);
    await toxic('http_answer', { status: 502, first: 1 });
    const client = await waiting(listen, attempt('i.1'));
    await client.untilText('}');
    client.send(attempt('i.2'));
    await client.untilText('r-one');
  });
});

describe('http_duplicate', () => {
  test('the copy goes to another replica, the client gets the answer to the original', async () => {
    const { listen, servers, toxic, arrivals } = await hop([await replica('a'), await replica('b')]);
    await toxic('http_duplicate', { upstream: 'other' });
    const answer = await send(listen, attempt('i.1', {}, '{"same":1}'));
    const records = await arrivals.until(2);
    const [original, copy] = [
      records.find((each) => each.copy === 0),
      records.find((each) => each.copy === 1),
    ];
    expect(original?.upstream).not.toBe(copy?.upstream);
    expect(answer).toContain(original?.redemption ?? 'none');
    for (const record of records)
      expect(record).toMatchObject({ attempt: 'i.1', key: 'k', answer: 200, fault: ['http_duplicate'] });
    for (const { received } of servers) expect(received.map(({ body }) => body)).toEqual(['{"same":1}']);
  });

  test('same and any choose by the seed', async () => {
    const { proxy, listen, toxic, arrivals } = await hop([await replica('a'), await replica('b')]);
    await toxic('http_duplicate', { upstream: 'same', count: 2 });
    await send(listen, attempt('i.1'));
    const same = await arrivals.until(3);
    expect(new Set(same.map(({ upstream }) => upstream)).size).toBe(1);
    await proxy.removeToxic('hop', 'http_duplicate');
    await toxic('http_duplicate', { upstream: 'any', count: 12 });
    await send(listen, attempt('i.2'));
    const any = (await arrivals.until(16)).slice(3);
    expect(new Set(any.map(({ upstream }) => upstream)).size).toBe(2);
  });

  test('wait: both holds the answer until the copy has its own', async () => {
    let release = (): void => {};
    const slow = later<void>();
    const server = await replica('one', (_, response) => {
      if (server.received.length === 1) response.end('{"n":1}');
      else {
        release = () => response.end('{"n":2}');
        slow.resolve();
      }
    });
    const { listen, toxic, proxy, arrivals } = await hop([server]);
    await toxic('http_duplicate', { wait: 'both' });
    const client = await waiting(listen, attempt('i.1'));
    await slow.promise;
    await arrivals.until(1);
    expect(client.text).toBe('');
    expect(proxy.pending()).toBe(1);
    release();
    expect(await client.untilText('}')).toContain('{"n":1}');
    expect(proxy.pending()).toBe(0);
  });

  test('after_client_gone: the copy leaves when the client has gone, to another replica, and is counted until then', async () => {
    const { proxy, listen, toxic, servers } = await hop([
      await replica('a', () => {}),
      await replica('b', () => {}),
    ]);
    await toxic('http_duplicate', { upstream: 'other', after_client_gone: true });
    const client = await waiting(listen, attempt('i.1'));
    await Promise.race(servers.map((each) => each.untilReceived(1)));
    expect(servers.reduce((sum, { received }) => sum + received.length, 0)).toBe(1);
    expect(proxy.pending()).toBe(1);
    expect(proxy.pendingFor('k')).toBe(1);
    expect(proxy.pendingFor('other')).toBe(0);
    client.socket.destroy();
    await Promise.all(servers.map((each) => each.untilReceived(1)));
  });

  test('after_answer with a delay: the copy comes late, and pending tells of it', async () => {
    const { proxy, listen, toxic, servers, arrivals } = await hop([await replica('one')]);
    await toxic('http_duplicate', { after_answer: true, delay_ms: 80 });
    expect(await send(listen, attempt('i.1'))).toContain('r-one');
    expect(proxy.pending()).toBe(1);
    const [original, copy] = await arrivals.until(2);
    expect(copy?.copy).toBe(1);
    expect((copy?.at ?? 0) - (original?.endedAt ?? 0)).toBeGreaterThanOrEqual(78);
    expect(servers[0]?.received).toHaveLength(2);
    expect(proxy.pending()).toBe(0);
  });

  test('copies go on when the toxic is removed', async () => {
    const { proxy, listen, toxic, servers } = await hop([await replica('one')]);
    await toxic('http_duplicate', { delay_ms: 50 });
    await send(listen, attempt('i.1'));
    await proxy.removeToxic('hop', 'http_duplicate');
    await servers[0]?.untilReceived(2);
  });
});

describe('http_arm', () => {
  test('is awaited before the request goes on, and told the replica', async () => {
    const armed: unknown[] = [];
    const gate = later<void>();
    const one = await replica('one');
    const { listen, toxic } = await hop([one], {
      arm: async (request, attributes, index) => {
        armed.push([request.key, request.intent, request.attempt, attributes, index]);
        await gate.promise;
      },
    });
    await toxic('http_arm', { point: 'after-debit', action: 'crash', times: 1 });
    const client = await waiting(listen, attempt('i.1'));
    while (armed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(armed).toEqual([['k', 'i', 1, { point: 'after-debit', action: 'crash', times: 1 }, 0]]);
    expect(one.received).toHaveLength(0);
    gate.resolve();
    await client.untilText('r-one');
  });

  test('lets no other request of the key overtake it; those of other keys go on', async () => {
    const gate = later<void>();
    const asked = later<void>();
    const one = await replica('one');
    const { proxy, listen, toxic } = await hop([one], {
      arm: () => {
        asked.resolve();
        return gate.promise;
      },
    });
    await toxic('http_arm', { point: 'after-debit', action: 'crash', attempts: [1] });
    const armed = await waiting(listen, attempt('i.1'));
    await asked.promise;
    const next = await waiting(listen, attempt('i.2'));
    while (proxy.pendingFor('k') < 2) await new Promise((resolve) => setImmediate(resolve));
    await send(listen, post('/redeem', '{}', { 'Onceproof-Attempt': 'j.2', 'Idempotency-Key': 'other' }));
    expect(one.received).toHaveLength(1);
    gate.resolve();
    await armed.untilText('r-one');
    await next.untilText('r-one');
    expect(one.received).toHaveLength(3);
    expect(proxy.pending()).toBe(0);
  });

  test('that is removed lets the waiting request and those behind it go, unarmed', async () => {
    const asked = later<void>();
    const { proxy, listen, toxic, arrivals } = await hop([await replica('one')], {
      arm: (_request, _attributes, _index, ended) =>
        new Promise((_, reject) => {
          asked.resolve();
          ended.addEventListener('abort', () => reject(new Error('over')));
        }),
    });
    await toxic('http_arm', { point: 'after-debit', action: 'crash', attempts: [1] });
    const armed = await waiting(listen, attempt('i.1'));
    await asked.promise;
    const next = await waiting(listen, attempt('i.2'));
    while (proxy.pendingFor('k') < 2) await new Promise((resolve) => setImmediate(resolve));
    await proxy.removeToxic('hop', 'http_arm');
    await armed.untilText('r-one');
    await next.untilText('r-one');
    expect(arrivals.all.map(({ attempt: name, undone }) => [name, undone])).toEqual([
      ['i.1', { http_arm: 'over' }],
      ['i.2', undefined],
    ]);
  });

  test('that fails lets the request go, and says so', async () => {
    const { listen, toxic, arrivals } = await hop([await replica('one')], {
      arm: () => Promise.reject(new Error('no hooks')),
    });
    await toxic('http_arm', { point: 'after-debit', action: 'crash' });
    expect(await send(listen, attempt('i.1'))).toContain('r-one');
    expect(arrivals.all[0]).toMatchObject({ answer: 200, undone: { http_arm: 'no hooks' } });
  });
});

describe('who is hit', () => {
  const decided = (attributes: object, names: readonly string[], seed = 's', proxy = 'hop') =>
    names.filter((name, index) => {
      const toxic = {
        name: 't',
        type: 'http_arm',
        stream: 'downstream',
        toxicity: 1,
        attributes: { ...attributes },
      };
      const request = {
        proxy,
        number: index + 1,
        method: 'POST',
        path: '/',
        headerNames: [],
        ...parseAttempt(name),
      };
      return decideHttpToxics(seed, [toxic], request).length > 0;
    });
  const intents = Array.from({ length: 120 }, (_, iteration) => `rs-${iteration}`);

  test('one_in hits exactly one iteration of each block, whatever the order, another one with another seed', () => {
    const names = intents.map((name) => `${name}-1.1`);
    const hit = decided({ one_in: 12 }, names);
    const blocks = hit.map((name) => Math.floor(Number(/-(\d+)-/.exec(name)?.[1]) / 12));
    expect(blocks).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(decided({ one_in: 12 }, names.toReversed())).toEqual(hit.toReversed());
    expect(decided({ one_in: 12 }, names, 'other')).not.toEqual(hit);
    expect(decided({ one_in: 12, rule: 'other' }, names)).not.toEqual(hit);
  });

  test('one_in hits the first intent of an iteration only, and all its attempts unless others are told', () => {
    const hit = decided(
      { one_in: 1 + 11 },
      intents.map((name) => `${name}-1.1`),
    );
    const again = (ending: string) =>
      decided(
        { one_in: 12 },
        intents.map((name) => `${name}-${ending}`),
      );
    expect(again('2.1')).toEqual([]);
    expect(again('1.2')).toEqual(hit.map((name) => name.replace(/1$/, '2')));
    expect(
      decided(
        { one_in: 12, attempts: [1] },
        intents.map((name) => `${name}-1.2`),
      ),
    ).toEqual([]);
  });

  test('one_in hits intents of other names as often, by share', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `order${index}.1`);
    const hit = decided({ one_in: 10 }, names).length;
    expect(hit).toBeGreaterThan(200);
    expect(hit).toBeLessThan(400);
  });

  test('chosen hits these alone, at one proxy where it is named', () => {
    const names = ['a-1-1.1', 'a-1-1.2', 'a-2-1.1', 'a-1-11.1'];
    const chosen = ['a-1-1.1', 'a-2-1.1@door-2'];
    expect(decided({ chosen }, names)).toEqual(['a-1-1.1']);
    expect(decided({ chosen }, names, 's', 'door-2')).toEqual(['a-1-1.1', 'a-2-1.1']);
    expect(decided({ chosen: [] }, names)).toEqual([]);
  });
});

describe('http_header', () => {
  test.each([
    ['drop', []],
    ['duplicate', ['k', 'k']],
    ['requote', ['"k"']],
  ])('%s', async (op, expected) => {
    const { listen, toxic, servers } = await hop([await replica('one')]);
    await toxic('http_header', { op });
    await send(listen, attempt('i.1'));
    const raw = servers[0]?.received[0]?.rawHeaders ?? [];
    expect(raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === 'Idempotency-Key')).toEqual(
      expected,
    );
  });

  test('fold breaks the line as old clients did', async () => {
    const { listen, toxic } = await hop([await replica('one')]);
    await toxic('http_header', { op: 'fold', header: 'content-type' });
    // Node refuses folded lines; that it was one is what its answer shows.
    const answer = await send(listen, post('/', '{}', { 'Content-Type': 'application/json' }));
    expect(answer === 'end' || answer.includes('400')).toBe(true);
  });
});

describe('what is hit', () => {
  const request = (intent: string, number: number, more: Partial<RequestInfo> = {}): RequestInfo => ({
    proxy: 'hop',
    number: 1,
    method: 'POST',
    path: '/redeem',
    headerNames: ['host', 'idempotency-key'],
    intent,
    attempt: number,
    ...more,
  });
  const toxic = (attributes: Record<string, unknown>, name = 't'): HttpToxic => ({
    name,
    type: 'http_lose_answer',
    stream: 'downstream',
    toxicity: 1,
    attributes,
  });
  const isHit = (attributes: Record<string, unknown>, info: RequestInfo): boolean =>
    decideHttpToxics(7, [toxic(attributes)], info).length === 1;

  test('a share is decided by seed, rule, intent and attempt', () => {
    for (let index = 0; index < 200; index++) {
      expect(isHit({ share: 0.3, rule: 'r' }, request(`i-${index}`, 2))).toBe(
        uniform(7, 'r', `i-${index}`, 2) < 0.3,
      );
    }
  });

  test('a request that is to crash is not lost in the hop, one that is only slow is slow as well', () => {
    const all = ['http_lose_request', 'http_delay_request', 'http_lose_answer'].map((type) => ({
      ...toxic({}, type),
      type,
    }));
    const names = (more: readonly HttpToxic[]) =>
      decideHttpToxics(7, [...all, ...more], request('i', 1)).map(({ name }) => name);
    const arm = { ...toxic({ point: 'after-debit' }, 'http_arm'), type: 'http_arm' };
    const before = { ...toxic({ status: 503, after: false }, 'before'), type: 'http_answer' };
    const after = { ...toxic({ status: 502, after: true }, 'after'), type: 'http_answer' };
    expect(names([arm, before, after])).toEqual([
      'http_delay_request',
      'http_lose_answer',
      'http_arm',
      'after',
    ]);
    expect(names([before])).toEqual([...all.map(({ name }) => name), 'before']);
  });

  test('toxics of one rule hit the same attempts, those of two rules other ones', () => {
    const pair = (first: string, second: string) =>
      Array.from(
        { length: 200 },
        (_, index) =>
          decideHttpToxics(
            7,
            [toxic({ share: 0.5, rule: first }, 'a'), toxic({ share: 0.5, rule: second }, 'b')],
            request(`i-${index}`, 1),
          ).length,
      );
    expect(new Set(pair('r', 'r'))).toEqual(new Set([0, 2]));
    expect(new Set(pair('r', 's'))).toEqual(new Set([0, 1, 2]));
  });

  test.each([
    ['attempts', { attempts: [2, 3] }, request('i', 2), request('i', 1)],
    [
      'path',
      { path: '/redeem' },
      request('i', 1, { path: '/redeem?x' }),
      request('i', 1, { path: '/other' }),
    ],
    ['method', { method: 'post' }, request('i', 1), request('i', 1, { method: 'GET' })],
    ['has_header', { has_header: 'Idempotency-Key' }, request('i', 1), request('i', 1, { headerNames: [] })],
    ['a key', { key: 'k-1' }, request('i', 1, { key: 'k-1' }), request('i', 1, { key: 'k-12' })],
    ['a key by its beginning', { key: 'k-1*' }, request('i', 1, { key: 'k-12' }), request('i', 1)],
    [
      'header_is',
      { header_is: { 'X-Tier': 'gold', 'x-shop': 'a*' } },
      request('i', 1, {
        headers: [
          { name: 'x-tier', value: 'gold' },
          { name: 'x-shop', value: 'abc' },
        ],
      }),
      request('i', 1, { headers: [{ name: 'x-tier', value: 'gold' }] }),
    ],
    ['share 0 and 1', { share: 1 }, request('i', 1), undefined],
  ])('%s selects', (_, attributes, hit, missed) => {
    expect(isHit(attributes, hit)).toBe(true);
    if (missed === undefined) expect(isHit({ share: 0 }, hit)).toBe(false);
    else expect(isHit(attributes, missed)).toBe(false);
  });

  test('first hits so often and no more', async () => {
    const { listen, toxic: add } = await hop([await replica('one')]);
    await add('http_answer', { status: 503, first: 2, method: 'POST' });
    const found = [];
    for (let number = 1; number <= 4; number++)
      found.push((await send(listen, attempt(`i.${number}`))).slice(9, 12));
    expect(found).toEqual(['503', '503', '200', '200']);
  });

  test('two hops of one seed decide the same, whatever the order of the requests', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `i-${index}.1`);
    const outcomes = async (order: readonly string[]): Promise<Record<string, string>> => {
      const { listen, toxic: add } = await hop([await replica('one')]);
      await add('http_answer', { status: 503, share: 0.5 });
      const found: Record<string, string> = {};
      for (const name of order) found[name] = (await send(listen, attempt(name))).slice(9, 12);
      return found;
    };
    const forwards = await outcomes(names);
    expect(await outcomes(names.toReversed())).toEqual(forwards);
    expect(new Set(Object.values(forwards))).toEqual(new Set(['503', '200']));
  });
});

describe('the API refuses', () => {
  const refusal = async (
    spec: { type: string; attributes?: Record<string, unknown> },
    mode: 'tcp' | 'http',
  ) => {
    const proxy = closedLater(new ChaosProxy({ seed: 1 }));
    await proxy.create({ name: 'p', mode, upstream: '127.0.0.1:9' });
    return proxy.addToxic('p', spec).then(
      () => 'taken',
      (error: unknown) => (error as Error).message,
    );
  };

  test.each([
    [
      { type: 'http_lose_answer' },
      'tcp',
      'invalid toxic type: http_lose_answer works on http proxies, this one is tcp',
    ],
    [{ type: 'latency' }, 'http', 'invalid toxic type: latency works on tcp proxies, this one is http'],
    [{ type: 'http_nonsense' }, 'http', 'invalid toxic type'],
    [{ type: 'toString' }, 'http', 'invalid toxic type'],
    [{ type: 'constructor' }, 'tcp', 'invalid toxic type'],
    [
      { type: 'http_lose_answer', attributes: { how: 'softly' } },
      'http',
      'bad request body: attribute how of http_lose_answer must be one of reset, hang, cut, found "softly"',
    ],
    [
      { type: 'http_answer', attributes: { status: 99 } },
      'http',
      'bad request body: attribute status of http_answer must be a status from 200 to 599, found 99',
    ],
    [
      { type: 'http_replay', attributes: { delay_ms: 3_600_001 } },
      'http',
      'bad request body: attribute delay_ms of http_replay must be a number between 0 and 3600000, found 3600001',
    ],
    [
      { type: 'http_balancer', attributes: { profile: 'apache' } },
      'http',
      'bad request body: attribute profile of http_balancer must be one of nginx-non-idempotent, haproxy-retry-on, envoy-hedge, go-transport, found "apache"',
    ],
    [
      { type: 'http_lose_answer', attributes: { header_is: 'gold' } },
      'http',
      'bad request body: attribute header_is of http_lose_answer must be an object of strings by header, found "gold"',
    ],
    [
      { type: 'http_delay_answer', attributes: { share: 50 } },
      'http',
      'bad request body: attribute share of http_delay_answer must be a number between 0 and 1, found 50',
    ],
  ] as const)('%j on a %s proxy', async (spec, mode, expected) => {
    expect(await refusal(spec, mode)).toBe(expected);
  });

  test('a mistyped attribute, naming the known ones', async () => {
    const found = await refusal({ type: 'http_answer', attributes: { statsu: 503 } }, 'http');
    expect(found).toMatch(
      /^bad request body: attribute statsu is unknown to http_answer; known: rule, share, .*status/,
    );
  });
});
