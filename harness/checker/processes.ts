/** The processes that made a run together: how many, which parts, and how well their clocks are known. */

import type { RunEvent } from '../history/events.ts';
import type { Verdict } from '../model/verdict.ts';

export class Processes {
  readonly #runs: RunEvent[] = [];

  push(run: RunEvent): void {
    this.#runs.push(run);
  }

  /** Which parts each of them did; undefined in it: the whole. */
  get parts(): readonly (readonly string[] | undefined)[] {
    return this.#runs.map(({ segments }) => segments);
  }

  /** By how much two events of two processes may be nearer to each other, or further apart, than they are written. ms */
  get uncertaintyMs(): number {
    const joined = this.#runs.reduce((most, run) => Math.max(most, run.joined?.uncertaintyMs ?? 0), 0);
    if (this.#runs.length < 2) return joined;
    const each = this.#runs.map(({ clock }) => clock?.uncertaintyMs ?? 0).toSorted((one, two) => two - one);
    return joined + (each[0] ?? 0) + (each[1] ?? 0);
  }

  /** What is told of them; undefined for a run of one process. */
  told(): Verdict['run']['processes'] {
    const [first] = this.#runs;
    const isPart = first?.segments !== undefined;
    if (first === undefined || (this.#runs.length < 2 && first.joined === undefined && !isPart))
      return undefined;
    const joined = this.#runs.length < 2 ? first.joined : undefined;
    const shiftsMs = joined?.shiftsMs ?? this.#runs.map(({ clock }) => clock?.aheadMs ?? 0);
    const unasked = joined?.unasked ?? this.#runs.filter(({ clock }) => clock === undefined).length;
    return {
      count: joined?.processes ?? this.#runs.length,
      ...(isPart && { parts: this.parts.flatMap((part) => part ?? ['0:1']) }),
      clocks: {
        spreadMs: rounded(Math.max(...shiftsMs) - Math.min(...shiftsMs)),
        uncertaintyMs: rounded(this.uncertaintyMs),
        unasked,
      },
    };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
