/** Runs a k6 script in a thread of this process: no program to install, the same script, the same exit codes. */
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';

import { harnessError, messageOf } from '../base/errors.ts';
import { buildScript } from './bundle.ts';
import { outboxMemory, OutboxReader, type OutboxKind } from './outbox.ts';
import { errorOf } from './plain-error.ts';
import { pulseMemory, readPulse } from './pulse.ts';
import type { BuiltScript } from './script-bundle.ts';
import { ScriptPlaces } from './script-places.ts';
import { placeInThread } from './stuck-place.ts';
import { writeSummary } from './summary-files.ts';
import { EXIT, type EngineOptions, type EngineProgress, type EngineResult } from './types.ts';
import { STALL_MS, stuckText, Watchdog } from './watchdog.ts';
import { workerEntry } from '../base/worker-entry.ts';
import { workerProgram } from '../base/worker-program.ts';
import type { FromWorker, PlannedScenario, ToWorker, WorkerTask } from './worker-task.ts';

/**
 * Runs a script to its end and says how it went; what a script does wrong is in the result, also that it never gives the
 * thread back. Throws a HarnessError for a script that this engine cannot load or that calls what only the real k6 has.
 */
export async function runEmbedded(options: EngineOptions): Promise<EngineResult> {
  return await new WorkerRun(await buildScript(options.script), options).toEnd();
}

/** How long what the thread says may wait while it says much, ms. */
const READ_MS = 4;

type Ending = { readonly result: EngineResult } | { readonly error: unknown };

/** A run as the main thread sees it: the engine's thread, what it says, and what it is told. */
class WorkerRun {
  private readonly options: EngineOptions;
  private readonly built: BuiltScript;
  /** Of the thread: no other one is called that. */
  private readonly name = `engine-${randomUUID()}`;
  private readonly outbox = outboxMemory();
  private readonly pulse = pulseMemory();
  private readonly reader = new OutboxReader(this.outbox);
  private scenarios: readonly PlannedScenario[] = [];
  private progress: EngineProgress | undefined = undefined;
  private ending: Ending | undefined = undefined;
  private worker: Worker | undefined = undefined;
  private watchdog: Watchdog | undefined = undefined;
  private reading: NodeJS.Timeout | undefined = undefined;

  constructor(built: BuiltScript, options: EngineOptions) {
    this.built = built;
    this.options = options;
  }

