/** One scenario while it runs: its time, its VUs, its stop. */
import type { RunState } from './k6/run-state.ts';
import type { ScenarioState } from './k6/vu-context.ts';
import type { IterationOutcome, RunnableVu } from './k6/runnable-vu.ts';
import type { ScenarioOptions } from './scenario-options.ts';
import type { Stripes } from './stripes.ts';
import { regularMs, type VuPool } from './vu-pool.ts';

/** Node's longest timer, about 24 days: anything above fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

export class Session {
  readonly state: ScenarioState;
  readonly run: RunState;
  /** Whose turn each of the scenario's iterations is; executors that deal them out among VUs set their own. */
  numbers: Stripes;
  private readonly pool: VuPool;
  private readonly scenario: ScenarioOptions;
  private readonly vus = new Set<RunnableVu>();
  private readonly waiting = new Set<() => void>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly startedAt = performance.now();
  private isStopped = false;
  private wasCut = false;
  /** Share of the work done, 0 to 1; executors by iterations set their own. */
  progress: () => number = () => Math.min(1, this.elapsedMs / regularMs(this.scenario));

  constructor(run: RunState, pool: VuPool, scenario: ScenarioOptions) {
    this.run = run;
    this.pool = pool;
    this.scenario = scenario;
    this.numbers = run.options.stripes;
    this.state = {
      index: run.options.scenarios.indexOf(scenario),
      name: scenario.name,
      executor: scenario.executor,
      exec: scenario.exec,
      startTime: Date.now(),
      env: scenario.env,
      tags: scenario.tags,
      progress: () => this.progress(),
      nextIteration: 0,
      globalIteration: (local) => this.numbers.globalOf(local),
    };
    this.timers.push(setTimeout(() => this.over(), Math.min(regularMs(scenario), LONGEST_MS)));
  }

  /** Which part of the test this process does. */
  get stripes(): Stripes {
    return this.run.options.stripes;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** No iteration starts any more. */
  get isOver(): boolean {
    return this.isStopped || this.elapsedMs >= regularMs(this.scenario);
  }

  /** Whether it was ended before its time. */
  get isCut(): boolean {
    return this.wasCut;
  }

  /** Its time is up: no iteration starts by itself, and those that run have the graceful stop to end in. */
  over(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.timers.push(setTimeout(() => this.kill(), this.scenario.gracefulStopMs));
  }

  /** As if its time were up. */
  stop(): void {
    this.cut();
    this.over();
  }

  /** Ends it at once, with its iterations where they stand. */
  kill(): void {
    this.isStopped = true;
    this.cut();
    for (const vu of this.vus) vu.kill();
  }

  take(): RunnableVu {
    const vu = this.pool.take(this.state);
    this.vus.add(vu);
    return vu;
  }

  give(vu: RunnableVu): void {
    if (this.vus.delete(vu)) this.pool.give(vu);
  }

  /** Waits until so many ms after the start, or until the session is cut; at once when that has passed. */
  async until(atMs: number): Promise<void> {
    const delayMs = Math.ceil(atMs - this.elapsedMs);
    if (delayMs <= 0 || this.wasCut) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      this.waiting.add(wake);
    });
  }

  /** Begins one iteration. */
  iterate(vu: RunnableVu): Promise<IterationOutcome> {
    vu.wasAsync = false;
    return vu.play(this.state.exec);
  }

  /** Iterations of one VU for as long as `more` says so. */
  async loop(vu: RunnableVu, more: () => boolean): Promise<void> {
    const { counts } = this.run;
    counts.vusActive++;
    while (!vu.isKilled && more()) {
      await this.iterate(vu);
      // Code that never waits would keep everything else from running.
      if (!vu.wasAsync) await new Promise((resolve) => setImmediate(resolve));
    }
    counts.vusActive--;
    this.give(vu);
  }

  drop(count: number): void {
    if (count <= 0 || this.run.isAborted) return;
    this.run.counts.dropped += count;
    this.run.registry.dropped.add(count, this.tagged);
  }

  private cut(): void {
    this.wasCut = true;
    for (const wake of this.waiting) wake();
  }

  /** Frees its timers; nothing of it runs any more. */
  end(): void {
    for (const timer of this.timers) clearTimeout(timer);
    for (const vu of this.vus) this.give(vu);
  }

  /** Tags of samples that belong to the scenario and to no VU. */
  private readonly tagged = {
    tag: (name: string): string | undefined =>
      name === 'scenario' ? this.scenario.name : this.scenario.tags[name],
  };
}
