import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Pool } from 'undici';
import { runEmbedded } from '../harness/engine/embedded.ts';
import type { Figure } from './figure.ts';

const VUS = 64;
const ROUNDS = 5;
const REQUESTS = 120_000;
/** A run has a thread of its own, whose code is compiled anew: rates are those of what comes after so many requests. */
const WARM_UP = 40_000;
/** 120 bytes, about the size of a redemption. */
const BODY = JSON.stringify({
  customer_id: 'c-1',
  reward_id: 'r-1',
  points_amount: 500,
  client_redemption_id: 'x'.repeat(39),
});

/** Answers every request with the same bytes, as fast as a socket can: the client is what is measured. */
const SERVER = `
const body = '{"status":"completed","balance_after":123456789}';
const answer = 'HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: ' + body.length + '\\r\\n\\r\\n' + body;
require('node:net').createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', () => socket.write(answer));
}).listen(0, '127.0.0.1', function () { process.send(this.address().port); });
`;

/** What a scenario does for a request: an event before, an event after. */
const SCRIPT = `
import http from 'k6/http';
import exec from 'k6/execution';
const body = ${JSON.stringify(BODY)};
export const options = { scenarios: { bench: { executor: 'shared-iterations', vus: ${VUS}, iterations: ${REQUESTS} } } };
export default async function () {
  const intent = 'i-' + exec.scenario.iterationInTest;
  const attempt = intent + '.1';
  console.log(JSON.stringify({ type: 'invoke', at: Date.now(), attempt, intent, key: 'a8f1c0de-0000-4000-8000-000000000000', customer: 'c-1', reward: 'r-1', points: 500, payloadHash: '0011223344556677', via: 'script' }));
  const response = await http.asyncRequest('POST', __ENV.URL, body, {
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer token', 'Idempotency-Key': 'a8f1c0de-0000-4000-8000-000000000000' },
    timeout: 10000,
    tags: { name: 'redeem' },
  });
  console.log(JSON.stringify({ type: 'complete', at: Date.now(), attempt, outcome: response.status === 200 ? 'ok' : 'info', status: response.status, bodyHash: response.body.length, by: 'server' }));
}
`;

interface Measured {
  readonly perSecond: number;
  readonly cpuUs: number;
  /** Until the first request, ms. */
  readonly startMs: number;
}

/** Reads the clocks when a run is under way, and at its end. */
class Meter {
  private readonly begunAt = performance.now();
  private firstAt: number | undefined = undefined;
  private from: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined = undefined;
  private count = 0;

  /** A request was begun. */
  tick(): void {
    this.firstAt ??= performance.now();
    this.count++;
    if (this.count === WARM_UP) this.from = { at: performance.now(), cpu: process.cpuUsage() };
  }

  end(): Measured {
    const { from, firstAt = this.begunAt, begunAt } = this;
    if (from === undefined) throw new Error(`only ${this.count} requests were made`);
    const requests = REQUESTS - WARM_UP;
    const { user, system } = process.cpuUsage(from.cpu);
    return {
      perSecond: requests / ((performance.now() - from.at) / 1_000),
      cpuUs: (user + system) / requests,
      startMs: firstAt - begunAt,
    };
  }
}

/** The embedded engine, history written to a file, against undici's Pool alone: same server, body and connections, taking turns. */
export async function benchEngine(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-bench-'));
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const port = await portOf(server);
    const script = join(folder, 'bench.js');
    writeFileSync(script, SCRIPT);
    const bare: Measured[] = [];
    const embedded: Measured[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const alone = await measure((meter) => pool(port, meter));
      const engine = await measure((meter) =>
        engineRun(script, port, join(folder, `${round}.ndjson`), meter),
      );
      // The first round warms up.
      if (round === 0) continue;
      bare.push(alone);
      embedded.push(engine);
    }
    return figures(middle(bare), middle(embedded));
  } finally {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(bare: Measured, embedded: Measured): Figure[] {
  const rate = embedded.perSecond / bare.perSecond;
  const cpu = embedded.cpuUs / bare.cpuUs;
  const detail = `${VUS} VUs, POST ${BODY.length} B, after ${WARM_UP} requests: embedded ${shown(embedded)}, Pool ${shown(bare)}; first request after ${Math.round(embedded.startMs)} ms`;
  return [
    {
      name: 'embedded engine requests/s : undici Pool',
      value: rate,
      required: '>= 0.6',
      ok: rate >= 0.6,
      detail,
    },
    {
      name: 'embedded engine client CPU per attempt : undici Pool',
      value: cpu,
      required: '<= 1.9',
      ok: cpu <= 1.9,
      detail,
    },
  ];
}

function shown({ perSecond, cpuUs }: Measured): string {
  return `${Math.round(perSecond)}/s at ${cpuUs.toFixed(1)} us`;
}

async function measure(work: (meter: Meter) => Promise<void>): Promise<Measured> {
  globalThis.gc?.();
  const meter = new Meter();
  await work(meter);
  return meter.end();
}

async function pool(port: number, meter: Meter): Promise<void> {
  const client = new Pool(`http://127.0.0.1:${port}`, { connections: VUS });
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer token',
    'idempotency-key': 'a8f1c0de-0000-4000-8000-000000000000',
  };
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun++ < REQUESTS) {
      meter.tick();
      const { body } = await client.request({ path: '/', method: 'POST', headers, body: BODY });
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: VUS }, worker));
  await client.close();
}

/** History lines go to a file in blocks, as in a run. */
async function engineRun(script: string, port: number, file: string, meter: Meter): Promise<void> {
  const out = createWriteStream(file);
  let block = '';
  const onLine = (line: string): void => {
    if (line.startsWith('{"type":"invoke"')) meter.tick();
    block += `${line}\n`;
    if (block.length < 1 << 16) return;
    out.write(block);
    block = '';
  };
  const result = await runEmbedded({ script, env: { URL: `http://127.0.0.1:${port}/` }, onLine });
  out.end(block);
  await finished(out);
  if (result.iterations !== REQUESTS || result.metrics['http_req_failed']?.['rate'] !== 0) {
    throw new Error(`the run did not do its work: ${JSON.stringify(result.reason)}`);
  }
}

/** The round with the median rate. */
function middle(rounds: readonly Measured[]): Measured {
  const sorted = rounds.toSorted((a, b) => a.perSecond - b.perSecond);
  return (
    sorted[Math.floor(sorted.length / 2)] ?? { perSecond: Number.NaN, cpuUs: Number.NaN, startMs: Number.NaN }
  );
}

async function portOf(server: ChildProcess): Promise<number> {
  const [port] = (await once(server, 'message')) as [number];
  return port;
}
