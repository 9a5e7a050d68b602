/** Plain HTTP to hooks and health endpoints of the servers that we started. */

import { request } from 'node:http';
import { HOOK_PATHS } from '../model/protocol.ts';

export interface SmallAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: string;
}

export interface SmallRequest {
  readonly method: string;
  readonly url: string;
  readonly token?: string;
  /** JSON text. */
  readonly body?: string;
  /** ms. */
  readonly timeoutMs: number;
}

/** One request on a connection of its own; rejects when no answer comes. */
export function ask({ method, url, token, body, timeoutMs }: SmallRequest): Promise<SmallAnswer> {
  return new Promise((done, fail) => {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const call = request(url, { method, headers, agent: false, timeout: timeoutMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', fail);
      answer.once('end', () => {
        const contentType = answer.headers['content-type'];
        done({
          status: answer.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          ...(contentType !== undefined && { contentType }),
        });
      });
    });
    call.once('error', fail);
    call.once('timeout', () => call.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)));
    call.end(body);
  });
}

/** What is armed: a point of a redemption, for one key where it is known. */
export interface CrashOrder {
  readonly point: string;
  readonly action: string;
  readonly key?: string;
  readonly pauseMs?: number;
  /** Which of a process's replicas, from 1. */
  readonly replica: number;
}

/** Arms a crash point once; rejects when the hooks refuse or cannot be reached. */
export async function armCrashPoint(hooksUrl: string, token: string, order: CrashOrder): Promise<void> {
  const { point, action, key, pauseMs, replica } = order;
  const answer = await ask({
    method: 'POST',
    url: hooksUrl + HOOK_PATHS.crashPoints,
    token,
    body: JSON.stringify({ point, action, key, pause_ms: pauseMs, replica, times: 1 }),
    timeoutMs: 1000,
  });
  if (answer.status >= 300)
    throw new Error(`the hooks refused to arm ${point}: ${answer.status} ${answer.body}`);
}

/** Takes every armed crash point back; servers that cannot are left alone. Never rejects. */
export async function disarmCrashPoints(hooksUrl: string, token: string): Promise<void> {
  await ask({ method: 'DELETE', url: hooksUrl + HOOK_PATHS.crashPoints, token, timeoutMs: 1000 }).catch(
    () => {},
  );
}

/** Whether the server says that it and its store are ready. Never rejects. */
export async function isReady(url: string): Promise<boolean> {
  const answer = await ask({ method: 'GET', url: `${url}/readyz`, timeoutMs: 1000 }).catch(() => undefined);
  return answer?.status === 200;
}
