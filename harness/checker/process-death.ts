/**
 * process-death: a process of a service that ended by itself while only its store or its connections were disturbed. What
 * we killed, stopped or restarted, and what somebody else killed, is no death of its own.
 */

import type { FaultEvent } from '../history/events.ts';
import type { Violation } from '../model/verdict.ts';

/** A process that we let go on may fall a moment later over what we did to it. ms */
const GRACE_MS = 1000;
/** Signals that come from outside: an operator, the system that runs out of memory, a terminal that closes. */
const FROM_OUTSIDE: ReadonlySet<unknown> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSTOP']);

export class ProcessDeaths {
  /** What we do to each process now, by the fault's id. */
  readonly #ours = new Map<string, FaultEvent>();
  /** When we last let go of one, by target. */
  readonly #letGoAt = new Map<string, number>();
  readonly #onNow = new Map<string, FaultEvent>();
  /** The disturbance that ended last. */
  #last: FaultEvent | undefined;
  readonly #deaths: { readonly event: FaultEvent; readonly during: readonly string[] }[] = [];

  push(event: FaultEvent): void {
    const isStart = event.phase === 'start';
    if (event.name === 'exit' && event.kind === 'server') {
      if (isStart && !this.#isOurs(event) && !FROM_OUTSIDE.has(event.detail?.['signal']))
        this.#deaths.push({ event, during: this.#disturbances(event.at) });
      return;
    }
    if (isStart) this.#onNow.set(event.id, event);
    else {
      this.#onNow.delete(event.id);
      this.#last = event;
    }
    if (event.kind !== 'server') return;
    if (isStart) this.#ours.set(event.id, event);
    else if (this.#ours.delete(event.id)) this.#letGoAt.set(event.target, event.at);
  }

  get count(): number {
    return this.#deaths.length;
  }

  violations(): Violation[] {
    return this.#deaths.map(({ event, during }) => {
      const { at, target, detail = {} } = event;
      const { code, signal, log, customer } = detail;
      const how = typeof signal === 'string' ? `signal ${signal}` : `exit code ${String(code)}`;
      const last = typeof log === 'string' && log !== '' ? `: ${log.slice(-300)}` : '';
      const what = during.length === 0 ? 'when nothing was disturbed' : `after ${during.join(', ')}`;
      return {
        rule: 'process-death',
        summary: `${target} ended by itself, ${what}`,
        ...(typeof customer === 'string' && { customer }),
        attempts: [],
        expected: 'a process that outlives a broken connection',
        found: `${how}${last}`,
        at,
      };
    });
  }

  /** What is on, or was until a moment ago. */
  #disturbances(at: number): string[] {
    const on = [...this.#onNow.values()];
    if (on.length === 0 && this.#last !== undefined && at - this.#last.at < GRACE_MS) on.push(this.#last);
    return [...new Set(on.map(({ name, target }) => `${name} at ${target}`))];
  }

  #isOurs({ target, at }: FaultEvent): boolean {
    const isNow = [...this.#ours.values()].some(
      (fault) => fault.target === target || fault.target === 'replicas',
    );
    const letGoAt = Math.max(
      this.#letGoAt.get(target) ?? -Infinity,
      this.#letGoAt.get('replicas') ?? -Infinity,
    );
    return isNow || at - letGoAt < GRACE_MS;
  }
}
