/** Every request that is an attempt carries the trace of that attempt, whoever sends it; scripts have a test of their own. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Auditor } from '../../harness/audit/auditor.ts';
import { ReadBack } from '../../harness/audit/read-back.ts';
import { RAW_ENVELOPES } from '../../harness/engine/raw/envelopes.ts';
import { sendRaw } from '../../harness/engine/raw/sender.ts';
import { NO_CAPABILITIES, type HistoryEvent } from '../../harness/history/events.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';
import { referenceTarget, type Target } from '../../harness/model/target.ts';
import { traceParent } from '../../harness/model/trace.ts';
import { SweepClient } from '../../harness/sweep/client.ts';

const OWN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const payload = { customer: 'ada', reward: 'r1', points: 5 };
const contract = PROFILES.seed;

/** What came as redemptions, each with its trace. */
const traces: (string | undefined)[] = [];
const server = createServer((request, response) => {
  const { traceparent } = request.headers;
  if (request.method === 'POST') traces.push(typeof traceparent === 'string' ? traceparent : undefined);
  request.resume();
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"reward_not_found"}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => void traces.splice(0));

/** The endpoint; `traceparent`: what its config sends of its own. */
function target(traceparent?: string): Target {
  const plain = referenceTarget(url);
  return traceparent === undefined
    ? plain
    : { ...plain, redeem: { ...plain.redeem, headers: { ...plain.redeem.headers, traceparent } } };
}

/** An intent that nobody has decided is asked for again by the audit; what it called its attempts. */
async function settled(of: Target): Promise<string[]> {
  const events: HistoryEvent[] = [];
  const endpoint = new ReadBack({
    target: of,
    contract,
    capabilities: NO_CAPABILITIES,
    baseUrls: [url],
    tokenFor: () => Promise.resolve('token'),
    timeoutMs: 30_000,
    maxAnswerBytes: 10_000,
  });
  const auditor = new Auditor({
    contract,
    endpoint,
    emit: (event) => void events.push(event),
    settleMs: 1000,
    live: false,
    pendingFor: () => 0,
    runId: 'traced',
    now: Date.now,
    sleep: () => Promise.resolve(),
  });
  const invoke = { attempt: 'i-1.1', intent: 'i-1', key: 'key-1', payloadHash: payloadHash(payload) };
  auditor.push({ type: 'invoke', at: Date.now(), ...invoke, ...payload, via: 'script' });
  await auditor.finish();
  await endpoint.close();
  return events.flatMap((event) => (event.type === 'invoke' ? [event.attempt] : []));
}

async function raw(of: Target, envelope?: string): Promise<string[]> {
  const how = RAW_ENVELOPES.find(({ name }) => name === envelope);
  await sendRaw({
    ...{
      target: of,
      contract,
      token: 'token',
      attempt: 'i-2.1',
      intent: 'i-2',
      payload,
      keys: ['one', 'two'],
    },
    ...{ runId: 'traced', timeoutMs: 30_000, now: Date.now, emit: () => undefined },
    ...(how && { envelope: how }),
  });
  return ['i-2.1'];
}

async function swept(of: Target): Promise<string[]> {
  const client = new SweepClient({
    target: of,
    contract,
    emit: () => undefined,
    now: Date.now,
    runId: 'traced',
  });
  const intent = { id: 'i-3', key: 'key-3', payload, token: 'token', attempts: { sent: 0 } };
  const first = await client.send(intent, { to: url, timeoutMs: 30_000 });
  const second = await client.send(intent, { to: url, timeoutMs: 30_000 });
  return [first.attempt, second.attempt];
}

describe.each([
  ['settling', settled],
  ['a raw connection', raw],
  ['a raw connection, names in lower case', (of: Target) => raw(of, 'header names in lower case')],
  ['a sweep', swept],
] as const)('%s', (_name, send) => {
  test('sends traceparent by run and attempt', async () => {
    const attempts = await send(target());
    expect(attempts.length).toBeGreaterThan(0);
    expect(traces).toEqual(attempts.map((attempt) => traceParent('traced', attempt)));
  });

  test('leaves one that the config sends alone', async () => {
    const attempts = await send(target(OWN));
    expect(traces).toEqual(attempts.map(() => OWN));
  });
});
