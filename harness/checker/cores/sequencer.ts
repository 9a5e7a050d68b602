/**
 * Sees every line of a history in its order, and knows of each no more than whose it is and when it was: which customer is
 * opened and judged when, who holds a key, what came too early or too late. What the lines say is judged by the parts,
 * each of which has some of the customers. The counterpart of `Checker`, whose order of things this is.
 */

import type { EndEvent, RunEvent, WholeRun } from '../../history/events.ts';
import { shifted } from '../../history/shift.ts';
import { readKey, wholeContract } from '../../model/contract.ts';
import { LINGER_MS } from '../checker.ts';
import { EarlyEvents } from '../early.ts';
import { isCrashAfterDebit } from '../faults.ts';
import { Findings } from '../findings.ts';
import { ProcessDeaths } from '../process-death.ts';
import { Processes } from '../processes.ts';
import { RetiredNames } from '../retired.ts';
import { Statements } from '../statements.ts';
import { SweepLog } from '../sweep.ts';
import { MARKS, namesHash, ORDERS, type Line, type OwnQuestion, type Question } from './parcel.ts';
import type { Facts } from './scan.ts';
import { Unusual } from './unusual.ts';

/** Takes orders for the parts, and sees to it that each has them in this order. */
export interface Orders {
  readonly parts: number;
  /** Number of what an order speaks of. */
  add(part: number, more: unknown): number;
  put(part: number, order: number, line: Line, seat: number, hash: number, place: number): void;
  /** Tells the answer once it is there. */
  ask(
    part: number,
    seat: number,
    question: Omit<Question, 'number'>,
    told: (isFinished: boolean) => void,
  ): void;
}

/** A customer that is open. */
export interface Held {
  readonly id: string;
  readonly part: number;
  readonly seat: number;
  readonly isReopened: boolean;
  readonly attempts: string[];
  readonly keys: string[];
  auditedAt: number | undefined;
  isGone: boolean;
  /** Questions about its keys that nobody has answered yet. */
  asked: number;
}

/** Where the line stands, and what its file's clock and faults are moved by. */
export interface Source extends Line {
  readonly file: number | undefined;
  readonly shiftMs: number;
}

const NOWHERE: Line = { shelf: -1, start: 0, end: 0, at: 0 };
/** What is left of a customer is with its part: here it only counts how many there are. */
const LEFT = { count: 0, ids: 0, balance: 0, isOpen: false, unfinished: { count: 0, points: 0 } };

export class Sequencer {
  readonly findings = new Findings();
  readonly processes = new Processes();
  readonly sweep = new SweepLog();
  readonly deaths = new ProcessDeaths();
  readonly early = new EarlyEvents();
  readonly ends: EndEvent[] = [];
  readonly read: Record<string, number> = {};
  run: WholeRun | undefined;
  runs = 0;
  now = -Infinity;
  readonly #orders: Orders;
  readonly #open = new Map<string, Held>();
  readonly #attempts = new Map<string, Held>();
  readonly #holders = new Map<string, Held>();
  readonly #retired = new RetiredNames();
  readonly #retiredAttempts = new RetiredNames();
  readonly #statements = new Statements();
  #closing: Held[] = [];
  #closed = 0;
  readonly #freeSeats: number[][] = [];
  readonly #seats: number[] = [];
  #place = 0;
  #tellsRewards = false;
  #awaitsNames = false;

  constructor(orders: Orders) {
    this.#orders = orders;
  }

  /** Before any other line. */
  began(event: RunEvent, line: Source): void {
    const run = shifted(event, line.shiftMs) as RunEvent;
    this.#at();
    this.#count('run');
    this.runs += 1;
    this.processes.push(run);
    this.sweep.run(run);
    this.run ??= { ...run, contract: wholeContract(run.contract) };
    // Only a list's own names wait for what requests hold.
    this.#awaitsNames = this.run.pointers?.['redemptions.clientRedemptionId'] !== undefined;
    this.#toAll(ORDERS.run, line);
  }

  /** Whether it is later now than it ever was: then whoever is due is judged. */
  isLater(at: number): boolean {
    if (at <= this.now) return false;
    this.now = at;
    return true;
  }

  /** The next customer to be judged. */
  due(): Held | undefined {
    const held = this.#closing[this.#closed];
    return held?.auditedAt !== undefined && held.auditedAt + LINGER_MS < this.now ? held : undefined;
  }

