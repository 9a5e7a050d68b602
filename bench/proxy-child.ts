/** One process of the proxy benchmark: it is told by a message what to be, and answers with messages. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ChaosProxy } from '../harness/proxy/chaos-proxy.ts';
import { median } from './figure.ts';
import { relay } from './relay.ts';

export type ChildTask =
  | { readonly role: 'server' }
  | { readonly role: 'cpu' }
  | { readonly role: 'relay'; readonly upstream: number }
  | { readonly role: 'embedded' | 'hop'; readonly upstream: number }
  | { readonly role: 'load'; readonly port: number; readonly connections: number; readonly ms: number };

/** `cpuMs`: what the process has used so far. `medianUs`: from a request's write to its answer's end. */
export type ChildAnswer =
  | { readonly port: number }
  | { readonly cpuMs: number }
  | { readonly requests: number; readonly ms: number; readonly medianUs: number };

const HOST = '127.0.0.1';
const BODY = JSON.stringify({
  customer_id: 'c-1',
  reward_id: 'r-1',
  points_amount: 100,
  note: 'x'.repeat(40),
});
const REQUEST = Buffer.from(
  `POST /api/v2/loyalty/rewards/redeem HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);
/** What ends every answer; answers to one request do not share packets, since no request is sent ahead. */
const ANSWER_END = BODY.slice(-8);

process.on('message', (task: ChildTask) => {
  void carryOut(task).then((answer) => process.send?.(answer));
});

async function carryOut(task: ChildTask): Promise<ChildAnswer> {
  if (task.role === 'load') return load(task);
  if (task.role === 'cpu') return { cpuMs: cpuMs() };
  if (task.role === 'server') return { port: await serveHttp() };
  if (task.role === 'relay') return { port: await serve((socket) => relay(socket, task.upstream)) };
  const proxy = new ChaosProxy({ seed: 1 });
  const mode = task.role === 'hop' ? 'http' : 'tcp';
  const { listen } = await proxy.create({ name: 'bench', upstream: `${HOST}:${task.upstream}`, mode });
  return { port: Number(listen.split(':').at(-1)) };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function serve(onClient: (socket: Socket) => void): Promise<number> {
  return portOf(createServer({ noDelay: true }, onClient).listen(0, HOST));
}

async function portOf(server: Server): Promise<number> {
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A plain HTTP server, as what stands behind a proxy in a run is one. */
function serveHttp(): Promise<number> {
  const server = createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length });
      response.end(BODY);
    });
  });
  return portOf(server.listen(0, HOST));
}

/** Each connection sends its next request when the answer is here. */
async function load({ port, connections, ms }: Extract<ChildTask, { role: 'load' }>): Promise<ChildAnswer> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const tookMs: number[] = [];
  const startedAt = performance.now();
  for (const socket of sockets) {
    let sentAt = performance.now();
    socket.on('data', (data: Buffer) => {
      if (data.toString('latin1', data.length - ANSWER_END.length) !== ANSWER_END) return;
      const now = performance.now();
      tookMs.push(now - sentAt);
      sentAt = now;
      socket.write(REQUEST);
    });
    socket.write(REQUEST);
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  const elapsed = performance.now() - startedAt;
  for (const socket of sockets) socket.destroy();
  return { requests: tookMs.length, ms: elapsed, medianUs: median(tookMs) * 1000 };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}
