/** Carries out a fault schedule beside the engine, writes each fault into the history, and heals everything. */

import type { Environment } from '../environment/types.ts';
import { until } from '../environment/store.ts';
import { harnessError, messageOf } from '../base/errors.ts';
import type { ClockEvent, FaultEvent } from '../history/events.ts';
import { now as historyNow } from '../base/now.ts';
import { Crashes } from './crashes.ts';
import { actOf } from './fault-acts.ts';
import type { FaultAct } from './fault-act.ts';
import { mayOverlap } from './overlap.ts';
import { bringBack, clearProxies } from './repair.ts';
import type { ResolvedSchedule } from './schedule.ts';
import type { TimedFault } from './timed-fault.ts';

/** What of the clock a nemesis needs; tests give their own. */
export interface NemesisTimers {
  /** Calls back after `ms`; gives back how to call it off. */
  readonly after: (ms: number, call: () => void) => () => void;
}

export interface NemesisOptions {
  readonly environment: Environment;
  readonly schedule: ResolvedSchedule;
  readonly emit: (event: FaultEvent | ClockEvent) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
  readonly timers?: NemesisTimers;
}

/** A fault that has begun. */
interface Running {
  /** Absent for request faults: they are on all the time. */
  readonly fault?: TimedFault;
  readonly event: Omit<FaultEvent, 'at' | 'phase'>;
  readonly act: FaultAct;
  readonly begun: Promise<void>;
  ended?: Promise<void>;
  /** Why it could not be carried out, or not undone. */
  error?: string;
  callOff?: () => void;
}

const CRASH_RECOVERY_LIMIT_MS = 15_000;
const READY_LIMIT_MS = 15_000;
/** How long a fault waits for one that it may not overlap and whose repair takes longer than planned. */
const TURN_LIMIT_MS = 5000;