  /** All that are left, in the order in which they are judged when the history is over. */
  left(): Held[] {
    return [...this.#closing.slice(this.#closed), ...this.#open.values()];
  }

  judge(held: Held, isOver = false): void {
    if (this.#open.get(held.id) !== held) return;
    const isFirst = this.#closing[this.#closed] === held;
    if (isFirst) this.#closed += 1;
    if (this.#closed > 1024) this.#closing = this.#closing.slice(this.#closed);
    if (this.#closed > 1024) this.#closed = 0;
    const { id, part, seat, isReopened, auditedAt, isGone } = held;
    let order: number = ORDERS.judge;
    if ((this.findings.counts.get('lateArrivals') ?? 0) > 0) order |= MARKS.hasLate;
    if (isOver && auditedAt === undefined) order |= MARKS.unaudited;
    const { seed = '' } = this.run ?? {};
    if (isReopened && this.#statements.get(seed, id) !== undefined) order |= MARKS.remembered;
    this.#orders.put(part, order, NOWHERE, seat, 0, this.#at());
    if (!isReopened && auditedAt !== undefined && !isGone) this.#statements.put(seed, id, LEFT);
    this.#freeSeats[part]?.push(seat);
    this.#open.delete(id);
    this.#retired.add(id);
    for (const attempt of held.attempts) {
      this.#attempts.delete(attempt);
      this.#retiredAttempts.add(attempt);
    }
    for (const key of held.keys) if (this.#holders.get(key) === held) this.#holders.delete(key);
  }

  /** The next line, once whoever was due has been judged. */
  take(facts: Facts, line: Source): void {
    this.#at();
    this.#count(facts.type);
    switch (facts.type) {
      case 'invoke':
        this.#invoke(facts, line);
        break;
      case 'complete':
        this.#complete(facts, line);
        break;
      case 'arrival':
        this.#arrival(facts, line);
        break;
      case 'observe':
        if (facts.isRewards && !this.#tellsRewards) {
          this.#tellsRewards = true;
          this.#toAll(ORDERS.rewards, NOWHERE);
        }
        this.#ofCustomer(facts, line, facts.isRewards ? MARKS.tellsRewards : 0);
        break;
      case 'credit':
        this.#ofCustomer(facts, line);
        break;
      case 'fault':
        this.#fault(facts, line);
        break;
      case 'clock':
        this.#clock(facts, line);
        break;
      case 'audited':
        this.#audited(facts, line);
        break;
      case 'end':
        if (facts.event?.type === 'end') this.ends.push(shifted(facts.event, line.shiftMs) as EndEvent);
        break;
      case 'retire':
        break;
      case 'run':
        throw new Unusual('a run in the middle');
    }
  }

  /** A place in the history of its own for what is found next. */
  at(): number {
    return this.#at();
  }

  #at(): number {
    this.#place += 1;
    this.findings.place = this.#place;
    return this.#place;
  }

  #count(type: string): void {
    this.read[type] = (this.read[type] ?? 0) + 1;
  }

  #toAll(order: number, line: Line, but = -1): void {
    for (let part = 0; part < this.#orders.parts; part++)
      if (part !== but) this.#orders.put(part, order, line, 0, 0, this.#place);
  }

  /** A line that is for the part which its customer is of. */
  #ofCustomer(facts: Facts, line: Line, marks = 0, hash = 0): Held {
    const known = this.#open.get(facts.customer);
    const held = known ?? this.#opened(facts.customer);
    const opens = known === undefined ? MARKS.opens | (held.isReopened ? MARKS.reopens : 0) : 0;
    const order = ORDERS[facts.type as keyof typeof ORDERS];
    this.#orders.put(held.part, order | marks | opens, line, held.seat, hash, this.#place);
    return held;
  }

  #opened(customer: string): Held {
    const id = flat(customer);
    const part = partOf(id, this.#orders.parts);
    const free = (this.#freeSeats[part] ??= []);
    const seat = free.pop() ?? (this.#seats[part] = (this.#seats[part] ?? 0) + 1);
    const held: Held = {
      id,
      part,
      seat,
      isReopened: this.#retired.has(id),
      attempts: [],
      keys: [],
      auditedAt: undefined,
      isGone: false,
      asked: 0,
    };
    this.#open.set(id, held);
    return held;
  }

  #invoke(facts: Facts, line: Source): void {
    const { run } = this;
    if (run === undefined) throw new Unusual('no run');
    const { attempt: name = '' } = facts;
    const hash = namesHash(name, facts.key);
    if (this.#attempts.has(name)) {
      this.#ofCustomer(facts, line, MARKS.twice, hash);
      return;
    }
    const syntax = readKey(run.contract, facts.key);
    const holder = syntax.kind === 'key' ? this.#holders.get(syntax.key) : undefined;
    const isForeign = holder !== undefined && holder.id !== facts.customer;
    const held = this.#ofCustomer(facts, line, isForeign ? MARKS.foreign : 0, hash);
    const attempt = flat(name);
    if (syntax.kind === 'key') {
      if (isForeign) this.#ask(holder, held, attempt, { key: syntax.key, at: line.at + line.shiftMs });
      else if (holder === undefined) {
        const key = flat(syntax.key);
        this.#holders.set(key, held);
        held.keys.push(key);
      }
    }
    if (this.#awaitsNames) this.#lookForNames(facts);
    this.#attempts.set(attempt, held);
    held.attempts.push(attempt);
    for (const event of this.early.take(attempt))
      this.#orders.put(held.part, ORDERS.early, NOWHERE, this.#orders.add(held.part, event), 0, this.#place);
  }

  #lookForNames(facts: Facts): void {
    const event = facts.parse();
    if (event.type !== 'invoke' || event.clientRedemptionId === undefined) return;
    this.#awaitsNames = false;
    this.#toAll(ORDERS.names, NOWHERE);
  }

  #ask(holder: Held, held: Held, attempt: string, question: Omit<Question, 'number'>): void {
    if (holder.part === held.part) {
      const own: OwnQuestion = { ...question, attempt };
      const number = this.#orders.add(held.part, own);
      this.#orders.put(held.part, ORDERS.askOwn, NOWHERE, holder.seat, number, this.#place);
      return;
    }
    held.asked += 1;
    this.#orders.ask(holder.part, holder.seat, question, (isFinished) => {
      held.asked -= 1;
      const number = this.#orders.add(held.part, { attempt, isFinished });
      this.#orders.put(held.part, ORDERS.told, NOWHERE, number, 0, this.#place);
    });
  }

  #complete(facts: Facts, line: Source): void {
    const held = this.#attempts.get(facts.attempt ?? '');
    if (held) {
      this.#orders.put(held.part, ORDERS.complete, line, 0, 0, this.#place);
      return;
    }
    const event = shifted(facts.parse(), line.shiftMs);
    if (event.type !== 'complete' || event.attempt !== facts.attempt) throw new Unusual('another attempt');
    this.early.keep(event.attempt, event, this.findings);
  }

