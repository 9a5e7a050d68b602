/** A part of the customers, judged by what the thread that sees the whole history says of it. */

import { checkEvent } from '../../history/codec.ts';
import type { ArrivalEvent, CompleteEvent, HistoryEvent, RunEvent } from '../../history/events.ts';
import { shifted } from '../../history/shift.ts';
import { Customers } from '../customers.ts';
import type { Attempt, Customer } from '../customer.ts';
import type { FindingsPart } from '../findings.ts';
import type { IncidentsPart } from '../incidents.ts';
import type { HistogramCells } from '../latency.ts';
import type { Named } from '../namespaces.ts';
import { Processes } from '../processes.ts';
import { SweepLog } from '../sweep.ts';
import { MARKS, namesHash, ORDERS, WIDTH, type Answer, type Load, type Parcel } from './parcel.ts';
import type { OwnQuestion, Question, Told } from './parcel.ts';
import { Unusual } from './unusual.ts';

/** What a part has come to when the history is over. */
export interface PartResult {
  readonly findings: FindingsPart;
  readonly incidents: IncidentsPart;
  readonly pointers: readonly (readonly [string, number])[];
  readonly names: { readonly ours: readonly Named[]; readonly strange: readonly Named[] };
  readonly latency: HistogramCells;
  readonly spread: HistogramCells;
}

/** Strange names that are told after all, by their numbers, each with its place in the history. */
export type Tellings = readonly { readonly index: number; readonly place: number }[];

export class Part {
  readonly #shelves: readonly Buffer[];
  readonly #loads: Load[] = [];
  /** By file the piece that is being read, as text: a text that is kept longer than it is used is copied by each collection. */
  readonly #texts: { load: Load; text: string }[] = [];
  readonly #sweep = new SweepLog();
  readonly #processes = new Processes();
  readonly #customers = new Customers((subject) => this.#sweep.kindAt(subject));
  readonly #seats: (Customer | undefined)[] = [];

  /** `shelves`: shared memory in which the lines stand. */
  constructor(shelves: readonly SharedArrayBuffer[]) {
    this.#shelves = shelves.map((shelf) => Buffer.from(shelf));
  }

  /** Does what a parcel says; answers its questions. Throws where a line is not what it was taken for. */
  take({ loads, orders, times, more }: Parcel): Answer[] {
    for (const load of loads) this.#loads[load.shelf] = load;
    const answers: Answer[] = [];
    for (let index = 0; 2 * index < times.length; index++) {
      const place = times[2 * index] ?? 0;
      this.#customers.findings.place = this.#customers.namespaces.place = place;
      const at = index * WIDTH;
      const order = orders[at] ?? 0;
      const seat = orders[at + 4] ?? 0;
      switch (order & 0xff) {
        case ORDERS.judge:
          this.#judge(order, seat);
          break;
        case ORDERS.ask:
          answers.push(this.#answer(seat, more[orders[at + 5] ?? 0] as Question));
          break;
        case ORDERS.askOwn: {
          const { attempt, key, at: sentAt } = more[orders[at + 5] ?? 0] as OwnQuestion;
          this.#attempt(attempt).isKeyForeign = this.#hasFinished(seat, key, sentAt);
          break;
        }
        case ORDERS.told: {
          const { attempt, isFinished } = more[seat] as Told;
          this.#attempt(attempt).isKeyForeign = isFinished;
          break;
        }
        case ORDERS.rewards:
          this.#customers.tellsRewards = true;
          break;
        case ORDERS.names:
          this.#customers.pointers.sentNames();
          break;
        case ORDERS.early:
          this.#early(more[seat] as ArrivalEvent | CompleteEvent, place);
          break;
        default: {
          const event = this.#read(orders, at, times[2 * index + 1] ?? 0);
          this.#event(event, { order, seat, hash: orders[at + 5] ?? 0, place });
        }
      }
    }
    return answers;
  }

  /** What was found, but for strange names: whether they say anything the whole run tells. */
  finish(): PartResult {
    return this.#result();
  }

  /** The same with the strange names that do say something. */
  tell(tellings: Tellings): PartResult {
    const { findings, namespaces } = this.#customers;
    for (const { index, place } of tellings) {
      findings.place = place;
      namespaces.tellOne(index, findings);
      this.#customers.group();
    }
    return this.#result();
  }

  #result(): PartResult {
    const { findings, incidents, pointers, namespaces, latency, spread } = this.#customers;
    return {
      findings: findings.part(),
      incidents: incidents.part(),
      pointers: pointers.pending(),
      names: namespaces.part(),
      latency: latency.cells(),
      spread: spread.cells(),
    };
  }

