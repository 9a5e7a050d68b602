/**
 * One toxic on one direction of one connection. Stubs stand in a row; each gets chunks in order and
 * hands them on in order, later or changed, so that a row of them can be altered while bytes flow.
 */
import type { Numbers } from './attributes.ts';

/** How a stream ends: `half` an end of stream (the other direction may go on), `closed` the socket is gone, `reset` it is to be reset. */
export type EndKind = 'half' | 'closed' | 'reset';

/** What stands behind a stub: the next stub or the socket. */
export interface StubOutput {
  chunk(data: Buffer): void;
  end(kind: EndKind): void;
}

/** Random draws of a stub, in [0, 1), each decided by the seed and how often this stub drew before. */
export type Draw = () => number;

export abstract class ToxicStub {
  protected readonly out: StubOutput;
  protected readonly draw: Draw;
  protected attributes: Numbers;

  constructor(out: StubOutput, attributes: Numbers, draw: Draw) {
    this.out = out;
    this.attributes = attributes;
    this.draw = draw;
  }

  /** Bytes came. */
  abstract push(data: Buffer): void;

  /** No more will come. */
  end(kind: EndKind): void {
    this.out.end(kind);
  }

  /** New attributes for an open connection. */
  update(attributes: Numbers): void {
    this.attributes = attributes;
  }

  /** The toxic is gone: hand over at once whatever is held, in order. Nothing is pushed here afterwards. */
  release(): void {}

  /** The connection is gone: stop every timer. */
  destroy(): void {}

  /** Too much is held: read no more from the source for now. */
  get isFull(): boolean {
    return false;
  }

  protected value(name: string): number {
    return Number(this.attributes[name] ?? 0);
  }
}
