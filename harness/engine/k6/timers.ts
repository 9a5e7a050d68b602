/** `k6/timers` and the global timers: per VU, cleared when the VU stops. */
import type { VuClock, VuContext } from './vu-context.ts';

interface VuTimer {
  readonly id: number;
  readonly handle: NodeJS.Timeout;
}

type Callback = (...values: unknown[]) => void;

/** Timers of one VU by number, as in k6. An iteration waits for its own. */
export class VuTimers implements VuClock {
  private readonly vu: VuContext;
  private readonly open = new Map<number, VuTimer>();
  private nextId = 1;
  readonly setTimeout: (callback: Callback, delayMs?: number, ...values: unknown[]) => number;
  readonly setInterval: (callback: Callback, delayMs?: number, ...values: unknown[]) => number;
  readonly clear: (id: unknown) => void;

  constructor(vu: VuContext) {
    this.vu = vu;
    this.setTimeout = (callback, delayMs, ...values) => this.once(callback, delayMs, values);
    this.setInterval = (callback, delayMs, ...values) => this.repeat(callback, delayMs, values);
    this.clear = (id) => this.remove(id as number);
  }

  clearAll(): void {
    for (const { handle } of this.open.values()) clearTimeout(handle);
    this.open.clear();
  }

  private once(callback: Callback, delayMs: number | undefined, values: unknown[]): number {
    mustBeFunction(callback, 'setTimeout');
    if (this.isEnding) return 0;
    const id = this.begin();
    const handle = setTimeout(() => {
      this.remove(id);
      this.fire(callback, values);
    }, delayMs);
    this.open.set(id, { id, handle });
    return id;
  }

  private repeat(callback: Callback, delayMs: number | undefined, values: unknown[]): number {
    mustBeFunction(callback, 'setInterval');
    if (this.isEnding) return 0;
    const id = this.begin();
    const handle = setInterval(() => this.fire(callback, values), delayMs);
    this.open.set(id, { id, handle });
    return id;
  }

  /** Code that still goes on for a moment in an iteration that is over begins nothing. */
  private get isEnding(): boolean {
    return this.vu.isUnwinding || this.vu.isKilled;
  }

  private begin(): number {
    if (this.vu.phase === 'init') throw new Error('setting a timer in the init context is not supported');
    this.vu.enter();
    return this.nextId++;
  }

  private remove(id: number): void {
    const timer = this.open.get(id);
    if (timer === undefined) return;
    clearTimeout(timer.handle);
    this.open.delete(id);
    this.vu.leave();
  }

  private fire(callback: Callback, values: unknown[]): void {
    try {
      callback(...values);
    } catch (error) {
      this.vu.fail(error);
    }
  }
}

function mustBeFunction(callback: unknown, name: string): void {
  const text = `${name}'s callback isn't a callable function`;
  // As in k6: what is not there is an error of its own, what is something else one of JavaScript.
  if (callback === undefined || callback === null) throw new Error(text);
  if (typeof callback !== 'function') throw new TypeError(text);
}

export function timersModule(vu: VuContext): object {
  const { setTimeout, setInterval, clear } = vu.timers;
  return { setTimeout, setInterval, clearTimeout: clear, clearInterval: clear };
}
