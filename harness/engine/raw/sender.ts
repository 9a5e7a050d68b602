/**
 * Requests that no HTTP client will send: one header twice, a blank key, a key with a space in it.
 * They go over a plain connection, byte by byte as written here.
 */

import { traced } from '../../model/trace.ts';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../../model/contract.ts';
import type { CompleteEvent, InvokeEvent } from '../../history/events.ts';
import { finalAnswer, NO_ANSWER, toldMembers, toldWait, type WholeAnswer } from '../../model/final-answer.ts';
import { ATTEMPT_HEADER, BY_HEADER } from '../../model/protocol.ts';
import type { Target } from '../../model/target.ts';
import { payloadHash, redeemRequest, type RedeemPayload } from '../../model/redeem-request.ts';
import { authorised, readRequest } from '../../model/wire.ts';
import { wireText, type RawEnvelope } from './envelopes.ts';

/** The keys of the raw cases, as header values: each list is sent as that many header lines. A body has room for one. */
export const RAW_KEY_CASES: readonly { readonly name: string; readonly keys: readonly string[] }[] = [
  {
    name: 'key-header-twice',
    keys: ['6f1c2b7e-0d6a-4d0e-9b1f-2f3f5a6b7c8d', '0b9d8c7a-1e2f-4a3b-8c4d-5e6f7a8b9c0d'],
  },
  {
    name: 'key-header-twice-same',
    keys: ['3d5e7f90-a1b2-4c3d-8e4f-5a6b7c8d9e0f', '3d5e7f90-a1b2-4c3d-8e4f-5a6b7c8d9e0f'],
  },
  { name: 'empty-key', keys: [''] },
  { name: 'blank-key', keys: ['   '] },
  { name: 'space-inside-key', keys: ['one two'] },
  { name: 'tab-inside-key', keys: ['one\ttwo'] },
  { name: 'open-quote-key', keys: ['"one'] },
];

export interface RawAttempt {
  readonly target: Target;
  readonly contract: Contract;
  readonly token: string;
  readonly attempt: string;
  readonly intent: string;
  readonly payload: RedeemPayload;
  readonly keys: readonly string[];
  /** Of the run, for the attempt's trace. */
  readonly runId?: string;
  /** How it is sent otherwise than plainly. */
  readonly envelope?: RawEnvelope;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly emit: (event: InvokeEvent | CompleteEvent) => void;
}

/** One attempt on a connection of its own; both its events are written, whatever happens. */
export async function sendRaw(options: RawAttempt): Promise<CompleteEvent> {
  const { payload, keys, attempt, intent, envelope, emit, now } = options;
  emit({
    type: 'invoke',
    at: now(),
    attempt,
    intent,
    key: keys.length === 1 ? (keys[0] ?? '') : keys,
    customer: payload.customer,
    reward: payload.reward,
    points: payload.points,
    ...(payload.type !== undefined && { redemptionType: payload.type }),
    ...(payload.clientRedemptionId !== undefined && { clientRedemptionId: payload.clientRedemptionId }),
    payloadHash: payloadHash(payload),
    via: 'raw',
    ...(envelope && { way: `envelope: ${envelope.name}`, ...(envelope.mayRefuse && { mayRefuse: true }) }),
  });
  const answer = await exchange(options)
    .then((first) => followed(first, options))
    .catch((error: unknown) => ({ failure: String(error) }));
  const complete: CompleteEvent =
    'failure' in answer
      ? { type: 'complete', at: now(), attempt, outcome: 'info', by: 'server', error: answer.failure }
      : {
          type: 'complete',
          at: now(),
          attempt,
          ...toldMembers(answer.final),
          ...(answer.final.outcome !== 'ok' && toldWait(answer.final)),
          by: answer.by,
        };
  emit(complete);
  return complete;
}

async function followed(first: RawAnswer, options: RawAttempt) {
  const { target, payload, token, now, timeoutMs } = options;
  const final = await finalAnswer(first, {
    target,
    sentTo: redeemRequest(target, payload).url,
    customer: payload.customer,
    by: first.by,
    get: async (at) => {
      try {
        const { url, headers } = readRequest(target, at, payload.customer, token);
        const signal = AbortSignal.timeout(timeoutMs);
        const answer = await fetch(url, { headers, redirect: 'manual', signal });
        return {
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: await answer.text(),
        };
      } catch {
        return NO_ANSWER;
      }
    },
    pause: (ms) => sleep(ms),
    now,
  });
  return { final, by: first.by };
}

interface RawAnswer extends WholeAnswer {
  readonly status: number;
  readonly by: 'server' | 'proxy';
  readonly body: string;
}

async function exchange({
  target,
  payload,
  token,
  keys,
  attempt,
  runId,
  envelope,
  timeoutMs,
}: RawAttempt): Promise<RawAnswer> {
  const isInBody = target.redeem.keyPointer !== undefined;
  const plain = redeemRequest(target, payload, isInBody ? keys[0] : undefined);
  const request = authorised(target, plain, token);
  const url = new URL(request.url);
  const keyLines = isInBody ? [] : keys.map((key) => [target.redeem.keyHeader, key] as const);
  const text = wireText(
    {
      method: request.method,
      path: `${url.pathname}${url.search}`,
      version: '1.1',
      headers: [
        ['Host', url.host],
        ...Object.entries(traced(request.headers, runId, attempt)),
        [ATTEMPT_HEADER, attempt],
        ...keyLines,
      ],
      keyHeader: isInBody ? undefined : target.redeem.keyHeader,
      body: request.body,
    },
    envelope,
  );
  const socket = await open(url, timeoutMs);
  try {
    socket.write(text);
    return parseAnswer(await readAll(socket, timeoutMs));
  } finally {
    socket.destroy();
  }
}

function open(url: URL, timeoutMs: number): Promise<Socket> {
  const isTls = url.protocol === 'https:';
  const port = Number(url.port) || (isTls ? 443 : 80);
  const socket = isTls
    ? connectTls({ host: url.hostname, port, servername: url.hostname })
    : connectTcp({ host: url.hostname, port });
  return new Promise((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('ETIMEDOUT')));
    socket.once('error', reject);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function readAll(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('ETIMEDOUT')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', reject);
    // `Connection: close` was asked for: the end of the stream is the end of the answer.
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.once('close', () => reject(new Error('ECONNRESET')));
  });
}

function parseAnswer(text: string): RawAnswer {
  const headEnd = text.indexOf('\r\n\r\n');
  const head = text.slice(0, headEnd);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  if (headEnd < 0 || Number.isNaN(status)) throw new Error('no HTTP answer');
  const isProxy = new RegExp(`^${BY_HEADER}: *proxy *$`, 'im').test(head);
  const body = text.slice(headEnd + 4);
  return {
    status,
    headers: headersOf(head),
    by: isProxy ? 'proxy' : 'server',
    body: /^transfer-encoding: *chunked/im.test(head) ? dechunked(body) : body,
  };
}

function headersOf(head: string): Record<string, string> {
  const lines = head.split('\r\n').slice(1);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function dechunked(body: string): string {
  let rest = Buffer.from(body, 'utf8');
  const parts: Buffer[] = [];
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16);
    if (lineEnd < 0 || !size) return Buffer.concat(parts).toString('utf8');
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
}
