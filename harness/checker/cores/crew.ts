/**
 * Hands the orders for each part out in parcels, holds back when a part is behind, and lends out the shared memory in which
 * the lines stand: a shelf is free again when every part has done what speaks of it.
 */

import type { FromPart, PartPort } from './messages.ts';
import { ORDERS, ParcelWriter, type Line, type Load, type Question } from './parcel.ts';
import type { PartResult, Tellings } from './part.ts';
import type { Orders } from './sequencer.ts';
import { Unusual } from './unusual.ts';

export interface CrewOptions {
  /** Orders in a parcel. */
  readonly parcelOrders?: number;
}

/** Parcels that a part may be behind. */
const BEHIND = 3;
const NO_LINE: Line = { shelf: -1, start: 0, end: 0, at: 0 };

interface Member {
  readonly port: PartPort;
  readonly writer: ParcelWriter;
  /** Number of the parcel that is being written; those before it are sent. */
  number: number;
  done: number;
  readonly lends: number[];
  /** By shelf: the parcel in which it was spoken of last. */
  readonly spoke: number[];
  result: PartResult | undefined;
}

export class Crew implements Orders {
  readonly shelves: readonly SharedArrayBuffer[];
  readonly #members: readonly Member[];
  readonly #parcelOrders: number;
  readonly #loads: Load[] = [];
  /** By shelf: how often it was lent; 0 or below while it is on loan. */
  readonly #lendings: number[] = [];
  readonly #onLoan = new Set<number>();
  readonly #questions = new Map<number, (isFinished: boolean) => void>();
  #asked = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(
    ports: readonly PartPort[],
    shelves: readonly SharedArrayBuffer[],
    { parcelOrders = 2048 }: CrewOptions = {},
  ) {
    this.shelves = shelves;
    this.#parcelOrders = parcelOrders;
    this.#members = ports.map((port) => ({
      port,
      writer: new ParcelWriter(),
      number: 1,
      done: 0,
      lends: [],
      spoke: [],
      result: undefined,
    }));
    for (const member of this.#members) member.port.listen((message) => this.#hear(member, message));
  }

  get parts(): number {
    return this.#members.length;
  }

  /** A shelf that nobody reads any more. */
  async shelf(): Promise<number> {
    for (;;) {
      const free = this.shelves.findIndex((_, shelf) => !this.#onLoan.has(shelf) && this.#isRead(shelf));
      if (free !== -1) {
        this.#onLoan.add(free);
        this.#lendings[free] = (this.#lendings[free] ?? 0) + 1;
        return free;
      }
      this.#sendAll();
      await this.#heard();
    }
  }

  /** What stands on a shelf from now on. */
  load(load: Load): void {
    this.#loads[load.shelf] = load;
  }

  /** No more lines of it are spoken of. */
  giveBack(shelf: number): void {
    this.#onLoan.delete(shelf);
  }

  add(part: number, more: unknown): number {
    return this.#members[part]?.writer.add(more) ?? 0;
  }

  put(part: number, order: number, line: Line, seat: number, hash: number, place: number): void {
    const member = this.#members[part];
    if (member === undefined) throw new Error(`no part ${part}`);
    const { shelf } = line;
    if (shelf >= 0) {
      const lending = this.#lendings[shelf] ?? 0;
      const load = this.#loads[shelf];
      if (member.lends[shelf] !== lending && load) {
        member.lends[shelf] = lending;
        member.writer.load(load);
      }
      member.spoke[shelf] = member.number;
    }
    member.writer.put(order, line, seat, hash, place);
    if (member.writer.size >= this.#parcelOrders) this.#send(member);
  }

  ask(
    part: number,
    seat: number,
    question: Omit<Question, 'number'>,
    told: (isFinished: boolean) => void,
  ): void {
    this.#asked += 1;
    const number = this.#asked;
    this.#questions.set(number, told);
    this.put(part, ORDERS.ask, NO_LINE, seat, this.add(part, { ...question, number }), 0);
  }

  /** Whether a part is so far behind that it should be waited for. */
  get isBehind(): boolean {
    return this.#failure !== undefined || this.#members.some((member) => isBehind(member));
  }

  async caughtUp(): Promise<void> {
    while (this.isBehind) await this.#heard();
  }

  /** Every question has its answer. */
  async settled(): Promise<void> {
    while (this.#questions.size > 0) {
      this.#sendAll();
      await this.#heard();
    }
  }

  async finish(): Promise<PartResult[]> {
    return await this.#results((member) => member.port.send({ kind: 'finish' }));
  }

  async tell(tellings: readonly Tellings[]): Promise<PartResult[]> {
    return await this.#results((member, part) =>
      member.port.send({ kind: 'tell', tellings: tellings[part] ?? [] }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ port }) => port.close()));
  }

  async #results(ask: (member: Member, part: number) => void): Promise<PartResult[]> {
    this.#sendAll();
    for (const [part, member] of this.#members.entries()) {
      member.result = undefined;
      ask(member, part);
    }
    for (;;) {
      const results = this.#members.flatMap(({ result }) => result ?? []);
      if (results.length === this.#members.length) return results;
      await this.#heard();
    }
  }

  #isRead(shelf: number): boolean {
    return this.#members.every(({ spoke, done }) => (spoke[shelf] ?? 0) <= done);
  }

  #sendAll(): void {
    for (const member of this.#members) if (member.writer.size > 0) this.#send(member);
  }

  #send(member: Member): void {
    const parcel = member.writer.take(member.number);
    member.number += 1;
    member.port.send({ kind: 'parcel', parcel });
  }

  #hear(member: Member, message: FromPart): void {
    if (message.kind === 'failed') this.#failure ??= new Unusual(message.message);
    else if (message.kind === 'result') member.result = message.result;
    else {
      member.done = message.number;
      for (const { number, isFinished } of message.answers) {
        this.#questions.get(number)?.(isFinished);
        this.#questions.delete(number);
      }
    }
    this.#wake?.();
  }

  /** Until a part says something. */
  async #heard(): Promise<void> {
    if (this.#failure === undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function isBehind({ number, done }: Member): boolean {
  return number - 1 - done > BEHIND;
}
