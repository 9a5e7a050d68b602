/** A sign of life of the engine's thread, and whose code it runs, in shared memory: it is read when nothing else is told any more. */

const BEAT = 0;
const VU = 1;
const SCENARIO = 2;
const WAITING = 3;
const WORDS = 4;

/** How often an engine's thread that is alive says so. */
const BEAT_MS = 100;

export function pulseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4);
}

/** The side of the engine's thread. */
export class Pulse {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /** Beats once, and then as long as the event loop turns. */
  start(): void {
    const beat = (): void => void Atomics.add(this.words, BEAT, 1);
    beat();
    setInterval(beat, BEAT_MS).unref();
  }

  /** The thread stands still for something that comes from outside. */
  waits(isWaiting: boolean): void {
    Atomics.store(this.words, WAITING, isWaiting ? 1 : 0);
    Atomics.add(this.words, BEAT, 1);
  }

  /** The script's code goes on in this VU. `scenario`: its number, -1 outside of one. */
  enters(vu: number, scenario: number): void {
    this.words[VU] = vu;
    this.words[SCENARIO] = scenario;
  }
}

export interface LastPulse {
  /** 0 before the thread has begun. */
  readonly beat: number;
  /** 0: top level, setup, teardown or handleSummary. */
  readonly vu: number;
  readonly scenario: number;
  readonly isWaiting: boolean;
}

/** The side of the main thread. */
export function readPulse(memory: SharedArrayBuffer): LastPulse {
  const words = new Int32Array(memory);
  const read = (index: number): number => Atomics.load(words, index);
  return { beat: read(BEAT), vu: read(VU), scenario: read(SCENARIO), isWaiting: read(WAITING) === 1 };
}
