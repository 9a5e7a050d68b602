/** The side of a VU's thread: what it says to the engine's, and how it stands still for an answer. */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';

import type { Pulse } from '../pulse.ts';
import {
  FLAGS,
  type Answered,
  type FromThread,
  type Requests,
  type State,
  type ThreadTask,
  type Told,
} from './messages.ts';

/** So much said may be unread; then the script is held back instead of filling the memory. */
const MOST_UNREAD = 5_000;
const WAIT_MS = 100;
const SAMPLES_AT_ONCE = 3_000;

export class Link {
  private readonly flags: Int32Array;
  private readonly port: ThreadTask['answers'];
  private readonly pulse: Pulse;
  private samples: number[] = [];
  private saidCount = 0;
  private readonly never = new Int32Array(new SharedArrayBuffer(4));

  constructor({ flags, answers }: Pick<ThreadTask, 'flags' | 'answers'>, pulse: Pulse) {
    this.flags = new Int32Array(flags);
    this.port = answers;
    this.pulse = pulse;
  }

  /** In order, also with the samples before it. */
  say(message: FromThread): void {
    this.flush();
    this.post(message);
  }

  /** Kept until something is said. */
  sample(metric: number, value: number, subs: readonly number[]): void {
    this.samples.push(metric, value, subs.length, ...subs);
    if (this.samples.length >= SAMPLES_AT_ONCE) this.flush();
  }

  /** Stands still for the answers. */
  request(requests: Requests): Answered {
    this.say({ kind: 'requests', id: 0, isUnwinding: false, ...requests });
    const told = this.answer();
    if (!('answered' in told)) throw new Error('an answer to something else');
    return told.answered;
  }

  /** Stands still to be told how the run stands. */
  ask(): State {
    this.say({ kind: 'ask' });
    const told = this.answer();
    if (!('state' in told)) throw new Error('an answer to something else');
    return told.state;
  }

  sleep(delayMs: number): void {
    this.flush();
    if (delayMs > 0) this.still(() => Atomics.wait(this.never, 0, 0, delayMs));
  }

  /** The VU is over; it is ended from outside, and no code of the script may go on until then. */
  park(): never {
    for (;;) this.still(() => Atomics.wait(this.never, 0, 0));
  }

  private answer(): Told {
    for (;;) {
      const seen = Atomics.load(this.flags, FLAGS.answered);
      const found = receiveMessageOnPort(this.port);
      if (found !== undefined) return found.message;
      this.still(() => Atomics.wait(this.flags, FLAGS.answered, seen));
    }
  }

  private flush(): void {
    if (this.samples.length === 0) return;
    const { samples } = this;
    this.samples = [];
    this.post({ kind: 'samples', samples });
  }

  private post(message: FromThread): void {
    parentPort?.postMessage(message);
    this.saidCount++;
    for (;;) {
      const taken = Atomics.load(this.flags, FLAGS.taken);
      if (this.saidCount - taken < MOST_UNREAD) return;
      this.still(() => Atomics.wait(this.flags, FLAGS.taken, taken, WAIT_MS));
    }
  }

  /** To stand still is no sign of a script that never gives its thread back. */
  private still(wait: () => void): void {
    this.pulse.waits(true);
    wait();
    this.pulse.waits(false);
  }
}
