/** Each attempt sends a trace of its own, which a report can name: on both engines. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { referenceTarget, type Target } from '../../harness/model/target.ts';
import { traceParent } from '../../harness/model/trace.ts';
import { k6, play } from './support.ts';

const seen = new Map<string, string>();
/** Refuses all redemptions, and remembers which trace each attempt came with. */
const server = createServer((request, response) => {
  const { 'onceproof-attempt': attempt, traceparent } = request.headers;
  if (typeof attempt === 'string') seen.set(attempt, String(traceparent));
  request.resume();
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"reward_not_found"}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

/** Nothing is read: what is asked for is all that there is. */
function target(): Target {
  const { balance: _balance, redemptions: _redemptions, ...rest } = referenceTarget(url);
  return rest;
}

async function attempts(engine: 'embedded' | 'k6', of: Target): Promise<void> {
  seen.clear();
  await play(
    'double-click',
    {
      ...{ BASE_URL: url, TARGET: JSON.stringify(of), TOKEN: 'token', CUSTOMERS: 'anna,ben' },
      ...{ RUN_ID: 'traced', INTENTS: '4', VUS: '2', BACKOFF_FACTOR: '0.01' },
    },
    engine,
  );
  expect(seen.size).toBeGreaterThan(3);
}

describe.each([
  ['the embedded engine', 'embedded', false],
  [`the real k6${k6 === undefined ? ' (skipped: no k6 on the PATH)' : ''}`, 'k6', k6 === undefined],
] as const)('%s', (_name, engine, isMissing) => {
  test.skipIf(isMissing)('sends traceparent by run and attempt', async () => {
    await attempts(engine, target());
    for (const [attempt, trace] of seen) expect(trace).toBe(traceParent('traced', attempt));
  });
});

test('a traceparent that the config sends is left alone', async () => {
  const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const plain = target();
  await attempts('embedded', { ...plain, redeem: { ...plain.redeem, headers: { traceparent: own } } });
  expect(new Set(seen.values())).toEqual(new Set([own]));
});
