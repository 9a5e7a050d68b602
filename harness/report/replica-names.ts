/**
 * The hop knows its upstreams by address, the faults know replicas by name. A crash that was armed for a key
 * falls on the upstream that had the request with that key and gave no answer: so the two names meet.
 */

import type { ArrivalEvent, HistoryEvent } from '../history/events.ts';
import type { Dossier } from './dossier-draft.ts';

/** Crashes whose request has not been seen yet, and upstreams that are remembered. */
const MAX_REMEMBERED = 500;

export class ReplicaNames {
  /** Target of the crash by the key that it was armed for. */
  readonly #struck = new Map<string, { readonly target: string; readonly at: number }>();
  /** How often an upstream was struck under a name. */
  readonly #votes = new Map<string, Map<string, number>>();

  /** Every upstream that was seen, and the names that a run with this many replicas must have. */
  readonly #upstreams = new Set<string>();
  #replicaCount = 0;

  add(event: HistoryEvent): void {
    if (event.type === 'run') this.#replicaCount = event.capabilities.replicas;
    if (event.type === 'fault') {
      const key = event.detail?.['key'];
      if (event.phase !== 'start' || event.kind !== 'server' || typeof key !== 'string') return;
      this.#struck.set(key, { target: event.target, at: event.at });
      const [oldest] = this.#struck.keys();
      if (this.#struck.size > MAX_REMEMBERED && oldest !== undefined) this.#struck.delete(oldest);
    } else if (event.type === 'arrival') {
      if (event.upstream !== undefined && this.#upstreams.size < MAX_REMEMBERED)
        this.#upstreams.add(event.upstream);
      if (this.#struck.size > 0) this.#arrival(event);
    }
  }

  /** The dossier with its upstreams under the names of their replicas, as far as they are known. */
  named(dossier: Dossier): Dossier {
    if (this.#votes.size === 0) return dossier;
    const names = this.#names();
    const arrivals = dossier.arrivals.map((arrival) => {
      const name = arrival.upstream === undefined ? undefined : names.get(arrival.upstream);
      return name === undefined ? arrival : { ...arrival, upstream: name };
    });
    return { ...dossier, arrivals };
  }

  #names(): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const [upstream, votes] of this.#votes) names.set(upstream, mostVoted(votes) ?? upstream);
    const unnamed = [...this.#upstreams].filter((upstream) => !names.has(upstream));
    const all = Array.from(
      { length: Math.min(this.#replicaCount, MAX_REMEMBERED) },
      (_, index) => `replica-${index + 1}`,
    );
    const free = all.filter((name) => ![...names.values()].includes(name));
    // Where all others have their names, the last upstream is the last replica.
    const [upstream, name] = [unnamed[0], free[0]];
    if (unnamed.length === 1 && free.length === 1 && upstream !== undefined && name !== undefined)
      names.set(upstream, name);
    return names;
  }

  #arrival({ key, upstream, answer, at, endedAt }: ArrivalEvent): void {
    const strike = key === undefined ? undefined : this.#struck.get(key);
    if (!strike || upstream === undefined || answer !== undefined) return;
    // A millisecond clock on one side: the crash may seem to come a little before the request or after its end.
    if (strike.at < at - 1 || strike.at > (endedAt ?? Infinity) + 1) return;
    const votes = this.#votes.get(upstream) ?? new Map<string, number>();
    votes.set(strike.target, (votes.get(strike.target) ?? 0) + 1);
    if (this.#votes.size < MAX_REMEMBERED) this.#votes.set(upstream, votes);
  }
}

function mostVoted(votes: ReadonlyMap<string, number>): string | undefined {
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