  #judge(order: number, seat: number): void {
    const customer = this.#seats[seat];
    if (customer === undefined) throw new Unusual('nobody sits there');
    this.#seats[seat] = undefined;
    if ((order & MARKS.unaudited) !== 0 && customer.attempts.length > 0)
      this.#customers.findings.doubt('not-audited', customer.id);
    this.#customers.judge(customer, {
      hasLateArrivals: (order & MARKS.hasLate) !== 0,
      isRemembered: (order & MARKS.remembered) !== 0,
    });
  }

  #answer(seat: number, { number, key, at }: Question): Answer {
    return { number, isFinished: this.#hasFinished(seat, key, at) };
  }

  #hasFinished(seat: number, key: string, at: number): boolean {
    const holder = this.#seats[seat];
    return holder !== undefined && this.#customers.hasFinished(holder.id, { key, at });
  }

  #early(event: ArrivalEvent | CompleteEvent, place: number): void {
    const attempt = this.#attempt(event.attempt ?? '');
    if (event.type === 'arrival') this.#customers.arrived(attempt, event);
    else this.#customers.completed(attempt, event, place);
  }

  /** The event of a line, on the clock and under the names that all files have in common. */
  #read(orders: Int32Array, at: number, time: number): HistoryEvent {
    const load = this.#loads[orders[at + 1] ?? 0];
    const bytes = this.#shelves[orders[at + 1] ?? 0];
    const [start, end] = [orders[at + 2] ?? 0, orders[at + 3] ?? 0];
    if (load === undefined || bytes === undefined) throw new Unusual('nothing lies there');
    const line = load.isPlain
      ? this.#textOf(load, bytes).slice(start, end)
      : bytes.toString('utf8', start, end);
    const event = checkEvent(JSON.parse(line), '');
    if (event.type !== 'run' && event.at !== time) throw new Unusual('another time');
    const moved = shifted(event, load.shiftMs);
    return moved.type === 'fault' && load.file !== undefined
      ? { ...moved, id: `${load.file}/${moved.id}` }
      : moved;
  }

  #textOf(load: Load, bytes: Buffer): string {
    const file = load.file ?? 0;
    const known = this.#texts[file];
    if (known?.load === load) return known.text;
    const text = bytes.toString('latin1', 0, load.bytes);
    this.#texts[file] = { load, text };
    return text;
  }

  #event(event: HistoryEvent, { order, seat, hash, place }: Ordered): void {
    const customers = this.#customers;
    if (ORDERS[event.type as keyof typeof ORDERS] !== (order & 0xff)) throw new Unusual('another type');
    switch (event.type) {
      case 'run':
        this.#run(event);
        break;
      case 'invoke': {
        if (namesHash(event.attempt, event.key) !== hash) throw new Unusual('another name');
        const customer = this.#customer(event.customer, order, seat);
        if ((order & MARKS.twice) !== 0) {
          customers.findings.doubt('double-invoke', event.attempt);
          break;
        }
        customers.invoked(customer, event, place);
        if ((order & MARKS.foreign) !== 0) customers.findings.cover('other-customer');
        break;
      }
      case 'complete':
        customers.completed(this.#attempt(event.attempt), event, place);
        break;
      case 'arrival':
        customers.countArrival(event);
        customers.arrived(this.#attempt(event.attempt ?? ''), event);
        break;
      case 'observe':
        if ((event.what === 'rewards') !== ((order & MARKS.tellsRewards) !== 0))
          throw new Unusual('another reading');
        customers.reading(event);
        customers.observed(this.#customer(event.customer, order, seat), event);
        break;
      case 'fault':
        customers.fault(event);
        break;
      case 'clock': {
        const isOwn = event.customer !== undefined && (order & MARKS.own) !== 0;
        const owner = isOwn ? this.#customer(event.customer, order, seat) : undefined;
        customers.clockMoved(event, place, owner);
        break;
      }
      case 'credit':
        customers.credited(this.#customer(event.customer, order, seat), event, place);
        break;
      case 'audited':
        customers.audited(this.#customer(event.customer, order, seat), event);
        break;
      default:
        throw new Unusual(`a line of ${event.type}`);
    }
  }

  #run(event: RunEvent): void {
    this.#processes.push(event);
    this.#sweep.run(event);
    this.#customers.began(event, this.#processes.uncertaintyMs);
  }

  /** Who sits there, or who sits down there. */
  #customer(id: string, order: number, seat: number): Customer {
    if ((order & MARKS.opens) !== 0)
      return (this.#seats[seat] = this.#customers.opened(id, (order & MARKS.reopens) !== 0));
    const customer = this.#seats[seat];
    if (customer?.id !== id) throw new Unusual('another customer');
    return customer;
  }

  #attempt(id: string): Attempt {
    const attempt = this.#customers.attempts.get(id);
    if (attempt === undefined) throw new Unusual('another attempt');
    return attempt;
  }
}

interface Ordered {
  readonly order: number;
  readonly seat: number;
  readonly hash: number;
  readonly place: number;
}
