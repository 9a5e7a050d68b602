/**
 * The forging hop: stands before an endpoint, passes every request on once and as it is, and lets a teller rewrite what
 * comes back. It never sends anything of its own.
 */

import {
  createServer,
  request as send,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Target } from '../model/target.ts';
import type { Teller } from './teller.ts';
import { WireCalls, type Asked } from './wire-calls.ts';
import type { Told } from './wire-edits.ts';

export interface ForgingHop {
  /** In the place of each base URL, in their order, with the same path. */
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** `baseUrls`: plain HTTP, each with the path that stands before the target's own. `known`: customers that exist by now. */
export async function startForgingHop(
  baseUrls: readonly string[],
  target: Target,
  teller: Teller,
  known: ReadonlySet<string>,
): Promise<ForgingHop> {
  const agent = new Agent({ keepAlive: true });
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    agent.destroy();
    await Promise.all(servers.map(closed));
  };
  try {
    const urls: string[] = [];
    for (const baseUrl of baseUrls) {
      const upstream = new URL(baseUrl);
      const path = upstream.pathname.replace(/\/+$/, '');
      const calls = new WireCalls(target, path);
      const server = createServer((request, response) => {
        void pass({ request, response, upstream, agent, calls, teller, known });
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      servers.push(server);
      urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    }
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: URL;
  readonly agent: Agent;
  readonly calls: WireCalls;
  readonly teller: Teller;
  readonly known: ReadonlySet<string>;
}

async function pass({ request, response, upstream, agent, calls, teller, known }: Passing): Promise<void> {
  try {
    const body = await bytesOf(request);
    const asked: Asked = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: headersOf(request),
      text: body.toString('utf8'),
    };
    const told = await asking(request, body, upstream, agent);
    const call = calls.callOf(asked, known);
    if (call === undefined) return answer(response, told);
    const shown =
      call.kind === 'redeem'
        ? teller.answer(call.customer, calls.wantedOf(asked), told)
        : teller.read(call, told);
    answer(response, shown);
  } catch {
    // As the endpoint's own: a connection that broke is passed on as one.
    response.destroy();
  }
}

/** Once, with every header line as it came but those of the connection itself. */
function asking(request: IncomingMessage, body: Buffer, upstream: URL, agent: Agent): Promise<Told> {
  const lines: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (/^(host|connection|transfer-encoding|content-length|accept-encoding)$/i.test(name)) continue;
    lines.push(name, value);
  }
  lines.push('Host', upstream.host);
  // What is packed could not be rewritten.
  lines.push('Accept-Encoding', 'identity');
  if (body.length > 0 || request.method !== 'GET') lines.push('Content-Length', String(body.length));
  return new Promise((resolve, reject) => {
    const sent = send({
      agent,
      host: upstream.hostname.replace(/^\[|\]$/g, ''),
      port: upstream.port || 80,
      method: request.method,
      path: request.url,
      headers: lines,
    });
    sent.once('error', reject);
    sent.once('response', (came) => {
      bytesOf(came).then(
        (bytes) =>
          resolve({ status: came.statusCode ?? 502, headers: headersOf(came), text: bytes.toString('utf8') }),
        reject,
      );
    });
    sent.end(body);
  });
}

function answer(response: ServerResponse, { status, headers, text }: Told): void {
  if (response.destroyed) return;
  const { 'content-length': _length, 'transfer-encoding': _coding, connection: _, ...others } = headers;
  const isEmpty = status === 204 || status === 304;
  response.writeHead(status, {
    ...(others as Record<string, string | string[]>),
    ...(!isEmpty && { 'content-length': Buffer.byteLength(text) }),
  });
  response.end(isEmpty ? undefined : text);
}

function headersOf({ headersDistinct }: IncomingMessage): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    const [first] = values;
    if (first !== undefined) headers[name] = values.length === 1 ? first : values;
  }
  return headers;
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
