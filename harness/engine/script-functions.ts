/** The functions of a script that are called once in a run: setup, teardown, handleSummary. */
import { HarnessError } from '../base/errors.ts';
import type { RunnableVu } from './k6/runnable-vu.ts';
import type { RunState } from './k6/run-state.ts';
import type { Vu } from './k6/vu.ts';
import type { RunEnd } from './run-end.ts';
import { describedError, exceptionEnding } from './script-error.ts';
import { EXIT } from './types.ts';
import type { WrittenSummary } from './worker-task.ts';

const FAILED: unique symbol = Symbol('failed');

/** A function with the time that it may take. */
interface TimedFunction {
  readonly name: 'setup' | 'teardown';
  readonly timeoutMs: number;
  readonly timeoutCode: number;
}

/** The VUs that they are called in. */
interface Callers {
  /** The first VU of all, which the script's top level ran in. */
  readonly main: Vu;
  /** A new one that belongs to no scenario. */
  readonly helper: () => RunnableVu;
  /** Whether VUs have a thread each: code that blocks must not run in `main`, which is in the engine's. */
  readonly haveThreads: boolean;
}

export class ScriptFunctions {
  private readonly run: RunState;
  private readonly end: RunEnd;
  private readonly callers: Callers;
  /** What setup returned, as JSON; undefined: nothing, or there is none. */
  setupJson: string | undefined = undefined;

  constructor(run: RunState, end: RunEnd, callers: Callers) {
    this.run = run;
    this.end = end;
    this.callers = callers;
  }

  /** Runs setup; false when it failed, and then nothing else of the script runs. */
  async setup(): Promise<boolean> {
    const { noSetup, setupTimeoutMs: timeoutMs } = this.run.options;
    if (noSetup) return true;
    const data = await this.call({ name: 'setup', timeoutMs, timeoutCode: EXIT.setupTimeout }, undefined);
    if (data === FAILED) return false;
    this.setupJson = data;
    return true;
  }

  async teardown(): Promise<void> {
    const { noTeardown, teardownTimeoutMs: timeoutMs } = this.run.options;
    if (noTeardown) return;
    await this.call({ name: 'teardown', timeoutMs, timeoutCode: EXIT.teardownTimeout }, this.setupJson);
  }

  /** What handleSummary returned for `data`; undefined: there is none, or it threw. */
  async handleSummary(data: () => object): Promise<WrittenSummary | undefined> {
    const { main, helper, haveThreads } = this.callers;
    if (!this.has('handleSummary')) return undefined;
    const vu = haveThreads ? helper() : main;
    try {
      return await vu.summarize(data());
    } catch (error) {
      // As in k6: the run keeps its verdict.
      this.run.log('error', `handleSummary failed: ${describedError(this.run, error)}`);
      return undefined;
    }
  }

  private has(name: string): boolean {
    return typeof this.callers.main.exports[name] === 'function';
  }

  /** Calls it in a VU of its own, as k6 does. */
  private async call(
    timed: TimedFunction,
    dataJson: string | undefined,
  ): Promise<string | undefined | typeof FAILED> {
    const { run, end } = this;
    if (!this.has(timed.name)) return undefined;
    const vu = this.callers.helper();
    try {
      return await this.inTime(vu.callExport(timed.name, dataJson), timed);
    } catch (error) {
      if (error instanceof HarnessError && end.refusal === undefined) throw error;
      end.ending ??= exceptionEnding(run, error);
      return FAILED;
    } finally {
      await vu.dispose();
    }
  }

  private async inTime(
    work: Promise<string | undefined>,
    { name, timeoutMs, timeoutCode }: TimedFunction,
  ): Promise<string | undefined | typeof FAILED> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof FAILED>((resolve) => {
      timer = setTimeout(() => {
        this.end.mark({
          exitCode: timeoutCode,
          reason: `${name}() execution timed out after ${timeoutMs / 1_000} seconds`,
        });
        resolve(FAILED);
      }, timeoutMs);
    });
    const cut = name === 'setup' ? [this.end.early.then((): typeof FAILED => FAILED)] : [];
    try {
      return await Promise.race([work, late, ...cut]);
    } finally {
      clearTimeout(timer);
    }
  }
}
