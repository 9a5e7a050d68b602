/** Which closed customers are read once more when the run is over: a drawn share, and all that a request reached since. */

import type { ArrivalEvent, AuditedEvent, ObserveEvent } from '../history/events.ts';
import { digestOf } from '../history/reading-digest.ts';
import { uniform } from '../model/decide.ts';
import type { ReadBack } from './read-back.ts';

export interface ClosedCustomer {
  readonly name: string;
  /** Of what was read last. */
  readonly digest: string;
}

interface Drawn {
  readonly customer: ClosedCustomer;
  readonly place: number;
}

const MOST = 2000;
/** Intents of closed customers that are remembered, so that what arrives for them is known. */
const KEPT_INTENTS = 65_536;

export class LateReads {
  readonly #seed: string;
  #drawn: Drawn[] = [];
  readonly #customerOf = new Map<string, ClosedCustomer>();
  readonly #reached = new Map<string, ClosedCustomer>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  closed(name: string, intents: Iterable<string>, read: string): void {
    const customer = { name, digest: read };
    this.#drawn.push({ customer, place: uniform(this.#seed, 'late', name) });
    if (this.#drawn.length >= 2 * MOST) this.#drawn = this.#first();
    for (const intent of intents) {
      this.#customerOf.set(intent, customer);
      const [oldest] = this.#customerOf.size > KEPT_INTENTS ? this.#customerOf.keys() : [];
      if (oldest !== undefined) this.#customerOf.delete(oldest);
    }
  }

  arrived({ attempt }: ArrivalEvent): void {
    if (attempt === undefined) return;
    const customer = this.#customerOf.get(attempt.slice(0, attempt.lastIndexOf('.')));
    if (customer) this.#reached.set(customer.name, customer);
  }

  drawn(): ClosedCustomer[] {
    const customers = new Map(this.#reached);
    for (const { customer } of this.#first()) customers.set(customer.name, customer);
    return [...customers.values()];
  }

  #first(): Drawn[] {
    return [...this.#drawn].sort((one, two) => one.place - two.place).slice(0, MOST);
  }
}

export interface OnceMoreOptions {
  readonly endpoint: Pick<ReadBack, 'read'>;
  readonly emit: (event: ObserveEvent | AuditedEvent) => void;
  readonly now: () => number;
}

/** What came after the books were closed; what cannot be read now says nothing. */
export async function readOnceMore(
  closed: readonly ClosedCustomer[],
  { endpoint, emit, now }: OnceMoreOptions,
  concurrency: number,
): Promise<void> {
  const waiting = [...closed];
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const events = await endpoint.read(next.name, now).catch(() => undefined);
      if (events === undefined) continue;
      const found = digestOf(events);
      const isEqual = found === next.digest;
      if (!isEqual) for (const event of events) emit(event);
      emit({ type: 'audited', at: now(), customer: next.name, ...(isEqual && { again: found }) });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
