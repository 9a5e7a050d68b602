/** One virtual user: its own instance of the script, its own k6 modules, its own connections. */
import type { ScriptExports } from '../script-bundle.ts';
import type { WrittenSummary } from '../worker-task.ts';
import { scriptGlobals } from './globals.ts';
import { K6_MODULES } from './modules.ts';
import type { Realm } from './realm.ts';
import type { IterationOutcome, RunnableVu } from './runnable-vu.ts';
import type { RunState } from './run-state.ts';
import { setupJson } from './setup-data.ts';
import { asText } from './text.ts';
import { VuTimers } from './timers.ts';
import type { Phase, ScenarioState, VuContext, VuHttp } from './vu-context.ts';
import { summaryParts } from './written-summary.ts';

export class Vu implements VuContext, RunnableVu {
  readonly run: RunState;
  readonly id: number;
  readonly globalId: number;
  readonly http: VuHttp;
  readonly timers: VuTimers;
  readonly realm: Realm;
  readonly exports: ScriptExports;
  phase: Phase = 'init';
  /** The script may write into it: an object of its realm. */
  env: Record<string, string>;
  /** `__ITER`: iterations of this VU before the running one. */
  iteration = -1;
  iterationInScenario = -1;
  iterationInInstance = -1;
  iterationInTest = -1;
  scenario: ScenarioState | undefined = undefined;
  /** Tags that the script set on the VU; undefined while there are none. */
  tags: ReadonlyMap<string, string | undefined> | undefined = undefined;
  group = '';
  /** The iteration that runs has ended the run: it is a full one, as in k6. */
  isAborting = false;
  sleeps = 0;
  /** Once true, no code of the script goes on in this VU. */
  isKilled = false;
  /** An exception has ended the iteration: nothing that it still begins is carried out. */
  isUnwinding = false;
  /** Whether anything asynchronous was begun since it was last cleared: an iteration without it must not starve the loop. */
  wasAsync = false;
  /** This VU's copy of what setup returned. */
  private setupData: unknown = undefined;
  readonly ready = Promise.resolve();
  /** Set by `randomSeed`. */
  random: (() => number) | undefined = undefined;
  private pending = 0;
  private isSettling = false;
  private onSettled: (() => void) | undefined = undefined;
  /** Takes what a timer throws in setup, teardown or handleSummary. */
  private onFailed: ((error: unknown) => void) | undefined = undefined;
  private finish: ((outcome: IterationOutcome) => void) | undefined = undefined;
  private startedAt = 0;
  private ending: Ending;
  private readonly modules = new Map<string, unknown>();

  /** Evaluates the script for this VU; throws what its top level throws. */
  constructor(run: RunState, httpOf: (vu: VuContext) => VuHttp, id: number, globalId = id) {
    this.run = run;
    this.id = id;
    this.globalId = globalId;
    this.http = httpOf(this);
    this.timers = new VuTimers(this);
    this.ending = new Ending(this);
    this.goesOn();
    this.realm = run.realmOf(id);
    this.env = environment(this.realm, run.env);
    this.exports = run.bundle.evaluate(
      this.realm,
      scriptGlobals(this, (name) => this.module(name)),
      this,
    );
    this.phase = 'setup';
  }

  /** Tag of the VU's samples: its own, the scenario's, the run's. */
  tag(name: string): string | undefined {
    // One that the script took away is there, without a value.
    if (this.tags?.has(name) === true) return this.tags.get(name);
    return this.scenario?.tags[name] ?? this.systemTag(name) ?? this.run.options.tags[name];
  }

  tagNames(): string[] {
    const { tags, scenario, run } = this;
    const names = [
      'scenario',
      'group',
      ...Object.keys(run.options.tags),
      ...Object.keys(scenario?.tags ?? {}),
    ];
    return [...new Set([...names, ...(tags?.keys() ?? [])])].filter((name) => this.tag(name) !== undefined);
  }

