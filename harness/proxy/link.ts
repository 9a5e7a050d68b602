import type { Socket } from 'node:net';
import type { Numbers } from './attributes.ts';
import type { Draw, EndKind, ToxicStub, StubOutput } from './stub.ts';
import { createStub } from './toxics.ts';

/** A TCP toxic as its proxy keeps it; links read it, the API changes it. */
export interface TcpToxic {
  readonly name: string;
  readonly type: string;
  readonly direction: 'upstream' | 'downstream';
  /** As it was given, in its own letter case. */
  readonly stream: string;
  toxicity: number;
  attributes: Numbers;
}

/** Bytes that went into and came out of the links of one direction. */
export interface ByteCounts {
  received: number;
  sent: number;
}

/** What a link tells and asks of its proxy. */
export interface LinkOwner {
  readonly counts: ByteCounts;
  readonly dice: ConnectionDice;
  /** Bytes came from the source and have been dealt with. */
  readonly onBytes: () => void;
}

/** The decisions of one connection: does a toxic hit it, and the draws that the toxic makes. */
export interface ConnectionDice {
  hits(toxic: TcpToxic): boolean;
  drawsOf(toxic: TcpToxic): Draw;
}

interface Slot {
  readonly toxic: TcpToxic;
  /** Absent while the toxic does not hit this connection. */
  stub: ToxicStub | undefined;
  hasEnded: boolean;
}

/**
 * One direction of one connection: source socket, a row of stubs, destination socket.
 * Without stubs it is a plain pipe with backpressure. Stubs can come, change and go while bytes flow;
 * none is lost or reordered by that.
 */
export class Link {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #dice: ConnectionDice;
  readonly #counts: ByteCounts;
  readonly #onBytes: () => void;
  readonly #slots: Slot[] = [];
  #sourceEnded = false;
  #finished = false;
  #finishedBy: EndKind | undefined;
  #waitsForDrain = false;
  #isPaused = false;

  constructor(
    source: Socket,
    destination: Socket,
    toxics: readonly TcpToxic[],
    { dice, counts, onBytes }: LinkOwner,
  ) {
    this.#source = source;
    this.#destination = destination;
    this.#dice = dice;
    this.#counts = counts;
    this.#onBytes = onBytes;
    for (const toxic of toxics) this.add(toxic);
    this.#listen();
  }

  /** A new toxic goes to the end of the row. */
  add(toxic: TcpToxic): void {
    const slot: Slot = { toxic, stub: undefined, hasEnded: this.#finished };
    this.#slots.push(slot);
    if (!this.#finished && this.#dice.hits(toxic)) this.#start(slot);
  }

  /** The toxic's attributes or toxicity have changed. */
  update(toxic: TcpToxic): void {
    const slot = this.#slots.find((each) => each.toxic === toxic);
    if (slot === undefined || slot.hasEnded) return;
    const hits = this.#dice.hits(toxic);
    if (slot.stub === undefined) {
      if (hits) this.#start(slot);
    } else if (hits) {
      slot.stub.update(toxic.attributes);
    } else {
      slot.stub.release();
      slot.stub = undefined;
    }
    this.#flow();
  }

  remove(toxic: TcpToxic): void {
    const index = this.#slots.findIndex((each) => each.toxic === toxic);
    const slot = this.#slots[index];
    if (slot === undefined) return;
    if (!slot.hasEnded) slot.stub?.release();
    slot.stub?.destroy();
    this.#slots.splice(index, 1);
    this.#flow();
  }

  /** Stops every timer; the sockets are closed by whoever calls this. */
  destroy(): void {
    this.#finished = true;
    for (const { stub } of this.#slots) stub?.destroy();
  }

  #listen(): void {
    let wasReset = false;
    this.#source.on('data', (data: Buffer) => {
      this.#counts.received += data.length;
      if (this.#slots.length === 0) this.#write(data);
      else this.#deliver(0, data);
      this.#flow();
      this.#onBytes();
    });
    this.#source.on('end', () => this.#end('half'));
    // A dial that failed is no reset: the client's connection ends in order, as Toxiproxy ends it.
    this.#source.on('error', ({ code, syscall = '' }: NodeJS.ErrnoException) => {
      wasReset = code === 'ECONNRESET' || ['read', 'write'].includes(syscall);
    });
    this.#source.on('close', () => {
      if (!this.#sourceEnded) this.#end(wasReset ? 'reset' : 'closed');
      // A half that passed on already is not enough when the socket then breaks.
      else if (wasReset && !this.#finished) this.#deliverEnd(0, 'reset');
      else if (wasReset && this.#finishedBy === 'half') this.#destination.destroy();
    });
    this.#destination.on('drain', () => {
      this.#waitsForDrain = false;
      this.#flow();
    });
    this.#destination.on('close', () => {
      this.destroy();
      // Usually the other link closes the source; not so when it has ended already.
      if (this.#source.writableEnded) this.#source.destroySoon();
    });
  }

  #start(slot: Slot): void {
    const output: StubOutput = {
      chunk: (data) => {
        if (slot.hasEnded) return;
        this.#deliver(this.#slots.indexOf(slot) + 1, data);
        this.#flow();
      },
      end: (kind) => {
        if (slot.hasEnded) return;
        slot.hasEnded = true;
        this.#deliverEnd(this.#slots.indexOf(slot) + 1, kind);
      },
    };
    slot.stub = createStub(slot.toxic.type, output, slot.toxic.attributes, this.#dice.drawsOf(slot.toxic));
  }

  #deliver(from: number, data: Buffer): void {
    for (let index = from; index < this.#slots.length; index++) {
      const slot = this.#slots[index];
      if (slot?.hasEnded === true) return;
      if (slot?.stub !== undefined) {
        slot.stub.push(data);
        return;
      }
    }
    this.#write(data);
  }

  #write(data: Buffer): void {
    if (this.#finished || !this.#destination.writable) return;
    this.#counts.sent += data.length;
    if (!this.#destination.write(data)) this.#waitsForDrain = true;
  }

  #end(kind: EndKind): void {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    this.#deliverEnd(0, kind);
  }

  #deliverEnd(from: number, kind: EndKind): void {
    for (let index = from; index < this.#slots.length; index++) {
      const slot = this.#slots[index];
      if (slot === undefined) break;
      if (slot.hasEnded) {
        if (kind === 'half') return;
        continue;
      }
      if (slot.stub !== undefined) {
        slot.stub.end(kind);
        return;
      }
      slot.hasEnded = true;
    }
    this.#finish(kind);
  }

  #finish(kind: EndKind): void {
    this.#finished = true;
    this.#finishedBy = kind;
    if (kind === 'half') {
      this.#destination.end();
    } else if (kind === 'closed') {
      // What is written still goes out. The other direction learns of it by the socket's close.
      this.#destination.destroySoon();
    } else {
      this.#destination.resetAndDestroy();
      this.#source.resetAndDestroy();
    }
  }

  /** Reads on, or not: the destination and every stub must have room. */
  #flow(): void {
    const isFull =
      this.#waitsForDrain || this.#slots.some(({ stub, hasEnded }) => !hasEnded && stub?.isFull === true);
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#source.pause();
    else this.#source.resume();
  }
}
