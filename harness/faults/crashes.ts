/** Crashes of replicas, as the server tells of them: armed at a point, or by themselves. */
import type { ServerEvent } from '../environment/server-events.ts';
import type { FaultEvent } from '../history/events.ts';

type Crash = Omit<FaultEvent, 'at' | 'phase'>;

export class Crashes {
  readonly #note: (phase: FaultEvent['phase'], event: Crash, at: number) => void;
  /** Those that have not recovered yet, by replica. */
  readonly #down = new Map<number, Crash>();
  #count = 0;

  /** `note`: told of the beginning and the end of each. */
  constructor(note: (phase: FaultEvent['phase'], event: Crash, at: number) => void) {
    this.#note = note;
  }

  /** Numbers of the replicas that have not recovered yet. */
  get down(): readonly number[] {
    return [...this.#down.keys()];
  }

  /** A crash that was armed, or that nobody asked for, is a fault from its event to the replica's return. */
  hear(event: ServerEvent): void {
    if (event.event === 'listening' || event.event === 'held') return;
    const known = this.#down.get(event.replica);
    if (event.event === 'recovered') {
      this.#down.delete(event.replica);
      if (known) this.#note('end', known, event.at);
      return;
    }
    // The exit of a process that had announced its crash is the same fault.
    if (known) return;
    const target = `replica-${event.replica}`;
    const id = `crash#${++this.#count}`;
    const fault =
      event.event === 'crash'
        ? {
            name: `crash:${event.point}`,
            detail: { point: event.point, customer: event.customer, key: event.key },
          }
        : { name: 'exit', detail: { code: event.code, signal: event.signal, log: event.log } };
    const full = { type: 'fault' as const, id, kind: 'server' as const, target, ...fault };
    this.#down.set(event.replica, full);
    this.#note('start', full, event.at);
  }
}
