/** One run of a script, from its init context to its summary: what the engine's thread does. */
import { HarnessError } from '../base/errors.ts';
import { loadPages } from './html/pages.ts';
import { readInitContext } from './init-context.ts';
import { HttpState } from './k6/http-state.ts';
import type { RunnableVu } from './k6/runnable-vu.ts';
import { elapsedMs, type RunState } from './k6/run-state.ts';
import { judge, type Threshold } from './k6/thresholds.ts';
import { Vu } from './k6/vu.ts';
import { watchLetGo } from './let-go.ts';
import { newRun } from './new-run.ts';
import { playScenarios } from './play-scenarios.ts';
import { Realms } from './realms.ts';
import { RunEnd } from './run-end.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { RunTimers } from './run-timers.ts';
import type { Bundle } from './script-bundle.ts';
import { exceptionEnding } from './script-error.ts';
import { ScriptFunctions } from './script-functions.ts';
import { engineResult, summaryData } from './summary.ts';
import type { ThreadMaker } from './threads/thread-task.ts';
import { ThreadedVu } from './threads/threaded-vu.ts';
import { EXIT } from './types.ts';
import { mostVus, plannedVus, VuPool } from './vu-pool.ts';
import { vuThreads } from './vu-threads.ts';

/**
 * Runs a script to its end and says how it went; what a script does wrong is in the result.
 * Throws a HarnessError for a script that calls what only the real k6 has.
 */
export async function runScript(bundle: Bundle, options: RunOptions): Promise<RunOutcome> {
  const run = new EmbeddedRun(bundle, options);
  try {
    return await run.toEnd();
  } finally {
    await run.close();
  }
}

class EmbeddedRun {
  private readonly options: RunOptions;
  private readonly end: RunEnd;
  private readonly realms = new Realms();
  private readonly state: RunState;
  private readonly pool: VuPool;
  private readonly timers = new RunTimers();
  /** VUs that belong to no scenario. */
  private readonly helpers = new Set<RunnableVu>();
  private thresholds: readonly Threshold[] = [];
  /** Makes the VUs that have a thread of their own; undefined: none has. */
  private maker: ThreadMaker | undefined = undefined;
  private forgetLetGo: () => void = () => undefined;

  constructor(bundle: Bundle, options: RunOptions) {
    this.options = options;
    this.end = new RunEnd(options);
    this.state = newRun(bundle, options, this.end, this.realms);
    this.pool = new VuPool(this.state, (id, globalId) => this.makeVu(id, globalId));
  }

  /** The whole run, in order. */
  async toEnd(): Promise<RunOutcome> {
    const { state, end } = this;
    const functions = await this.prepare();
    if (functions !== undefined) await this.play(functions);
    if (end.refusal !== undefined) throw end.refusal;
    const endedAfterMs = elapsedMs(state);
    const thresholds = this.thresholds.map((threshold) => judge(threshold, endedAfterMs));
    const written = await functions?.handleSummary(() =>
      summaryData(state, thresholds, endedAfterMs, functions.setupJson),
    );
    const result = engineResult(state, thresholds, endedAfterMs, end.ending);
    return written === undefined ? { result } : { result, written };
  }

  /** Closes whatever is open, after an error as well. */
  async close(): Promise<void> {
    this.timers.stop();
    this.end.close();
    this.forgetLetGo();
    await Promise.all([...this.helpers].map((helper) => helper.dispose()));
    await this.pool.disposeAll();
  }

  /** Init context: options, thresholds, VUs. Undefined when that ends the run. */
  private async prepare(): Promise<ScriptFunctions | undefined> {
    const { state, options } = this;
    if (state.bundle.namesPages) state.pages = await loadPages();
    try {
      const main = new Vu(state, (vu) => new HttpState(vu), 0);
      this.helpers.add(main);
      this.thresholds = readInitContext(state, main, options.overrides ?? {});
      const { scenarios, stripes } = state.options;
      options.onScenarios(scenarios.map(({ name, exec }) => ({ name, exec })));
      const most = mostVus(scenarios, stripes);
      this.maker = vuThreads(state, options, this.end, most);
      if (this.maker === undefined) this.realms.provideFor(most, state.log);
      await this.pool.fill(plannedVus(scenarios, stripes));
      const haveThreads = this.maker !== undefined;
      return new ScriptFunctions(state, this.end, { main, helper: () => this.helper(), haveThreads });
    } catch (error) {
      if (!(error instanceof HarnessError)) this.end.ending = exceptionEnding(state, error);
      else if (error.code === 'unsupported-api') throw error;
      else this.end.ending = { exitCode: EXIT.config, reason: error.message };
      return undefined;
    }
  }

  /** Setup, scenarios, teardown. */
  private async play(functions: ScriptFunctions): Promise<void> {
    const { state, end, pool } = this;
    this.forgetLetGo = watchLetGo(state);
    end.listen();
    this.timers.start(state, end, this.thresholds, this.options.onProgress);
    state.startedAt = performance.now();
    if (!(await functions.setup())) return;
    pool.provide(functions.setupJson);
    await playScenarios(state, pool, end);
    // Threads that were ended have said all that they had to say.
    await pool.gone();
    await functions.teardown();
  }

  private makeVu(id: number, globalId: number): RunnableVu {
    if (this.maker !== undefined) return new ThreadedVu(this.state, this.maker, id, globalId);
    return new Vu(this.state, (vu) => new HttpState(vu), id, globalId);
  }

  private helper(): RunnableVu {
    const vu = this.makeVu(0, 0);
    this.helpers.add(vu);
    return vu;
  }
}
