/** Arrivals and completions that came before their invoke: two writers of one file may race. */

import type { ArrivalEvent, CompleteEvent } from '../history/events.ts';
import type { Findings } from './findings.ts';

type Early = ArrivalEvent | CompleteEvent;

/** Attempts of which something is kept; what comes beyond them is counted only. */
const KEPT = 10_000;

export class EarlyEvents {
  readonly #byAttempt = new Map<string, Early[]>();

  keep(attempt: string, event: Early, findings: Findings): void {
    const kept = this.#byAttempt.get(attempt);
    if (kept) kept.push(event);
    else if (this.#byAttempt.size < KEPT) this.#byAttempt.set(attempt, [event]);
    else findings.count('droppedEarly');
  }

  /** What had come for an attempt, once. */
  take(attempt: string): readonly Early[] {
    const early = this.#byAttempt.get(attempt);
    if (early === undefined) return [];
    this.#byAttempt.delete(attempt);
    return early;
  }

  /** A completion that never found its invoke breaks an assumption; an arrival without one is a stranger's. */
  judge(findings: Findings): void {
    for (const [attempt, events] of this.#byAttempt) {
      if (events.some(({ type }) => type === 'complete')) findings.doubt('orphan-complete', attempt);
      else findings.count('strangers', events.length);
    }
  }
}
