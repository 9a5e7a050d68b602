/** What the reports need from a history, collected in one pass and in bounded memory. */

import { messageOf } from '../base/errors.ts';
import type { CompleteEvent, HistoryEvent, InvokeEvent } from '../history/events.ts';
import { ReplicaNames } from './replica-names.ts';
import type { Verdict, Violation } from '../model/verdict.ts';
import { DossierRecorder, dossierId } from './dossier.ts';
import type { Dossier } from './dossier-draft.ts';
import { FaultRecorder, type FaultWindow } from './evidence-faults.ts';
import { LatencyRecorder, type LatencyOverTime } from './evidence-latency.ts';

export interface Evidence {
  /** ms since the epoch; 0 where the history is empty. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly latency: LatencyOverTime;
  readonly faults: readonly FaultWindow[];
  readonly dossiers: readonly Dossier[];
  readonly eventCount: number;
  /** Reason of the `end` event; absent: there was none. */
  readonly endReason?: string;
  /** Why reading stopped early; what had been read until then is here. */
  readonly cutShort?: string;
}

/** Attempts that wait for their completion; older ones are given up (they count no latency). */
const MAX_OPEN_ATTEMPTS = 50_000;

export const NO_EVIDENCE: Evidence = {
  startedAt: 0,
  endedAt: 0,
  latency: { bucketMs: 0, buckets: [] },
  faults: [],
  dossiers: [],
  eventCount: 0,
};

/**
 * Reads a history once. A history that breaks off or cannot be read further gives what was read until then,
 * with `cutShort`: a report is never lost for it.
 */
export async function collectEvidence(
  events: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
  verdict: Pick<Verdict, 'violations' | 'sweep'>,
): Promise<Evidence> {
  const collector = new Collector(verdict);
  try {
    for await (const event of events) collector.add(event);
  } catch (error) {
    return { ...collector.result(), cutShort: messageOf(error) };
  }
  return collector.result();
}

/** The dossier of a violation, where the history told anything about it. */
export function dossierOf(evidence: Evidence, violation: Violation): Dossier | undefined {
  const id = dossierId(violation);
  return evidence.dossiers.find((dossier) => dossier.id === id);
}

class Collector {
  #startedAt = Infinity;
  #endedAt = -Infinity;
  #eventCount = 0;
  #endReason: string | undefined;
  readonly #latency = new LatencyRecorder();
  readonly #faults = new FaultRecorder();
  readonly #dossiers: DossierRecorder;
  readonly #names = new ReplicaNames();
  readonly #open = new Map<string, number>();

  constructor({ violations, sweep }: Pick<Verdict, 'violations' | 'sweep'>) {
    this.#dossiers = new DossierRecorder(
      violations,
      sweep?.stands.map(({ id }) => id),
    );
  }

  add(event: HistoryEvent): void {
    this.#eventCount += 1;
    this.#names.add(event);
    this.#noteTime(event.type === 'run' ? event.startedAt : event.at);
    if (event.type === 'invoke') this.#invoke(event);
    else if (event.type === 'complete') this.#complete(event);
    else if (event.type === 'fault') this.#faults.add(event);
    else if (event.type === 'end') this.#endReason = event.reason;
    this.#dossiers.add(event);
  }

  result(): Evidence {
    const isEmpty = this.#startedAt > this.#endedAt;
    const evidence = {
      startedAt: isEmpty ? 0 : this.#startedAt,
      endedAt: isEmpty ? 0 : this.#endedAt,
      latency: this.#latency.result(),
      faults: this.#faults.result(),
      dossiers: this.#dossiers.result().map((dossier) => this.#names.named(dossier)),
      eventCount: this.#eventCount,
    };
    return this.#endReason === undefined ? evidence : { ...evidence, endReason: this.#endReason };
  }

  #noteTime(at: number): void {
    if (!Number.isFinite(at)) return;
    if (at < this.#startedAt) this.#startedAt = at;
    if (at > this.#endedAt) this.#endedAt = at;
  }

  #invoke(event: InvokeEvent): void {
    this.#open.set(event.attempt, event.at);
    if (this.#open.size <= MAX_OPEN_ATTEMPTS) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  #complete(event: CompleteEvent): void {
    const invokedAt = this.#open.get(event.attempt);
    this.#open.delete(event.attempt);
    const isAnswered = event.status !== undefined && event.status > 0 && invokedAt !== undefined;
    this.#latency.record(event.at, event.outcome, isAnswered ? event.at - invokedAt : undefined);
  }
}
