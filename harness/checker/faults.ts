/** When which kind of fault was on, as disjoint windows of time. */

import type { FaultEvent, FaultKind } from '../history/events.ts';
import type { CrashPoint } from '../model/protocol.ts';
import { countAtMost } from './sorted.ts';

/**
 * `backend`: what stands between a server and its store, or is one of them; `any`: all but moved clocks; `store`: that
 * or the way to it; `server-down`, `store-down`: while nothing answers there, not while it is only slow; `crash`: a
 * process was ended at once; `rolling-restart`; `skew`: a replica's own clock was wrong.
 */
export type FaultScope = 'backend' | 'server' | 'store' | 'any' | Moment;
type Moment = 'server-down' | 'store-down' | 'crash' | 'rolling-restart' | 'skew';

const KINDS: Readonly<Record<Exclude<FaultScope, Moment>, readonly FaultKind[]>> = {
  backend: ['store-path', 'store', 'server'],
  server: ['server'],
  store: ['store', 'store-path'],
  any: ['edge', 'store-path', 'store', 'server'],
};

/** Faults of the store, or of the way to it, under which it still answers. */
const LEAVES_UP: ReadonlySet<string> = new Set([
  'latency',
  'bandwidth',
  'slow_close',
  'slicer',
  'limit_data',
  'reset_peer',
  'slow',
  'out-of-memory',
  'evict',
  'reply-held',
  'client-retries',
  'same-key',
  'same-key-elsewhere',
  'other-key',
  'other-payload',
  'last-points',
  'read',
  'past-lease',
  'past-expiry',
]);

const BELONGS: Readonly<Record<FaultScope, (fault: FaultEvent) => boolean>> = {
  backend: ({ kind }) => KINDS.backend.includes(kind),
  server: ({ kind }) => KINDS.server.includes(kind),
  store: ({ kind }) => KINDS.store.includes(kind),
  any: ({ kind }) => KINDS.any.includes(kind),
  'server-down': ({ kind }) => kind === 'server',
  'store-down': ({ kind, name }) => KINDS.store.includes(kind) && !LEAVES_UP.has(name),
  crash: ({ kind, name }) => kind === 'server' && (/^(kill|exit)$/.test(name) || name.startsWith('crash')),
  'rolling-restart': ({ name }) => name === 'rolling-restart',
  skew: ({ name }) => name === 'skew',
};

const SCOPES = Object.keys(BELONGS) as FaultScope[];

export class FaultLog {
  readonly #windows: Readonly<Record<FaultScope, Windows>> = {
    backend: new Windows(),
    server: new Windows(),
    store: new Windows(),
    any: new Windows(),
    'server-down': new Windows(),
    'store-down': new Windows(),
    crash: new Windows(),
    'rolling-restart': new Windows(),
    skew: new Windows(),
  };
  readonly #open = new Map<string, FaultEvent>();
  #lastEnd = -Infinity;
  /** Of a process's clock against another's: windows are so much wider where they excuse, and narrower where they prove. ms */
  uncertaintyMs = 0;

  push(event: FaultEvent): void {
    const started = this.#open.get(event.id);
    if (event.phase === 'start') {
      if (started) return;
      this.#open.set(event.id, event);
      for (const scope of SCOPES) if (BELONGS[scope](event)) this.#windows[scope].start(event.at);
      return;
    }
    if (!started) return;
    this.#open.delete(event.id);
    for (const scope of SCOPES) if (BELONGS[scope](started)) this.#windows[scope].end(event.at);
    if (started.kind !== 'clock') this.#lastEnd = Math.max(this.#lastEnd, event.at);
  }

  /** Whether a fault of the scope was on at any moment of [from, until], or ended at most `graceMs` before. */
  wasOn(scope: FaultScope, from: number, until: number, graceMs = 0): boolean {
    return this.#windows[scope].touches(from - graceMs - this.uncertaintyMs, until + this.uncertaintyMs);
  }

  /** Starts of the scope's windows that lie in [from, until]: used to say what fell into an attempt. */
  startedIn(scope: FaultScope, from: number, until: number): boolean {
    return this.#windows[scope].startsIn(from + this.uncertaintyMs, until - this.uncertaintyMs);
  }

  /** Faults that have started and not ended, moved clocks apart. */
  stillOn(): readonly FaultEvent[] {
    return [...this.#open.values()].filter((fault) => fault.kind !== 'clock');
  }

  /** When the last fault so far ended; -Infinity where none has. */
  get lastEnd(): number {
    return this.#lastEnd;
  }
}

/** The union of intervals whose starts and ends come in order of time. */
class Windows {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #depth = 0;

  start(at: number): void {
    const last = this.#ends.length - 1;
    if (this.#depth++ > 0) {
      // A server tells of its crash a little later than others of what came after it.
      this.#starts[last] = Math.min(this.#starts[last] ?? at, Math.max(at, this.#ends[last - 1] ?? at));
      return;
    }
    // Two windows that touch are one.
    if (last >= 0 && at <= (this.#ends[last] ?? 0)) this.#ends[last] = Infinity;
    else {
      this.#starts.push(at);
      this.#ends.push(Infinity);
    }
  }

  end(at: number): void {
    if (this.#depth === 0 || --this.#depth > 0) return;
    const last = this.#ends.length - 1;
    this.#ends[last] = Math.max(at, this.#starts[last] ?? at);
  }

  touches(from: number, until: number): boolean {
    const index = this.#lastStartAtMost(until);
    return index >= 0 && (this.#ends[index] ?? -Infinity) >= from;
  }

  startsIn(from: number, until: number): boolean {
    const index = this.#lastStartAtMost(until);
    return index >= 0 && (this.#starts[index] ?? -Infinity) >= from;
  }

  #lastStartAtMost(at: number): number {
    return countAtMost(this.#starts, at) - 1;
  }
}

const AFTER_DEBIT: readonly unknown[] = [
  'after-debit',
  'after-fulfil',
  'before-reply',
] satisfies CrashPoint[];

/** A server told of a crash at a named point. (That a process was killed says nothing of where it stood.) */
export function isCrashAfterDebit({ kind, name, detail }: FaultEvent): boolean {
  return kind === 'server' && name.startsWith('crash') && AFTER_DEBIT.includes(detail?.['point']);
}
