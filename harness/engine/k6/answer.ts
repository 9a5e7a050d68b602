import type { Peer } from './peer.ts';
import type { RequestPlan } from './request-plan.ts';

/** How an exchange ended: what a response is read from. */
export interface Answer {
  readonly plan: Pick<
    RequestPlan,
    'url' | 'givenUrl' | 'method' | 'headers' | 'body' | 'plainBody' | 'responseType'
  >;
  /** 0: there was none. */
  readonly status: number;
  readonly error: string;
  readonly errorCode: number;
  readonly url: string;
  readonly method: string;
  readonly rawHeaders: readonly Buffer[];
  /** The body, without its compression. */
  readonly chunks: readonly Buffer[] | undefined;
  readonly statusText: string;
  /** Who answered. */
  readonly peer: Peer;
  readonly blockedMs: number;
  readonly waitingMs: number;
  readonly receivingMs: number;
}

/** The chunks of a body as one. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  if (first === undefined) return Buffer.alloc(0);
  return chunks.length === 1 ? first : Buffer.concat(chunks);
}