  /** The engine's thread from its start to its end. */
  async toEnd(): Promise<EngineResult> {
    const { signal, cut } = this.options;
    const worker = await this.start();
    this.worker = worker;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromWorker) => this.on(message));
    worker.once('error', (error) => this.end({ error }));
    this.watch();
    signal?.addEventListener('abort', this.onStop);
    cut?.addEventListener('abort', this.onCut);
    try {
      await exited;
      // What it said before it was ended.
      this.read();
    } finally {
      this.watchdog?.stop();
      clearTimeout(this.reading);
      signal?.removeEventListener('abort', this.onStop);
      cut?.removeEventListener('abort', this.onCut);
    }
    return this.outcome();
  }

  private async start(): Promise<Worker> {
    const program = await workerProgram(import.meta.url, 'worker');
    const { names, isPossible } = this.built.blocking;
    const vuThread =
      names.length > 0 || isPossible ? await workerProgram(import.meta.url, 'threads/vu-thread') : undefined;
    const { env, overrides, allowedHosts, maxBodyBytes, onProgress, signal, cut } = this.options;
    const task: WorkerTask = {
      built: this.built,
      env: { ...env },
      overrides,
      allowedHosts,
      maxBodyBytes,
      tellsProgress: onProgress !== undefined,
      told: [
        ...(signal?.aborted === true ? ['stop' as const] : []),
        ...(cut?.aborted === true ? ['cut' as const] : []),
      ],
      outbox: this.outbox,
      pulse: this.pulse,
      stallMs: this.options.stallMs ?? STALL_MS,
      vuThread,
    };
    // Flags of this process (a loader of TypeScript, say) are not for it.
    return new Worker(workerEntry(program), {
      eval: program.isCode,
      workerData: task,
      execArgv: [],
      env: {},
      name: this.name,
    });
  }

  private watch(): void {
    if (this.ending !== undefined) return;
    this.watchdog = new Watchdog(this.pulse, this.options.stallMs ?? STALL_MS, () => void this.stalled());
  }

  private outcome(): EngineResult {
    const { ending } = this;
    if (ending === undefined) throw harnessError('engine-ended', "the engine's thread ended without an end");
    if ('error' in ending) throw ending.error;
    return ending.result;
  }

  /** The first end counts; the thread has no more to do. */
  private end(ending: Ending): void {
    this.ending ??= ending;
    this.watchdog?.stop();
    void this.worker?.terminate();
  }

  private on(message: FromWorker): void {
    if (this.ending !== undefined) return;
    this.read();
    switch (message.kind) {
      case 'wake':
        return;
      case 'scenarios':
        this.scenarios = message.scenarios;
        return;
      case 'progress':
        this.progress = message.progress;
        this.options.onProgress?.(message.progress);
        return;
      case 'refused-host':
        this.options.onRefusedHost?.(message.origin);
        return;
      case 'where':
        void this.lookFor(message.thread);
        return;
      case 'failed':
        this.end({ error: errorOf(message.error) });
        return;
      case 'end':
        this.end({ result: this.withSummary(message) });
    }
  }

  /** Reads what it said, and again soon while it says something. */
  private read(): void {
    try {
      const isBusy = this.reader.drain((kind, text) => this.take(kind, text));
      if (isBusy && this.ending === undefined) this.reading ??= setTimeout(() => this.readAgain(), READ_MS);
    } catch (error) {
      // A history that cannot be written: the run is worth nothing.
      this.end({ error });
    }
  }

  private readAgain(): void {
    this.reading = undefined;
    this.read();
  }

  private take(kind: OutboxKind, text: string): void {
    if (kind === 'line') this.options.onLine(text);
    else {
      const end = text.indexOf('\n');
      this.log(text.slice(0, end), text.slice(end + 1));
    }
  }

  private withSummary({ result, written }: FromWorker & { kind: 'end' }): EngineResult {
    if (written === undefined) return result;
    try {
      const stdout = writeSummary(written, (level, text) => this.log(level, text));
      return stdout === undefined ? result : { ...result, stdout };
    } catch (error) {
      // As in k6: the run keeps its verdict.
      this.log('error', `handleSummary failed: ${messageOf(error)}`);
      return result;
    }
  }

  private log(level: string, text: string): void {
    this.options.onLog?.(level, text);
  }

  /** The script does not give its thread back: nothing else of the run can go on, and nothing of it would end. */
  private async stalled(): Promise<void> {
    const { worker, pulse, scenarios } = this;
    if (worker === undefined || this.ending !== undefined) return;
    const { beat } = readPulse(pulse);
    const place = await placeInThread(this.name, new ScriptPlaces(this.built));
    if (readPulse(pulse).beat !== beat) {
      // It went on in the last moment.
      this.watch();
      return;
    }
    const seconds = (this.options.stallMs ?? STALL_MS) / 1_000;
    const reason = stuckText(seconds, pulse, scenarios, place);
    this.log('error', reason);
    const { iterations = 0, dropped = 0 } = this.progress ?? {};
    this.end({
      result: {
        engine: 'embedded',
        exitCode: EXIT.stuck,
        reason,
        iterations,
        dropped,
        thresholds: [],
        checks: [],
        metrics: {},
      },
    });
  }

  private async lookFor(thread: string): Promise<void> {
    this.tell({ thread, place: await placeInThread(thread, new ScriptPlaces(this.built)) });
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private readonly onStop = (): void => this.tell('stop');

  private readonly onCut = (): void => this.tell('cut');
}
