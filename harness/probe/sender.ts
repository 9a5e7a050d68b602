/** Sends one request as it is written, header line by header line, and takes the whole answer. */

import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';

import { deadlineOf } from '../base/deadline.ts';

/** A request with what came of it. Times are of `performance.now()`. ms */
export interface Sent {
  readonly method: string;
  readonly url: string;
  /** In their order; a name may come twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly answer?: {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly text: string;
  };
  /** Why there was none, e.g. ECONNRESET. */
  readonly error?: string;
}

export interface ToSend {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface SenderOptions {
  readonly timeoutMs: number;
  /** Of a larger answer nothing is taken. bytes */
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
  /** Resolves when one more request may be sent. */
  readonly turn: () => Promise<void>;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tlsAgent = new TlsAgent({ keepAlive: true });

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** What went wrong on the way is told in `error`, never thrown. */
  async send(asked: ToSend): Promise<Sent> {
    await this.#options.turn();
    return await this.#exchange(asked, (call) => void call.end(asked.body));
  }

  /** All but the last byte of each first, then the last bytes, one right after the other: they arrive together. */
  async together(all: readonly ToSend[]): Promise<readonly Sent[]> {
    for (const _ of all) await this.#options.turn();
    const opened = all.map((asked) => {
      const whole = Buffer.from(asked.body);
      let open: (call: ClientRequest | undefined) => void = () => {};
      const isOpen = new Promise<ClientRequest | undefined>((resolve) => (open = resolve));
      const sent = this.#exchange(asked, (call) => {
        call.write(whole.subarray(0, -1), () => open(call));
        call.once('close', () => open(call));
      });
      // One that cannot be sent at all is told without being opened.
      void sent.then(() => open(undefined));
      return { sent, isOpen, last: whole.subarray(-1) };
    });
    const calls = await Promise.all(opened.map(({ isOpen }) => isOpen));
    const releasedAt = performance.now();
    for (const [index, call] of calls.entries())
      if (call !== undefined && !call.destroyed) call.end(opened[index]?.last);
    const sent = await Promise.all(opened.map(({ sent: one }) => one));
    // Before the last byte nothing was asked for.
    return sent.map((one) => ({ ...one, sentAt: releasedAt }));
  }

  close(): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }

  #exchange(asked: ToSend, write: (call: ClientRequest) => void): Promise<Sent> {
    const { timeoutMs, maxAnswerBytes, signal } = this.#options;
    const sentAt = performance.now();
    const base = { ...asked, sentAt };
    const deadline = deadlineOf(timeoutMs, signal);
    const sent = new Promise<Sent>((resolve) => {
      const fail = (error: unknown): void =>
        resolve({ ...base, answeredAt: performance.now(), error: codeOf(error) });
      const url = new URL(asked.url);
      const isTls = url.protocol === 'https:';
      try {
        const call = (isTls ? httpsRequest : httpRequest)(
          url,
          {
            method: asked.method,
            agent: isTls ? this.#tlsAgent : this.#agent,
            headers: linesOf(asked, url),
            signal: deadline.signal,
          },
          (answer) => {
            const { statusCode: status = 0, headers } = answer;
            bodyOf(answer, maxAnswerBytes)
              .then((text) => ({ ...base, answeredAt: performance.now(), answer: { status, headers, text } }))
              .then(resolve, fail);
          },
        );
        call.once('error', fail);
        write(call);
      } catch (error) {
        fail(error);
      }
    });
    return sent.finally(deadline.clear);
  }
}

/** Flat, as Node sends them as they are. */
function linesOf({ headers, body }: ToSend, url: URL): string[] {
  const framing = [
    ['Host', url.host],
    ['Content-Length', String(Buffer.byteLength(body))],
  ] as const;
  return [...framing, ...headers].flat();
}

async function bodyOf(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string' && error.code !== 'ABORT_ERR') return error.code;
  return error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer in time' : error.message;
}
