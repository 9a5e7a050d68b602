/**
 * One address for the hooks of several replica processes. Scripts provision customers while replicas are being
 * killed: the relay asks the next replica, and again a little later, so that a fault does not break the script.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import { ask, type SmallAnswer } from './hooks-client.ts';

export interface HooksRelay {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;
const ATTEMPT_LIMIT_MS = 2000;
const PAUSE_MS = 25;

/** `hooksUrls` are asked in turn until one answers, at most for `limitMs`. */
export async function startHooksRelay(hooksUrls: readonly string[], limitMs = 15_000): Promise<HooksRelay> {
  const server = createServer((request, response) => {
    relay(request, response, hooksUrls, limitMs).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ status: 502, code: 'hooks_unreachable', detail: messageOf(error) }));
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function relay(
  request: IncomingMessage,
  response: ServerResponse,
  hooksUrls: readonly string[],
  limitMs: number,
): Promise<void> {
  const body = await bodyOf(request);
  const method = request.method ?? 'GET';
  const isRepeatable = canRepeat(method, request.url ?? '/', body);
  const token = /^Bearer (.*)$/i.exec(request.headers.authorization ?? '')?.[1];
  const end = performance.now() + limitMs;
  let last: SmallAnswer | undefined;
  let problem: unknown;
  for (let turn = 0; performance.now() < end && !response.destroyed; turn++) {
    const url = (hooksUrls[turn % hooksUrls.length] ?? '') + (request.url ?? '/');
    try {
      last = await ask({
        method,
        url,
        timeoutMs: ATTEMPT_LIMIT_MS,
        ...(token !== undefined && { token }),
        ...(body !== '' && { body }),
      });
      if (last.status < 500 || !isRepeatable) break;
    } catch (error) {
      problem = error;
      if (!isRepeatable && !wasNeverSent(error)) break;
    }
    await delay(PAUSE_MS);
  }
  if (last === undefined) throw problem;
  response.writeHead(last.status, last.contentType === undefined ? {} : { 'content-type': last.contentType });
  response.end(last.body);
}

/** Points given twice or a clock moved twice would be a fault of ours. */
function canRepeat(method: string, path: string, body: string): boolean {
  if (path.endsWith('/credit')) return false;
  return !(method === 'PUT' && body.includes('advance_ms'));
}

function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`a hooks request of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
