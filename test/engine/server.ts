/** A small server with every kind of answer that the engines' tests need, and a record of what arrived. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { answerCompat } from './server-compat.ts';

export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  /** Number of the connection that it came on. */
  readonly connection: number;
}

export interface TestServer {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** Most requests that were open at once. */
  readonly mostAtOnce: () => number;
  readonly connectionCount: () => number;
  /** Resolves at the next request to that path. */
  readonly arrived: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const state = {
    arrivals: [] as Arrival[],
    open: 0,
    most: 0,
    connections: 0,
    waiting: new Map<string, () => void>(),
  };
  const numbers = new WeakMap<object, number>();
  const counts = new WeakMap<object, number>();
  const server = createServer((request, response) => {
    state.open++;
    state.most = Math.max(state.most, state.open);
    response.once('close', () => state.open--);
    void (async (): Promise<void> => {
      const body = await read(request);
      const { pathname } = new URL(request.url ?? '/', 'http://server');
      const connection = numbers.get(request.socket) ?? 0;
      const { method = '', url = '', headers } = request;
      state.arrivals.push({ method, path: url, headers, body, connection });
      state.waiting.get(pathname)?.();
      const nth = (counts.get(request.socket) ?? 0) + 1;
      counts.set(request.socket, nth);
      // Which connection it is, which request of it, and how many connections there were.
      if (pathname === '/connection')
        response.end(JSON.stringify({ connection, nth, all: state.connections }));
      // A connection that dies at its fifth request.
      else if (pathname === '/fifth' && nth === 5) request.socket.destroy();
      else answer(pathname, body, request, response);
    })();
  });
  server.on('connection', (socket) => numbers.set(socket, ++state.connections));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals: state.arrivals,
    mostAtOnce: () => state.most,
    connectionCount: () => state.connections,
    arrived: (path) => new Promise((resolve) => state.waiting.set(path, resolve)),
    close: () => closed(server),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of request) body += String(chunk);
  } catch {
    // The client went away.
  }
  return body;
}

function answer(path: string, body: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://server');
  const [, name = '', value = ''] = path.split('/');
  if (answerCompat(path, body, request, response)) return;
  if (name === 'status') response.writeHead(Number(value)).end(body);
  else if (name === 'slow') setTimeout(() => response.end('slow'), Number(url.searchParams.get('ms')));
  else if (name === 'never') return;
  else if (name === 'reset') request.socket.resetAndDestroy();
  else if (name === 'close') request.socket.end();
  else if (name === 'cut') cut(response);
  else if (name === 'redirect') response.writeHead(Number(value), { location: '/echo?from=redirect' }).end();
  else if (name === 'chain') response.writeHead(302, { location: nextOf(Number(value)) }).end();
  else if (name === 'half') half(response);
  else if (name === 'gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync('zipped'));
  else if (name === 'cookie') response.setHeader('set-cookie', 'session=abc; Path=/').end('set');
  else if (name === 'twice') response.setHeader('x-twice', ['one', 'two']).end('twice');
  else echo(body, request, response);
}

/** Where a chain of so many redirects goes on. */
function nextOf(left: number): string {
  return left > 1 ? `/chain/${left - 1}` : '/echo?from=chain';
}

/** Says how long the body is, sends half of it and falls silent. */
function half(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '8' });
  response.write('half');
}

/** Says how long the body is and ends in the middle of it. */
function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100' });
  response.write('half');
  setImmediate(() => response.socket?.end());
}

function echo(body: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json').setHeader('idempotent-replayed', 'true');
  response.end(JSON.stringify({ method, url, headers, body, list: [{ id: 7 }, { id: 8 }] }));
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
