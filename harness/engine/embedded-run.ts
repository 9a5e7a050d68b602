/** One run of a script, from its init context to its summary: what the engine's thread does. */
import { HarnessError, messageOf, usageError } from '../base/errors.ts';
import { isAllowedHost } from '../config/hosts.ts';
import { Exceptions } from './exceptions.ts';
import { execute } from './executors.ts';
import type { Blocking } from './k6/blocking.ts';
import type { HostGuard } from './k6/connections.ts';
import { HttpState } from './k6/http-state.ts';
import { Registry, Sink } from './k6/metrics.ts';
import { Realm } from './k6/realm.ts';
import type { RunnableVu } from './k6/runnable-vu.ts';
import { noCounts, tallyIn, type RunState } from './k6/run-state.ts';
import type { BuiltScript, Bundle } from './script-bundle.ts';
import { judge, mustAbort, parseThresholds, type Threshold } from './k6/thresholds.ts';
import { Spreads } from './k6/together.ts';
import { Vu } from './k6/vu.ts';
import type { ScenarioOptions } from './scenario-options.ts';
import { NO_OPTIONS, resolveOptions } from './script-options.ts';
import { isScriptsError, uncaughtText } from './let-go.ts';
import { Session } from './session.ts';
import { ScriptThrew } from './threads/script-threw.ts';
import { ThreadedVu, type ThreadMaker } from './threads/threaded-vu.ts';
import { checkResults, metricResults, spreadResult, summaryData } from './summary.ts';
import { blockingCall } from './unsupported.ts';
import { EXIT, type EngineOptions, type EngineResult, type ThresholdResult } from './types.ts';
import type { Pulse } from './pulse.ts';
import type { PlannedScenario, WrittenSummary } from './worker-task.ts';
import { mostVus, plannedVus, VuPool } from './vu-pool.ts';

/** A script that nobody set a limit for. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** So many VUs have a realm each: globals and prototypes of their own, as in k6. More share one. */
export const MOST_REALMS = 200;
/** So many VUs of a script that stands still have a thread each; more are refused. */
export const MOST_THREADS = 64;
const PROGRESS_MS = 250;
const VUS_SAMPLE_MS = 1_000;
/** As often as k6 looks at thresholds while it runs. */
const THRESHOLDS_MS = 2_000;

/** What a run needs, the script apart. */
export interface RunOptions {
  readonly env: EngineOptions['env'];
  readonly overrides: EngineOptions['overrides'];
  readonly allowedHosts: EngineOptions['allowedHosts'];
  readonly maxBodyBytes: EngineOptions['maxBodyBytes'];
  readonly pulse: Pulse;
  /** The script, as the threads of VUs load it, and their program; absent for a script that never stands still. */
  readonly threads: Threads | undefined;
  readonly signal: AbortSignal;
  readonly cut: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly onLog: (level: string, text: string) => void;
  readonly onRefusedHost: (origin: string) => void;
  /** Told once, before the first iteration. */
  readonly onScenarios: (scenarios: readonly PlannedScenario[]) => void;
  readonly onProgress: EngineOptions['onProgress'];
}

/** What is needed for a thread for each VU. */
export interface Threads extends Pick<ThreadMaker, 'program' | 'stallMs'> {
  readonly built: BuiltScript;
  /** In one line: which thread stands still where, and for how long; undefined: it went on in the last moment. */
  readonly stuck: (threadName: string, pulse: SharedArrayBuffer) => Promise<string | undefined>;
}

export interface RunOutcome {
  readonly result: EngineResult;
  /** What handleSummary returned. */
  readonly written?: WrittenSummary;
}

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

/** Also where the script's `hosts` send a name. */
function guardOf({ allowedHosts, onRefusedHost }: RunOptions): HostGuard {
  const told = new Set<string>();
  return (origin, hosts) => {
    if (allowedHosts === undefined) return true;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    // What is no URL is refused elsewhere, and in other words.
    if (url === undefined) return true;
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const address = hosts.get(`${url.hostname}:${port}`) ?? hosts.get(url.hostname);
    const mapped = address === undefined ? url : mappedUrl(url.protocol, address, port);
    const isAllowed =
      isAllowedHost(allowedHosts, url) && mapped !== undefined && isAllowedHost(allowedHosts, mapped);
    if (!isAllowed && !told.has(origin)) {
      told.add(origin);
      onRefusedHost(mapped === url || mapped === undefined ? origin : `${origin} (at ${mapped.host})`);
    }
    return isAllowed;
  };
}