  #arrival(facts: Facts, line: Source): void {
    const held = facts.attempt === undefined ? undefined : this.#attempts.get(facts.attempt);
    if (held) {
      this.#orders.put(held.part, ORDERS.arrival, line, 0, 0, this.#place);
      return;
    }
    const event = shifted(facts.parse(), line.shiftMs);
    if (event.type !== 'arrival' || event.attempt !== facts.attempt) throw new Unusual('another attempt');
    this.findings.count('arrivals');
    if (event.copy > 0) this.findings.count('duplicates');
    if (event.attempt === undefined) return;
    if (this.#retiredAttempts.has(event.attempt)) {
      this.findings.count('lateArrivals');
      // Its customer has been judged: the client had its answer long ago.
      if (event.copy > 0) this.findings.cover('late-duplicate');
    } else this.early.keep(event.attempt, event, this.findings);
  }

  #fault(facts: Facts, line: Source): void {
    if (facts.event?.type !== 'fault') return;
    const event = shifted(facts.event, line.shiftMs);
    if (event.type !== 'fault') return;
    const named = line.file === undefined ? event : { ...event, id: `${line.file}/${event.id}` };
    this.#toAll(ORDERS.fault, line);
    this.sweep.fault(named);
    this.deaths.push(named);
    if (named.phase === 'end') return;
    this.findings.count('faults');
    if (isCrashAfterDebit(named)) this.findings.cover('crash-between-debit-and-reply');
  }

  #clock(facts: Facts, line: Source): void {
    if (facts.event?.type !== 'clock') return;
    if (facts.event.customer === undefined) {
      this.#toAll(ORDERS.clock, line);
      return;
    }
    const { part } = this.#ofCustomer(facts, line, MARKS.own);
    if (this.run?.contract.clockScope === 'common') this.#toAll(ORDERS.clock, line, part);
  }

  #audited(facts: Facts, line: Source): void {
    if (facts.event?.type !== 'audited') return;
    // It was read once more, and nothing had changed.
    if (facts.event.again !== undefined && !this.#open.has(facts.customer)) {
      this.findings.count('readAgain');
      return;
    }
    const held = this.#ofCustomer(facts, line);
    if (held.auditedAt !== undefined) return;
    held.auditedAt = line.at + line.shiftMs;
    held.isGone = facts.event.gone === true;
    this.#closing.push(held);
  }
}

/** Customers are dealt out by their names, so that a later reading finds what is left of one. */
function partOf(id: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % parts;
}

/** A text of its own: a slice would keep the whole piece of the file alive that it was taken from. */
function flat(text: string): string {
  return ` ${text}`.slice(1);
}
