/** The thread of one VU, as the engine's thread holds it: started, told, answered, watched, ended. */
import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';

import { workerEntry } from '../../base/worker-entry.ts';
import type { RunState } from '../k6/run-state.ts';
import { pulseMemory } from '../pulse.ts';
import { Watchdog } from '../watchdog.ts';
import {
  FLAGS,
  flagsMemory,
  type FromThread,
  type ThreadTask,
  type Told,
  type ToThread,
} from './messages.ts';
import { threadTask, type ThreadMaker } from './thread-task.ts';

export class ScriptThread {
  /** Resolves when it is gone. */
  readonly exited: Promise<void>;
  private readonly name = `vu-${randomUUID()}`;
  private readonly maker: ThreadMaker;
  private readonly worker: Worker;
  private readonly answers: MessagePort;
  private readonly flags: Int32Array;
  private readonly pulse = pulseMemory();
  private watchdog: Watchdog | undefined = undefined;
  private isEnded = false;

  /** `hear`: takes what it says, in order. `failed`: the thread itself did. */
  constructor(
    run: RunState,
    maker: ThreadMaker,
    vu: Pick<ThreadTask, 'id' | 'globalId'>,
    { hear, failed }: { hear: (message: FromThread) => void; failed: (error: Error) => void },
  ) {
    this.maker = maker;
    const { port1, port2 } = new MessageChannel();
    this.answers = port1;
    const flags = flagsMemory();
    this.flags = new Int32Array(flags);
    this.worker = new Worker(workerEntry(maker.program), {
      eval: maker.program.isCode,
      workerData: threadTask(run, maker, vu, { pulse: this.pulse, flags, answers: port2 }),
      transferList: [port2],
      execArgv: [],
      env: {},
      name: this.name,
    });
    this.exited = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.on('message', (message: FromThread) => {
      this.raise(FLAGS.taken);
      hear(message);
    });
    this.worker.once('error', failed);
    this.watch();
  }

  tell(message: ToThread): void {
    this.worker.postMessage(message);
  }

  /** What it stands still for. */
  answer(told: Told): void {
    this.answers.postMessage(told);
    this.raise(FLAGS.answered);
  }

  /** Ends it where it stands. What it said before is heard before it has exited. */
  end(): void {
    this.isEnded = true;
    this.watchdog?.stop();
    void this.worker.terminate();
  }

  private raise(flag: number): void {
    Atomics.add(this.flags, flag, 1);
    Atomics.notify(this.flags, flag);
  }

  private watch(): void {
    this.watchdog = new Watchdog(this.pulse, this.maker.stallMs, () => void this.stalled());
  }

  private async stalled(): Promise<void> {
    const wentOn = await this.maker.onStall(this.name, this.pulse);
    if (wentOn && !this.isEnded) this.watch();
  }
}