  /** Takes the VU into a scenario. */
  activate(scenario: ScenarioState): void {
    this.phase = 'vu';
    this.scenario = scenario;
    this.env = environment(this.realm, { ...this.run.env, ...scenario.env });
    this.iterationInScenario = -1;
    this.tags = undefined;
  }

  provide(json: string): void {
    this.setupData ??= this.realm.parse(json);
  }

  /** Runs a function of the script to its end, with all that it began, as one iteration. */
  play(exec: string): Promise<IterationOutcome> {
    const body = this.exports[exec] as (data: unknown) => unknown;
    this.iteration++;
    this.iterationInScenario++;
    if (this.scenario !== undefined) {
      this.iterationInInstance = this.scenario.nextIteration++;
      this.iterationInTest = this.scenario.globalIteration(this.iterationInInstance);
    }
    this.startedAt = performance.now();
    this.http.beginIteration();
    this.goesOn();
    const outcome = new Promise<IterationOutcome>((resolve) => {
      this.finish = resolve;
    });
    try {
      const result = body(this.setupData);
      if (isThenable(result)) result.then(this.ending.onReturn, this.ending.onThrow);
      else this.returned();
    } catch (error) {
      this.threw(error);
    }
    return outcome;
  }

  async callExport(name: 'setup' | 'teardown', dataJson: string | undefined): Promise<string | undefined> {
    this.phase = name;
    const body = this.exports[name] as (data: unknown) => unknown;
    const data = await this.call(body, dataJson === undefined ? undefined : this.realm.parse(dataJson));
    this.countTraffic();
    return name === 'teardown' || data === undefined ? undefined : setupJson(data);
  }

  async summarize(data: object): Promise<WrittenSummary> {
    const body = this.exports['handleSummary'] as (data: unknown) => unknown;
    return summaryParts(await this.call(body, this.realm.out(data)));
  }

  /** Runs setup, teardown or handleSummary to its end, with all that it began; settles never when the VU is killed. */
  private call(body: (data: unknown) => unknown, data: unknown): Promise<unknown> {
    this.goesOn();
    return new Promise((resolve, reject) => {
      this.onFailed = reject;
      this.whole(body, data).then(resolve, reject);
    });
  }

  private async whole(body: (data: unknown) => unknown, data: unknown): Promise<unknown> {
    const result = await body(data);
    // As in an iteration: what it began is waited for.
    if (this.pending > 0) {
      this.warnOfSleep();
      await new Promise<void>((resolve) => {
        this.isSettling = true;
        this.onSettled = resolve;
      });
    }
    return result;
  }

  /** Something asynchronous began: the iteration waits for it. */
  enter(): void {
    this.wasAsync = true;
    this.pending++;
  }

  /** It ended; called before the script's code goes on. */
  leave(): void {
    this.goesOn();
    this.pending--;
    if (this.pending === 0 && this.isSettling) setImmediate(() => this.settle());
  }

  /** The function is through and a sleep is not: nobody awaited it, and what came after it did not wait. */
  private warnOfSleep(): void {
    if (this.sleeps > 0)
      this.run.warnOnce(
        'sleep() was not awaited: what follows it did not wait, as it does in k6; write `await sleep(1)`, which is right in both',
      );
  }

  private goesOn(): void {
    this.run.pulse.enters(this.id, this.scenario?.index ?? -1);
  }

  /** An error in a callback that no promise carries (a timer's) ends the iteration like a throw. */
  fail(error: unknown): void {
    this.threw(error);
    // What the dead iteration's promise still does must not end the next one.
    this.ending.isStale = true;
    this.ending = new Ending(this);
  }

  /** Stops the script where it awaits: requests are cut, timers cleared, nothing of it goes on. */
  kill(): void {
    if (this.isKilled) return;
    this.isKilled = true;
    this.cancel();
    this.http.close();
    this.endRest();
    const { finish } = this;
    this.finish = undefined;
    if (finish === undefined) return;
    if (this.isAborting) {
      this.countIteration();
      finish('full');
      return;
    }
    this.run.counts.interrupted++;
    this.countTraffic();
    finish('interrupted');
  }

