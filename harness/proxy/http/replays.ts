import { targetOf, type CopySource } from './duplicates.ts';
import type { Hop } from './hop.ts';
import { MAX_KEPT, MAX_KEPT_BYTES } from './kept-requests.ts';
import { noteArrival, readOutcome } from './note-arrival.ts';
import { sendWhole } from './outcome.ts';
import type { HopRequest } from './request.ts';
import { numberOf, textOf, type HttpToxic } from './toxics.ts';

const DEFAULT_DELAY_MS = 120_000;
const NOTHING_UNDONE: ReadonlyMap<string, string> = new Map();

/** What a replay needs of the exchange that it belongs to; `undone` is told of what cannot be kept. */
export interface ReplaySource extends Pick<CopySource, 'index' | 'left' | 'nextCopy'> {
  readonly undone: (toxic: string, why: string) => void;
}

/**
 * Plans what `http_replay` asks for: the request's own bytes, so long after the client has its answer or has gone. When
 * the toxic ends, what waits is sent at once: a heal must not last for minutes, and the copy still comes after the
 * client's end. When the hop goes down it is forgotten.
 */
export function planReplays(
  hop: Hop,
  request: HopRequest,
  hits: readonly HttpToxic[],
  source: ReplaySource,
): void {
  for (const toxic of hits) {
    if (toxic.type !== 'http_replay' || toxic.isOver === true) continue;
    // As the client sent it, whatever other toxics have made of it.
    const bytes = hop.forwarded(request, request.head.fields, source.index);
    if (!hop.kept.add(bytes.length)) {
      source.undone(toxic.name, `more than ${MAX_KEPT} requests or ${MAX_KEPT_BYTES} bytes to keep`);
      continue;
    }
    const copy = source.nextCopy();
    const upstream = textOf(toxic.attributes, 'upstream', 'any');
    const index = targetOf(hop, request.info, upstream, source.index, copy);
    // Only what the record needs: the client's buffers and its socket are not kept.
    const old = { ...request, body: [] };
    const done = hits.map((hit) => (hit === toxic ? { ...hit } : hit));
    void hop.copies
      .plan(request.info.key, [comesDue(hop, toxic, source.left())], 0, () =>
        sendAgain(hop, old, done, {
          bytes:
            hop.hostHeader(index) === hop.hostHeader(source.index)
              ? bytes
              : hop.forwarded(request, request.head.fields, index),
          index,
          copy,
        }),
      )
      .finally(() => hop.kept.remove(bytes.length));
  }
}

async function comesDue(hop: Hop, toxic: HttpToxic, left: Promise<void>): Promise<void> {
  const { epoch } = hop;
  await left;
  if (toxic.isOver === true || epoch !== hop.epoch) return;
  await hop.holds.hold(toxic.name, numberOf(toxic.attributes, 'delay_ms', DEFAULT_DELAY_MS)).ended;
}

interface OldRequest {
  readonly bytes: Buffer;
  readonly index: number;
  readonly copy: number;
}

function sendAgain(
  hop: Hop,
  request: HopRequest,
  hits: readonly HttpToxic[],
  { bytes, index, copy }: OldRequest,
): Promise<unknown> {
  const at = hop.now();
  return sendWhole(hop.upstream(index), bytes, request.info.method, (outcome) => {
    const upstream = hop.upstreamName(index);
    noteArrival(hop, request, hits, NOTHING_UNDONE, { at, copy, upstream, ...readOutcome(hop, outcome) });
  }).outcome;
}