const REAL_TIMERS: NemesisTimers = {
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export class Nemesis {
  readonly #environment: Environment;
  readonly #schedule: ResolvedSchedule;
  readonly #emit: (event: FaultEvent | ClockEvent) => void;
  readonly #now: () => number;
  readonly #timers: NemesisTimers;
  readonly #pending = new Set<() => void>();
  readonly #running = new Map<string, Running>();
  readonly #beginning = new Set<Promise<void>>();
  /** Faults that wait for another one's end. */
  readonly #waiting = new Set<() => void>();
  readonly #crashes: Crashes;
  readonly #problems: string[] = [];
  #isOver = false;
  #hasBegun = false;
  #unsubscribe: () => void = () => {};
  #healed: Promise<void> | undefined;

  constructor({ environment, schedule, emit, now = historyNow, timers }: NemesisOptions) {
    this.#environment = environment;
    this.#schedule = schedule;
    this.#emit = emit;
    this.#now = now;
    this.#timers = timers ?? REAL_TIMERS;
    this.#crashes = new Crashes((phase, event, at) => this.#note(phase, event, at));
  }

  /** Faults that could not be carried out, one sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Places the request faults, and begins the timetable. */
  start(): void {
    this.place();
    this.begin();
  }

  /** Places the request faults and listens to the server: before the first request. */
  place(): void {
    this.#unsubscribe = this.#environment.subscribe((event) => this.#crashes.hear(event));
    for (const spec of this.#schedule.http) this.#placeRequestFault(spec);
  }

  /** The timetable counts from now: from the first request, so that its faults do not come before all. Once. */
  begin(): void {
    if (this.#hasBegun || this.#isOver) return;
    this.#hasBegun = true;
    for (const fault of this.#schedule.timed) this.#later(fault.startMs, () => this.#launch(fault));
  }

  /** At the hop; behind a load balancer at the hop of each replica. */
  #placeRequestFault({ kind, toxic: planned }: ResolvedSchedule['http'][number]): void {
    const { hop, replicaHops } = this.#environment;
    for (const place of replicaHops ?? (hop === undefined ? [] : [hop])) {
      const toxic = replicaHops === undefined ? planned : atReplicaHop(planned, place);
      const { name, type, attributes } = toxic;
      const event = {
        type: 'fault' as const,
        id: name,
        name: type,
        kind,
        target: place,
        detail: { ...attributes },
      };
      const act: FaultAct = {
        target: place,
        isPossible: async () => true,
        begin: async () => void (await this.#environment.hopProxy.addToxic(place, toxic)),
        undo: () => this.#environment.hopProxy.removeToxic(place, name),
      };
      this.#begin(event, act);
    }
  }

  /** No further fault begins; those that have begun go on until `heal`. */
  stop(): void {
    this.#isOver = true;
    for (const callOff of this.#pending) callOff();
    this.#pending.clear();
    this.#wake();
  }

  /**
   * Ends every fault, brings every part back and waits until the server is ready. A second call waits for the first.
   * Everything is tried before anything is thrown: one error that names what could not be healed.
   */
  heal(): Promise<void> {
    this.#healed ??= this.#heal();
    return this.#healed;
  }

  async #heal(): Promise<void> {
    this.stop();
    const failed: string[] = [];
    const tried = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failed.push(`${what}: ${messageOf(error)}`);
      }
    };
    await Promise.all(this.#beginning);
    await this.#environment.disarm();
    await Promise.all(
      [...this.#running.values()].map((running) => tried(running.event.id, () => this.#end(running))),
    );
    await tried('proxies', () => clearProxies(this.#environment));
    await tried('processes', () => bringBack(this.#environment));
    const isUp = await until(async () => this.#crashes.down.length === 0, CRASH_RECOVERY_LIMIT_MS);
    if (!isUp) failed.push(`replicas that crashed did not come back: ${this.#crashes.down.join(', ')}`);
    if (!(await this.#environment.waitReady(READY_LIMIT_MS))) failed.push('the server does not get ready');
    this.#unsubscribe();
    if (failed.length > 0)
      throw harnessError('heal_failed', `not everything was healed: ${failed.join('; ')}`);
  }

  #later(ms: number, call: () => void): () => void {
    const callOff = this.#timers.after(ms, () => {
      this.#pending.delete(callOff);
      call();
    });
    this.#pending.add(callOff);
    return callOff;
  }

  #launch(fault: TimedFault): void {
    const act = actOf(fault, this.#environment);
    if (act === undefined) return;
    const work = this.#whenPossible(fault, act).catch((error: unknown) => {
      this.#problems.push(`${fault.id}: ${messageOf(error)}`);
    });
    const tracked = work.finally(() => this.#beginning.delete(tracked));
    this.#beginning.add(tracked);
  }

  async #whenPossible(fault: TimedFault, act: FaultAct): Promise<void> {
    const { id, name, kind, action, durationMs, detail } = fault;
    const event = {
      type: 'fault' as const,
      id,
      name: action,
      kind,
      target: act.target,
      detail: { rule: name, ...detail },
    };
    const running = await this.#beginInTurn(fault, event, act);
    if (running === undefined) {
      if (!this.#isOver) this.#problems.push(`${id}: found no moment at which it may begin`);
      return;
    }
    await running.begun;
    if (this.#isOver || !this.#running.has(id)) return;
    running.callOff = this.#later(durationMs, () => {
      // It has been noted; the heal tries the rest again.
      this.#end(running).catch(() => {});
    });
  }

  /** Begins it when nothing is on that it may not overlap and its part is there; undefined when there is no such moment in time. */
  async #beginInTurn(
    fault: TimedFault,
    event: Running['event'],
    act: FaultAct,
  ): Promise<Running | undefined> {
    let isLate = false;
    const callOff = this.#later(TURN_LIMIT_MS, () => {
      isLate = true;
      this.#wake();
    });
    try {
      for (;;) {
        if (isLate || this.#isOver) return undefined;
        if (!this.#isAlone(fault)) await new Promise<void>((woken) => this.#waiting.add(woken));
        else if (!(await act.isPossible())) return undefined;
        // Another one may have begun meanwhile; between this look and the begin nobody can.
        else if (this.#isAlone(fault) && !this.#isOver) return this.#begin(event, act, fault);
      }
    } finally {
      callOff();
      this.#pending.delete(callOff);
    }
  }

  #isAlone(fault: TimedFault): boolean {
    const running = [...this.#running.values()];
    return running.every((other) => other.fault === undefined || mayOverlap(fault, other.fault));
  }

  #wake(): void {
    for (const woken of this.#waiting) woken();
    this.#waiting.clear();
  }

  /** The event first, then the fault: what it does is never before its window. */
  #begin(event: Running['event'], act: FaultAct, fault?: TimedFault): Running {
    this.#note('start', event);
    const running: Running = {
      event,
      act,
      begun: act.begin(this.#noteStoreClock).catch((error: unknown) => this.#failed(running, error)),
      ...(fault && { fault }),
    };
    this.#running.set(event.id, running);
    return running;
  }

  #end(running: Running): Promise<void> {
    running.ended ??= this.#undo(running);
    return running.ended;
  }

  #failed(running: Running, error: unknown): void {
    // What could not begin can mostly not be undone either: one problem.
    if (running.error !== undefined) return;
    running.error = messageOf(error);
    this.#problems.push(`${running.event.id}: ${running.error}`);
  }

  async #undo(running: Running): Promise<void> {
    const { event, act, begun, callOff } = running;
    callOff?.();
    await begun;
    try {
      await act.undo(this.#noteStoreClock);
    } catch (error) {
      this.#failed(running, error);
      throw error;
    } finally {
      this.#running.delete(event.id);
      const { error } = running;
      this.#note('end', error === undefined ? event : { ...event, error });
      this.#wake();
    }
  }

  readonly #noteStoreClock = (aheadMs: number): void => {
    const at = this.#now();
    this.#emit({ type: 'clock', at, valueMs: at + aheadMs, frozen: false });
  };

  #note(phase: FaultEvent['phase'], event: Omit<FaultEvent, 'at' | 'phase'>, at = this.#now()): void {
    // An armed point is no fault before it is reached: the crash itself is told by the server.
    if (event.name === 'http_arm') return;
    this.#emit({ ...event, at, phase });
  }
}

/** Each hop decides for itself: by one decision for both, what nginx repeats would always meet the same fault again. */
function atReplicaHop<T extends ResolvedSchedule['http'][number]['toxic']>(toxic: T, hopName: string): T {
  const { name, attributes = {} } = toxic;
  const rule = typeof attributes['rule'] === 'string' ? attributes['rule'] : name;
  return { ...toxic, name: `${name}@${hopName}`, attributes: { ...attributes, rule: `${rule}@${hopName}` } };
}