  /** Frees connections and timers of a VU that has nothing running. */
  async dispose(): Promise<void> {
    this.isKilled = true;
    this.cancel();
    await this.http.closed();
  }

  /** The iteration's own function is through. */
  returned(): void {
    if (this.pending === 0) {
      this.end();
      return;
    }
    this.isSettling = true;
    this.warnOfSleep();
  }

  /** The iteration's own function threw. */
  threw(error: unknown): void {
    if (this.isKilled) return;
    if (this.onFailed !== undefined) {
      this.cancel();
      this.onFailed(error);
      return;
    }
    const text = this.run.bundle.describe(error);
    this.run.log('error', text);
    this.run.exceptions.add(text);
    this.timers.clearAll();
    this.isUnwinding = true;
    // What waits for those requests goes on with status 0, and then the iteration is over.
    if (this.http.failAll()) setImmediate(() => this.unwound());
    else this.unwound();
  }

  private unwound(): void {
    this.isUnwinding = false;
    this.cancel();
    this.end();
  }

  private settle(): void {
    if (this.pending === 0 && this.isSettling) this.end();
  }

  private end(): void {
    const { finish, onSettled, run } = this;
    this.isSettling = false;
    this.finish = undefined;
    this.onSettled = undefined;
    if (finish === undefined) {
      // Setup, teardown or handleSummary: no iteration.
      onSettled?.();
      return;
    }
    this.countIteration();
    if (run.options.noVUConnectionReuse) this.http.closeIdle();
    const restMs = run.options.minIterationMs - (performance.now() - this.startedAt);
    if (restMs > 0) this.rest(finish, restMs);
    else finish('full');
  }

  private countIteration(): void {
    const { counts, registry } = this.run;
    counts.iterations++;
    registry.iterationDuration.add(performance.now() - this.startedAt, this);
    registry.iterations.add(1, this);
    this.countTraffic();
  }

  /** Also of an iteration that was cut, and of setup and teardown. */
  private countTraffic(): void {
    const { sent, received } = this.http.traffic();
    this.run.registry.dataSent.add(sent, this);
    this.run.registry.dataReceived.add(received, this);
  }

  /** The option `minIterationDuration`: the VU is not free before. */
  private rest(finish: (outcome: IterationOutcome) => void, restMs: number): void {
    const timer = setTimeout(() => this.endRest(), restMs);
    this.wasAsync = true;
    this.endRest = () => {
      clearTimeout(timer);
      this.endRest = () => undefined;
      finish('full');
    };
  }

  private endRest: () => void = () => undefined;

  private cancel(): void {
    this.timers.clearAll();
    this.http.cancelAll();
    this.sleeps = 0;
    this.pending = 0;
    this.isSettling = false;
  }

  private systemTag(name: string): string | undefined {
    if (!this.run.options.systemTags.has(name)) return undefined;
    if (name === 'scenario') return this.scenario?.name;
    return name === 'group' ? this.group : undefined;
  }

  private module(name: string): unknown {
    const known = this.modules.get(name);
    if (known !== undefined) return known;
    const module = K6_MODULES.get(name)?.(this);
    const made = module === undefined ? undefined : this.realm.module(module);
    this.modules.set(name, made);
    return made;
  }
}

/** `__ENV`: whatever a script writes into it is a text there. */
function environment(realm: Realm, values: Readonly<Record<string, string>>): Record<string, string> {
  const set = (target: object, name: string | symbol, value: unknown): boolean =>
    Reflect.set(target, name, value === null || value === undefined ? '' : asText(value));
  return realm.proxy({ set }, realm.object(values)) as Record<string, string>;
}

/** Where an iteration's promise ends up. One pair of functions serves all iterations of a VU until one is given up. */
class Ending {
  isStale = false;
  readonly onReturn: () => void;
  readonly onThrow: (error: unknown) => void;

  constructor(vu: Vu) {
    this.onReturn = () => {
      if (!this.isStale) vu.returned();
    };
    this.onThrow = (error) => {
      if (!this.isStale) vu.threw(error);
    };
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
