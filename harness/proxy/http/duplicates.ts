import { below } from '../../model/decide.ts';
import type { RequestInfo } from '../types.ts';
import type { Hop } from './hop.ts';
import { numberOf, textOf, type HttpToxic } from './toxics.ts';

/** What a copy needs of the exchange that it belongs to. */
export interface CopySource {
  /** The replica that the original went to. */
  readonly index: number;
  /** Resolves when the original's answer has ended. */
  readonly original: Promise<unknown>;
  /** Resolves when the client is gone or has its answer. */
  readonly left: () => Promise<void>;
  /** The number of the next copy of the request. */
  readonly nextCopy: () => number;
  /** Sends the request to a replica as this copy; resolves when its answer has ended. */
  readonly send: (index: number, copy: number) => Promise<unknown>;
}

/**
 * Plans the copies that `http_duplicate` asks for; those without delay or condition have left when this returns.
 * Resolves when the client may be answered: at once, or for `wait: both` when the copies have their answers.
 */
export async function sendCopies(
  hop: Hop,
  info: RequestInfo,
  hits: readonly HttpToxic[],
  source: CopySource,
): Promise<void> {
  const waits: Promise<void>[] = [];
  for (const { type, attributes, isOver } of hits) {
    if (type !== 'http_duplicate' || isOver === true) continue;
    // A copy that waits for the client cannot be waited for.
    const isAwaited = attributes['wait'] === 'both' && attributes['after_client_gone'] !== true;
    for (let number = 1; number <= numberOf(attributes, 'count', 1); number++) {
      const done = planCopy(hop, info, attributes, source, numberOf(attributes, 'delay_ms') * number);
      if (isAwaited) waits.push(done);
    }
  }
  await Promise.all(waits);
}

function planCopy(
  hop: Hop,
  info: RequestInfo,
  attributes: Readonly<Record<string, unknown>>,
  { index, original, left, nextCopy, send }: CopySource,
  delayMs: number,
): Promise<void> {
  const copy = nextCopy();
  const target = targetOf(hop, info, textOf(attributes, 'upstream', 'same'), index, copy);
  const whens: Promise<unknown>[] = [];
  if (attributes['after_answer'] === true) whens.push(original);
  if (attributes['after_client_gone'] === true) whens.push(left());
  return hop.copies.plan(info.key, whens, delayMs, () => send(target, copy));
}

/** The replica for a copy: the same, any, or another than the one at `index`. */
export function targetOf(hop: Hop, info: RequestInfo, upstream: string, index: number, copy: number): number {
  const { intent = 'request', attempt = info.number } = info;
  const count = hop.upstreamCount;
  if (upstream === 'same' || count === 1) return index;
  const parts = [hop.settings.seed, 'route-copy', intent, attempt, copy] as const;
  if (upstream === 'any') return below(count, ...parts);
  return (index + 1 + below(count - 1, ...parts)) % count;
}
