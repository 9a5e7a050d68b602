/** Ordinary HTTP through a proxy that carries bytes: what an application behind Toxiproxy meets. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect } from 'vitest';
import { rigOf, SLACK_MS, timed } from './conformance-rig.ts';
import { SUBJECTS } from './subjects.ts';

const servers: Server[] = [];
const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Origin {
  readonly address: string;
  readonly sockets: Set<Socket>;
}

async function origin(onRequest: RequestListener): Promise<Origin> {
  const sockets = new Set<Socket>();
  const server = createServer(onRequest).on('connection', (socket) => sockets.add(socket));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not an address');
  return { address: `127.0.0.1:${address.port}`, sockets };
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

interface Got {
  readonly status: number | undefined;
  readonly text: string;
  /** Code of the error that cut the exchange off. */
  readonly error?: string;
}

function ask(listen: string, agent: Agent, body = '', headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve) => {
    let answer: IncomingMessage | undefined;
    let text = '';
    const fail = (error: NodeJS.ErrnoException): void =>
      resolve({ status: answer?.statusCode, text, error: error.code ?? error.message });
    const [host, port] = listen.split(':');
    const asking = request({ host, port, agent, method: 'POST', path: '/', headers }, (got) => {
      answer = got.setEncoding('utf8');
      got.on('data', (part: string) => (text += part));
      got.on('end', () => resolve({ status: got.statusCode, text }));
      got.on('error', fail);
    });
    asking.on('error', fail);
    if (headers['Expect'] === undefined) asking.end(body);
    else asking.on('continue', () => asking.end(body));
  });
}

/** Answers with what it was sent. */
const mirror: RequestListener = (asked, response) => asked.pipe(response);

describe.each(SUBJECTS)('HTTP through $title', (kind) => {
  const { check, proxy, proxyTo, add } = rigOf(kind);

  check('requests share a connection that is kept alive', async () => {
    const { address, sockets } = await origin(mirror);
    await proxyTo(address);
    const agent = keepAlive();
    for (const body of ['one', 'two', 'three']) {
      expect(await ask(proxy().listen, agent, body)).toEqual({ status: 200, text: body });
    }
    expect(sockets.size).toBe(1);
  });

  check('chunked bodies pass both ways', async () => {
    await proxyTo((await origin(mirror)).address);
    const body = 'abcdefghij'.repeat(50_000);
    const headers = { 'Transfer-Encoding': 'chunked' };
    expect(await ask(proxy().listen, keepAlive(), body, headers)).toEqual({ status: 200, text: body });
  });

  check('Expect: 100-continue gets its interim answer', async () => {
    await proxyTo((await origin(mirror)).address);
    const got = await ask(proxy().listen, keepAlive(), 'body', {
      Expect: '100-continue',
      'Content-Length': '4',
    });
    expect(got).toEqual({ status: 200, text: 'body' });
  });

  check('a sliced answer is a whole one', async () => {
    await proxyTo((await origin(mirror)).address);
    await add('slicer', { average_size: 40, size_variation: 10, delay: 100 });
    const body = 'abcdefghij'.repeat(100);
    expect(await ask(proxy().listen, keepAlive(), body)).toEqual({ status: 200, text: body });
  });

  check('latency delays each answer on one connection', async () => {
    await proxyTo((await origin(mirror)).address);
    await add('latency', { latency: 60 });
    const agent = keepAlive();
    const ms = await timed(async () => {
      await ask(proxy().listen, agent, 'one');
      await ask(proxy().listen, agent, 'two');
    });
    expect(ms).toBeGreaterThanOrEqual(120 - 2 * SLACK_MS);
  });

  check('an answer that is cut off is an error for the client, after the server did the work', async () => {
    let doneCount = 0;
    const { address } = await origin((_, response) => {
      doneCount += 1;
      response.end('x'.repeat(10_000));
    });
    await proxyTo(address);
    await add('limit_data', { bytes: 1000 });
    const { status, text, error } = await ask(proxy().listen, keepAlive());
    expect({ status, error }).toEqual({ status: 200, error: 'ECONNRESET' });
    expect(text.length).toBeLessThan(1000);
    expect(doneCount).toBe(1);
  });

  check('an answer that is reset never comes, after the server did the work', async () => {
    let doneCount = 0;
    const { address } = await origin((_, response) => {
      doneCount += 1;
      response.end('done');
    });
    await proxyTo(address);
    await add('reset_peer', { timeout: 0 });
    const { status, error } = await ask(proxy().listen, keepAlive());
    expect({ status, error }).toEqual({ status: undefined, error: 'ECONNRESET' });
    expect(doneCount).toBe(1);
  });

  check('a request that is dropped never reaches the server', async () => {
    let doneCount = 0;
    const { address } = await origin((_, response) => {
      doneCount += 1;
      response.end('done');
    });
    await proxyTo(address);
    await add('timeout', { timeout: 50 }, { stream: 'upstream' });
    expect(await ask(proxy().listen, keepAlive())).toMatchObject({ error: 'ECONNRESET' });
    expect(doneCount).toBe(0);
  });
});