function mappedUrl(protocol: string, address: string, port: string): URL | undefined {
  const host = /:\d+$/.test(address) ? address : `${address}:${port}`;
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`) : undefined;
}

interface Ending {
  readonly exitCode: number;
  readonly reason: string;
}

class EmbeddedRun {
  private readonly options: RunOptions;
  private readonly state: RunState;
  private readonly pool: VuPool;
  private readonly sessions = new Set<Session>();
  private readonly helpers = new Set<RunnableVu>();
  private readonly warned = new Set<string>();
  private thresholds: Threshold[] = [];
  private ending: Ending | undefined = undefined;
  private refusal: Error | undefined = undefined;
  private isStopping = false;
  private stopWaiting: () => void = () => undefined;
  private readonly stopped = new Promise<void>((resolve) => {
    this.stopWaiting = resolve;
  });
  private readonly timers: NodeJS.Timeout[] = [];
  private written: WrittenSummary | undefined = undefined;

  /** Makes the VUs that have a thread of their own; undefined: none has. */
  private maker: ThreadMaker | undefined = undefined;

  constructor(bundle: Bundle, options: RunOptions) {
    this.options = options;
    const checks: RunState['checks'] = new Map();
    this.state = {
      bundle,
      env: options.env,
      options: NO_OPTIONS,
      registry: new Registry(),
      isAborted: false,
      counts: noCounts(),
      checks,
      tally: tallyIn(checks),
      liveCounts: () => this.state.counts,
      blocking: options.threads === undefined ? undefined : initBlocking(options.pulse),
      whyNotBlocking: '',
      sharedArrays: new Map(),
      realmOf: (vuId) => this.realmOf(vuId),
      sharesRealm: false,
      spreads: new Spreads(),
      guard: guardOf(options),
      maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
      onLine: options.onLine,
      log: options.onLog,
      pulse: options.pulse,
      exceptions: new Exceptions(),
      warnOnce: (text) => {
        if (this.warned.has(text)) return;
        this.warned.add(text);
        this.state.log('warning', text);
      },
      startedAt: 0,
      abort: (exitCode, reason) => this.abort({ exitCode, reason }),
      refuse: (error) => this.refuse(error),
      markFailed: (reason) => {
        this.state.log('error', reason);
        this.ending ??= { exitCode: EXIT.failed, reason };
      },
    };
    this.pool = new VuPool(this.state, (id, globalId) => this.makeVu(id, globalId));
  }

  /** The whole run, in order. */
  async toEnd(): Promise<RunOutcome> {
    const main = await this.prepare();
    if (main !== undefined) {
      this.watch();
      this.state.startedAt = performance.now();
      if (await this.setup(main)) {
        await this.runScenarios();
        // Threads that were ended have said all that they had to say.
        await this.pool.gone();
        await this.teardown(main);
      }
    }
    if (this.refusal !== undefined) throw this.refusal;
    const elapsedMs = this.elapsedMs;
    const thresholds = this.thresholds.map((threshold) => judge(threshold, elapsedMs));
    if (main !== undefined) await this.handleSummary(main, thresholds, elapsedMs);
    const result = this.result(thresholds, elapsedMs);
    return this.written === undefined ? { result } : { result, written: this.written };
  }

  /** Closes whatever is open, after an error as well. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.options.signal.removeEventListener('abort', this.onSignal);
    this.options.cut.removeEventListener('abort', this.onCut);
    process.off('unhandledRejection', this.onUnhandled);
    await Promise.all([...this.helpers].map((helper) => helper.dispose()));
    await this.pool.disposeAll();
  }

  /** Init context: options, thresholds, VUs. Undefined when that ends the run. */
  private async prepare(): Promise<Vu | undefined> {
    try {
      const main = new Vu(this.state, (vu) => new HttpState(vu), 0);
      this.helpers.add(main);
      this.state.options = resolveOptions(main.exports['options'], this.options.overrides ?? {});
      for (const warning of this.state.options.warnings) this.state.log('warning', warning);
      this.thresholds = parseThresholds(this.state.options.thresholds, this.state.registry);
      countExpected(this.state);
      for (const scenario of this.state.options.scenarios) mustExport(main, scenario);
      this.options.onScenarios(this.state.options.scenarios.map(({ name, exec }) => ({ name, exec })));
      const most = mostVus(this.state.options.scenarios, this.state.options.stripes);
      this.maker = this.threadMaker(most);
      this.state.sharesRealm = this.maker === undefined && this.mustShare(most);
      await this.pool.fill(plannedVus(this.state.options.scenarios, this.state.options.stripes));
      return main;
    } catch (error) {
      if (!(error instanceof HarnessError)) this.ending = this.exception(error);
      else if (error.code === 'unsupported-api') throw error;
      else this.ending = { exitCode: EXIT.config, reason: error.message };
      return undefined;
    }
  }

  /** A script that stands still, or may, needs a thread for each VU. Throws when there are too many VUs for that. */
  private threadMaker(vus: number): ThreadMaker | undefined {
    const { threads, env } = this.options;
    if (threads === undefined) return undefined;
    const { names, isPossible } = threads.built.blocking;
    if (vus > MOST_THREADS) {
      const why = `it blocks, and with ${vus} VUs not each can have a thread: at most ${MOST_THREADS}`;
      const [name] = names;
      if (name !== undefined && !isPossible) throw blockingCall(name, why);
      this.state.whyNotBlocking = why;
      this.state.blocking = undefined;
      return undefined;
    }
    return {
      program: threads.program,
      stallMs: threads.stallMs,
      task: { built: threads.built, env },
      onStall: (name, pulse) => this.stalled(threads, name, pulse),
      onError: (error) => this.abortBy(error),
    };
  }

  /** A VU's own thread does not turn any more: the run is over, as it is where the engine's does not. */
  private async stalled(threads: Threads, name: string, pulse: SharedArrayBuffer): Promise<boolean> {
    const reason = await threads.stuck(name, pulse);
    if (reason === undefined) return true;
    this.state.log('error', reason);
    this.abort({ exitCode: EXIT.stuck, reason });
    return false;
  }

  /** What a thread failed with by itself: the script's top level, or the thread. */
  private abortBy(error: Error): void {
    if (error instanceof ScriptThrew) this.abort(this.exception(error));
    else {
      this.refusal ??= error;
      this.abort({ exitCode: EXIT.exception, reason: error.message });
    }
  }

  private makeVu(id: number, globalId: number): RunnableVu {
    if (this.maker !== undefined) return new ThreadedVu(this.state, this.maker, id, globalId);
    return new Vu(this.state, (vu) => new HttpState(vu), id, globalId);
  }

  private mustShare(vus: number): boolean {
    if (vus <= MOST_REALMS) return false;
    this.state.log(
      'warning',
      `${vus} VUs share their globals and prototypes: only up to ${MOST_REALMS} have their own, as in k6`,
    );
    return true;
  }

  private realmOf(vuId: number): Realm {
    if (!this.state.sharesRealm || vuId === 0) return new Realm();
    this.sharedRealm ??= new Realm();
    return this.sharedRealm;
  }

  private sharedRealm: Realm | undefined = undefined;

  private exception(error: unknown): Ending {
    const text = this.described(error);
    this.state.log('error', text);
    this.state.exceptions.add(text);
    return { exitCode: EXIT.exception, reason: messageOf(error) };
  }

  private described(error: unknown): string {
    return error instanceof ScriptThrew ? error.described : this.state.bundle.describe(error);
  }

  private watch(): void {
    const { signal, cut, onProgress } = this.options;
    const { registry, counts } = this.state;
    process.on('unhandledRejection', this.onUnhandled);
    signal.addEventListener('abort', this.onSignal);
    if (signal.aborted) this.onSignal();
    cut.addEventListener('abort', this.onCut);
    if (cut.aborted) this.onCut();
    const nobody = { tag: () => undefined };
    this.every(VUS_SAMPLE_MS, () => {
      registry.vus.add(counts.vusActive, nobody);
      registry.vusMax.add(counts.vusInitialized, nobody);
    });
    if (this.thresholds.some(({ abortOnFail }) => abortOnFail))
      this.every(THRESHOLDS_MS, () => this.checkThresholds());
    if (onProgress !== undefined) this.every(PROGRESS_MS, () => onProgress(this.progress()));
  }

  private every(periodMs: number, act: () => void): void {
    this.timers.push(setInterval(act, periodMs));
  }

  private progress(): Parameters<NonNullable<EngineOptions['onProgress']>>[0] {
    const { iterations, vusActive, inFlight, requests, dropped } = this.state.counts;
    return { elapsedMs: this.elapsedMs, iterations, vus: vusActive, inFlight, requests, dropped };
  }

  private get elapsedMs(): number {
    return this.state.startedAt === 0 ? 0 : performance.now() - this.state.startedAt;
  }

  private checkThresholds(): void {
    const failed = this.thresholds.filter((threshold) => mustAbort(threshold, this.elapsedMs));
    if (failed.length === 0) return;
    const names = failed.map(({ metric }) => metric).join(', ');
    this.abort({
      exitCode: EXIT.thresholds,
      reason: `thresholds on metrics '${names}' were crossed; at least one has abortOnFail enabled`,
    });
  }

  /** Runs setup; false when it failed, and then nothing else of the script runs. */
  private async setup(main: Vu): Promise<boolean> {
    const data = await this.callExport(
      main,
      'setup',
      undefined,
      this.state.options.setupTimeoutMs,
      EXIT.setupTimeout,
    );
    if (data === FAILED) return false;
    this.setupJson = data;
    this.pool.provide(this.setupJson);
    return true;
  }

  private setupJson: string | undefined = undefined;

  private async runScenarios(): Promise<void> {
    await Promise.all(this.state.options.scenarios.map((scenario) => this.runScenario(scenario)));
  }

  private async runScenario(scenario: ScenarioOptions): Promise<void> {
    if (scenario.startMs > 0) await this.pause(scenario.startMs);
    if (this.isStopping) return;
    const session = new Session(this.state, this.pool, scenario);
    this.sessions.add(session);
    try {
      await execute(session, scenario);
    } finally {
      session.end();
      this.sessions.delete(session);
    }
  }

  /** Waits, but not beyond the run's end. */
  private async pause(delayMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, delayMs);
    });
    await Promise.race([passed, this.stopped]);
    clearTimeout(timer);
  }

  private async teardown(main: Vu): Promise<void> {
    await this.callExport(
      main,
      'teardown',
      this.setupJson,
      this.state.options.teardownTimeoutMs,
      EXIT.teardownTimeout,
    );
  }

  /** Calls setup or teardown in a VU of its own, as k6 does. */
  private async callExport(
    main: Vu,
    name: 'setup' | 'teardown',
    dataJson: string | undefined,
    timeoutMs: number,
    timeoutCode: number,
  ): Promise<string | undefined | typeof FAILED> {
    const { noSetup, noTeardown } = this.state.options;
    if (typeof main.exports[name] !== 'function' || (name === 'setup' ? noSetup : noTeardown))
      return undefined;
    const vu = this.helper();
    try {
      return await this.withTimeout(vu.callExport(name, dataJson), name, timeoutMs, timeoutCode);
    } catch (error) {
      if (error instanceof HarnessError && this.refusal === undefined) throw error;
      this.ending ??= this.exception(error);
      return FAILED;
    } finally {
      await vu.dispose();
    }
  }

  private helper(): RunnableVu {
    const vu = this.makeVu(0, 0);
    this.helpers.add(vu);
    return vu;
  }

  private async withTimeout(
    work: Promise<string | undefined>,
    name: string,
    timeoutMs: number,
    timeoutCode: number,
  ): Promise<string | undefined | typeof FAILED> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof FAILED>((resolve) => {
      timer = setTimeout(() => {
        this.ending ??= {
          exitCode: timeoutCode,
          reason: `${name}() execution timed out after ${timeoutMs / 1_000} seconds`,
        };
        resolve(FAILED);
      }, timeoutMs);
    });
    const cut = name === 'setup' ? [this.stopped.then((): typeof FAILED => FAILED)] : [];
    try {
      return await Promise.race([work, late, ...cut]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async handleSummary(
    main: Vu,
    thresholds: readonly ThresholdResult[],
    elapsedMs: number,
  ): Promise<void> {
    if (typeof main.exports['handleSummary'] !== 'function') return;
    const vu = this.maker === undefined ? main : this.helper();
    try {
      this.written = await vu.summarize(summaryData(this.state, thresholds, elapsedMs, this.setupJson));
    } catch (error) {
      // As in k6: the run keeps its verdict.
      this.state.log('error', `handleSummary failed: ${this.described(error)}`);
    }
  }

  private result(thresholds: readonly ThresholdResult[], elapsedMs: number): EngineResult {
    const failed = thresholds
      .filter(({ ok }) => !ok)
      .map(({ metric, expression }) => `${metric}: ${expression}`);
    const crossed =
      failed.length === 0
        ? undefined
        : { exitCode: EXIT.thresholds, reason: `thresholds crossed: ${failed.join(', ')}` };
    const ending = this.ending ?? crossed;
    const spreads = spreadResult(this.state);
    const exceptions = this.state.exceptions.all;
    return {
      engine: 'embedded',
      exitCode: ending?.exitCode ?? EXIT.ok,
      ...(ending === undefined ? {} : { reason: ending.reason }),
      iterations: this.state.counts.iterations,
      dropped: this.state.counts.dropped,
      thresholds,
      checks: checkResults(this.state),
      metrics: metricResults(this.state, thresholds, elapsedMs),
      ...(exceptions === undefined ? {} : { exceptions }),
      ...(spreads === undefined ? {} : { spreads }),
    };
  }

  /** Ends the run with its iterations where they stand. */
  private abort(ending: Ending): void {
    this.ending ??= ending;
    this.isStopping = true;
    this.state.isAborted = true;
    for (const session of this.sessions) session.kill();
    this.stopWaiting();
  }

  private refuse(error: Error): never {
    this.refusal ??= error;
    this.abort({ exitCode: EXIT.exception, reason: error.message });
    throw error;
  }

  /** Iterations that run may end within their graceful stop; k6 cuts them. */
  private readonly onSignal = (): void => {
    this.ending ??= { exitCode: EXIT.signal, reason: 'stopped by a signal' };
    this.isStopping = true;
    this.state.isAborted = true;
    for (const session of this.sessions) session.stop();
    this.stopWaiting();
  };

  private readonly onCut = (): void => this.abort({ exitCode: EXIT.signal, reason: 'its time is over' });

  /** A promise that the script let go is the script's error, not this process's. */
  private readonly onUnhandled = (error: unknown): void => {
    if (!isScriptsError(error)) throw error;
    const text = uncaughtText(this.state.bundle, error);
    this.state.log('error', text);
    this.state.exceptions.add(text);
  };
}

const FAILED: unique symbol = Symbol('failed');

/** Of the init context, which may sleep and asks nobody. */
function initBlocking(pulse: Pulse): Blocking {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    sleep: (delayMs) => {
      if (delayMs <= 0) return;
      pulse.waits(true);
      Atomics.wait(never, 0, 0, delayMs);
      pulse.waits(false);
    },
    request: () => [],
  };
}

function mustExport(main: Vu, { name, exec }: ScenarioOptions): void {
  if (typeof main.exports[exec] === 'function') return;
  throw usageError('invalid-options', 'no such function', {
    field: `options.scenarios.${name}.exec`,
    expected: 'the name of an exported function',
    found: exec,
  });
}

/** k6 shows the durations of expected answers beside those of all. */
function countExpected({ options, registry: { duration } }: RunState): void {
  const name = 'http_req_duration{expected_response:true}';
  if (!options.systemTags.has('expected_response') || duration.subs.some((sub) => sub.name === name)) return;
  duration.subs.push({ name, tags: [['expected_response', 'true']], sink: new Sink(duration.type) });
}
