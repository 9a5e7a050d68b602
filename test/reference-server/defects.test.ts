import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFECTS, defectCatalogue } from '../../reference-server/defects/index.ts';
import {
  arm,
  clock,
  customerWith,
  effects,
  fresh,
  hook,
  redeem,
  serve,
  until,
  type TestServer,
} from './harness.ts';
import { STORES } from './stores.ts';

const DAY_MS = 86_400_000;

/** Each drives one customer with 1000 points and gives back a text that a right server never gives. */
const SYMPTOMS: Readonly<Record<string, (server: TestServer) => Promise<string>>> = {
  'check-then-act': async (server) => debitsOf(server, (id) => together(server, id, 4)),
  'short-lease': async (server) =>
    debitsOf(server, async (id) => {
      await arm(server, { point: 'after-debit', action: 'pause', pause_ms: 1000, customer_id: id });
      const first = redeem(server, id, { key: 'k' });
      await until(async () => (await effects(server, id)).debitCount === 1);
      await Promise.all([first, redeem(server, id, { key: 'k' })]);
    }),
  'debit-before-record': async (server) => debitsOf(server, (id) => crashAndRetry(server, id, 'after-debit')),
  'record-after-reply': async (server) =>
    debitsOf(server, async (id) => {
      await redeem(server, id, { key: 'k', clientId: 'c' });
      await redeem(server, id, { key: 'k', clientId: 'c' });
    }),
  'global-key-scope': async (server) => {
    const [one, two] = [await customerWith(server, 1000), await customerWith(server, 1000)];
    const key = fresh('key');
    await redeem(server, one.id, { key });
    const { body } = await redeem(server, two.id, { key });
    return body['customer_id'] === one.id ? 'another customer' : 'own';
  },
  'no-fingerprint': async (server) => {
    const { id } = await customerWith(server, 1000);
    await redeem(server, id, { key: 'k' });
    return `other payload: ${(await redeem(server, id, { key: 'k', points: 200 })).status}`;
  },
  'balance-read-check-write': async (server) => {
    const { id } = await customerWith(server, 1000);
    await Promise.all([1, 2, 3].map((n) => redeem(server, id, { key: `k${n}`, clientId: `c${n}` })));
    const { balance, debitCount } = await effects(server, id);
    return balance === 1000 - 120 * debitCount ? 'adds up' : 'points kept';
  },
  'expired-key-processed': async (server) =>
    debitsOf(server, async (id) => {
      await redeem(server, id, { key: 'k', clientId: 'c' });
      await clock(server, id, { advance_ms: DAY_MS });
      await redeem(server, id, { key: 'k', clientId: 'c' });
    }),
  'ttl-renewed': async (server) => {
    const { id } = await customerWith(server, 1000);
    await clock(server, id, { frozen: true });
    await redeem(server, id, { key: 'k' });
    for (let n = 0; n < 2; n++) {
      await clock(server, id, { advance_ms: DAY_MS - 1 });
      await redeem(server, id, { key: 'k' });
    }
    return `after two days: ${(await redeem(server, id, { key: 'k' })).status}`;
  },
  'replica-clock': async (server) => {
    const { id } = await customerWith(server, 1000);
    await redeem(server, id, { key: 'k' });
    await hook(server, 'PUT', '/hooks/replicas/1/clock', { offset_ms: DAY_MS });
    const { status } = await redeem(server, id, { key: 'k' });
    await hook(server, 'PUT', '/hooks/replicas/1/clock', { offset_ms: 0 });
    return `its clock a day ahead: ${status}, then ${(await redeem(server, id, { key: 'k' })).status}`;
  },
  'sticky-5xx': async (server) => {
    const { id } = await customerWith(server, 100_000);
    const again: number[] = [];
    for (let n = 0; n < 60 && again.length === 0; n++) {
      const { status } = await redeem(server, id, { key: `k${n}`, clientId: `c${n}` });
      if (status === 503) again.push((await redeem(server, id, { key: `k${n}`, clientId: `c${n}` })).status);
    }
    return `after a 503: ${again.join()}`;
  },
};

const SICK: Readonly<Record<string, string>> = {
  'check-then-act': 'debited more than once',
  'short-lease': 'debited more than once',
  'debit-before-record': 'debited more than once',
  'record-after-reply': 'debited more than once',
  'global-key-scope': 'another customer',
  'no-fingerprint': 'other payload: 200',
  'balance-read-check-write': 'points kept',
  'expired-key-processed': 'debited more than once',
  'ttl-renewed': 'after two days: 200',
  'replica-clock': 'its clock a day ahead: 409, then 200',
  'sticky-5xx': 'after a 503: 503',
};

const HEALTHY: Readonly<Record<string, string>> = {
  'global-key-scope': 'own',
  'no-fingerprint': 'other payload: 422',
  'balance-read-check-write': 'adds up',
  'ttl-renewed': 'after two days: 409',
  'replica-clock': 'its clock a day ahead: 200, then 200',
  'sticky-5xx': 'after a 503: ',
};

describe.each(STORES)('wrong editions on $name', ({ skip, open }) => {
  let store: string;
  let stop: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    if (!skip) ({ store, stop } = await open());
  });
  afterEach(() => server?.close());
  afterAll(() => stop?.());

  it.skipIf(skip).each(Object.keys(SYMPTOMS))('%s shows its bug', async (defectName) => {
    server = await serve({ store, defectName, leaseMs: 100, restartAfterMs: 20 });
    expect(await SYMPTOMS[defectName]?.(server)).toBe(SICK[defectName]);
  });

  it.skipIf(skip).each(Object.keys(SYMPTOMS))(
    'the right edition does not show the bug of %s',
    async (defectName) => {
      server = await serve({ store, leaseMs: 100, restartAfterMs: 20 });
      expect(await SYMPTOMS[defectName]?.(server)).toBe(HEALTHY[defectName] ?? 'debited once');
    },
  );
});

it('each edition of this table is in the catalogue; the others are shown by runs (test/end-to-end/defects.test.ts)', () => {
  const names = DEFECTS.map((defect) => defect.name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(SICK)));
  expect(Object.keys(SYMPTOMS).toSorted()).toEqual(Object.keys(SICK).toSorted());
});

it('the catalogue is plain data', () => {
  const catalogue = defectCatalogue();
  expect(JSON.parse(JSON.stringify(catalogue))).toEqual(catalogue);
  expect(catalogue.length).toBe(DEFECTS.length);
});

async function debitsOf(server: TestServer, drive: (id: string) => Promise<unknown>): Promise<string> {
  const { id } = await customerWith(server, 1000);
  await drive(id);
  const { debitCount } = await effects(server, id);
  return debitCount > 1 ? 'debited more than once' : `debited ${debitCount === 1 ? 'once' : 'never'}`;
}

function together(server: TestServer, id: string, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => redeem(server, id, { key: 'k' })));
}

/** One attempt is cut off at the point, then the key is retried until it is decided. */
async function crashAndRetry(server: TestServer, id: string, point: string): Promise<void> {
  await arm(server, { point, action: 'crash', customer_id: id });
  const cutOff = redeem(server, id, { key: 'k', clientId: 'c' }).catch(() => undefined);
  await until(async () => server.events.some((event) => event.event === 'crash'));
  await until(async () => {
    const reply = await redeem(server, id, { key: 'k', clientId: 'c' }).catch(() => undefined);
    return reply?.status === 200;
  });
  void cutOff;
}
