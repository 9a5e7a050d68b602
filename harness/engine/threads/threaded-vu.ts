/** A VU whose script has a thread of its own, as the engine's thread sees it: plays it, and does for it what it stands still for. */
import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';

import { Exchange } from '../k6/exchange.ts';
import { HttpState } from '../k6/http-state.ts';
import type { Metric } from '../k6/metrics.ts';
import type { IterationOutcome, RunnableVu } from '../k6/runnable-vu.ts';
import type { RunState } from '../k6/run-state.ts';
import type { ScenarioState } from '../k6/vu-context.ts';
import { splitUrl } from '../k6/url.ts';
import { errorOf } from '../plain-error.ts';
import { pulseMemory } from '../pulse.ts';
import { Watchdog } from '../watchdog.ts';
import { workerEntry, type WorkerProgram } from '../../base/worker-entry.ts';
import type { WrittenSummary } from '../worker-task.ts';
import { atOnce } from './at-once.ts';
import {
  FLAGS,
  flagsMemory,
  type Answered,
  type FromThread,
  type KeptCookies,
  type ThreadTask,
  type ThrownError,
  type Told,
  type ToThread,
} from './messages.ts';
import { packed } from './packed-items.ts';
import { plainAnswer, plansOf } from './plain.ts';
import { ScriptThrew } from './script-threw.ts';

/** What threads of VUs need of whoever makes them. */
export interface ThreadMaker {
  readonly program: WorkerProgram;
  readonly task: Pick<ThreadTask, 'built' | 'env'>;
  readonly stallMs: number;
  /** The thread does not turn any more. Resolves when it was looked at; true: it went on in the last moment. */
  readonly onStall: (threadName: string, pulse: SharedArrayBuffer) => Promise<boolean>;
  /** The thread failed by itself: the run is worth nothing. */
  readonly onError: (error: Error) => void;
}

type Message<Kind extends FromThread['kind']> = FromThread & { readonly kind: Kind };

export class ThreadedVu implements RunnableVu {
  readonly run: RunState;
  private readonly maker: ThreadMaker;
  private readonly name = `vu-${randomUUID()}`;
  private readonly worker: Worker;
  private readonly answers: MessagePort;
  private readonly flags: Int32Array;
  private readonly pulse = pulseMemory();
  private readonly network: HttpState;
  private readonly exited: Promise<void>;
  readonly ready: Promise<void>;
  private onReady: () => void = () => undefined;
  private onFailed: (error: unknown) => void = () => undefined;
  private watchdog: Watchdog | undefined = undefined;
  private readonly metrics = new Map<number, Metric>();
  /** Requests that the script does not stand still for. */
  private readonly open = new Map<number, Exchange>();
  private scenario: ScenarioState | undefined = undefined;
  private tags: ReadonlyMap<string, string | undefined> | undefined = undefined;
  private isProvided = false;
  private isAborting = false;
  private startedAt = 0;
  private finish: ((outcome: IterationOutcome) => void) | undefined = undefined;
  private call: { resolve: (value: never) => void; reject: (error: unknown) => void } | undefined = undefined;
  isKilled = false;
  isUnwinding = false;
  readonly wasAsync = true;

  constructor(run: RunState, maker: ThreadMaker, id: number, globalId = id) {
    this.run = run;
    this.maker = maker;
    const { port1, port2 } = new MessageChannel();
    this.answers = port1;
    const flags = flagsMemory();
    this.flags = new Int32Array(flags);
    this.network = new HttpState(this);
    this.ready = new Promise((resolve, reject) => {
      this.onReady = resolve;
      this.onFailed = reject;
    });
    // Whoever waits for it is told all the same.
    this.ready.catch(() => undefined);
    const { stripes: _stripes, ...options } = run.options;
    const subs = [...run.registry.all()].map(
      ({ name, subs: own }) => [name, own.map(({ name: full, tags }) => ({ name: full, tags }))] as const,
    );
    const task: ThreadTask = {
      ...maker.task,
      options,
      id,
      globalId,
      subs: new Map(subs),
      sharedArrays: new Map([...run.sharedArrays].map(([name, items]) => [name, packed(items)])),
      pulse: this.pulse,
      flags,
      answers: port2,
    };
    this.worker = new Worker(workerEntry(maker.program), {
      eval: maker.program.isCode,
      workerData: task,
      transferList: [port2],
      execArgv: [],
      env: {},
      name: this.name,
    });
    this.exited = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.on('message', (message: FromThread) => this.hear(message));
    this.worker.once('error', (error) => this.failed(error));
    this.watch();
  }

  /** Tags of a request's samples that neither the call nor its VU gave. */
  tag(name: string): string | undefined {
    if (this.tags?.has(name) === true) return this.tags.get(name);
    const { scenario, run } = this;
    const own = scenario?.tags[name];
    if (own !== undefined) return own;
    if (name === 'scenario' && run.options.systemTags.has(name)) return scenario?.name;
    return run.options.tags[name];
  }

  enter(): void {
    // The script's own thread knows what it waits for.
  }

  leave(): void {
    // Likewise.
  }

  provide(setupJson: string): void {
    if (this.isProvided) return;
    this.isProvided = true;
    this.tell({ kind: 'provide', setupJson });
  }

  activate(scenario: ScenarioState): void {
    this.scenario = scenario;
    this.tags = undefined;
    const { index, name, executor, exec, startTime, env, tags } = scenario;
    this.tell({
      kind: 'activate',
      scenario: { index, name, executor, exec, startTime, env, tags },
      startedAt: this.runStartedAt,
    });
  }

  play(exec: string): Promise<IterationOutcome> {
    const { scenario } = this;
    const inInstance = scenario === undefined ? 0 : scenario.nextIteration++;
    const inTest = scenario?.globalIteration(inInstance) ?? inInstance;
    this.startedAt = performance.now();
    this.tell({ kind: 'play', exec, inInstance, inTest });
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  callExport(name: 'setup' | 'teardown', dataJson: string | undefined): Promise<string | undefined> {
    return this.called({ kind: 'call', name, dataJson, startedAt: this.runStartedAt });
  }

  summarize(data: object): Promise<WrittenSummary> {
    return this.called({ kind: 'summarize', data, startedAt: this.runStartedAt });
  }

  private called<T>(message: ToThread): Promise<T> {
    this.tell(message);
    return new Promise<T>((resolve, reject) => {
      this.call = { resolve: resolve, reject };
    });
  }

  kill(): void {
    if (this.isKilled) return;
    this.end();
    const { finish, run } = this;
    this.finish = undefined;
    if (finish === undefined) return;
    if (this.isAborting) {
      this.count();
      const durationMs = performance.now() - this.startedAt;
      run.registry.iterationDuration.add(durationMs, this);
      run.registry.iterations.add(1, this);
      finish('full');
      return;
    }
    run.counts.interrupted++;
    this.countTraffic();
    finish('interrupted');
  }

  async dispose(): Promise<void> {
    this.end();
    // What it said before its end is heard before it has exited.
    await this.exited;
    await this.network.closed();
  }

  private end(): void {
    this.isKilled = true;
    this.watchdog?.stop();
    this.network.cancelAll();
    this.network.close();
    void this.worker.terminate();
  }

  private get runStartedAt(): number {
    return performance.timeOrigin + this.run.startedAt;
  }

  private tell(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private failed(error: Error): void {
    if (this.isKilled) return;
    this.ends(error);
  }

  /** It came to nothing: its top level threw, or the thread itself failed. */
  private ends(error: Error): void {
    this.onFailed(error);
    this.maker.onError(error);
    this.call?.reject(error);
  }

  private watch(): void {
    this.watchdog = new Watchdog(this.pulse, this.maker.stallMs, () => void this.stalled());
  }

  private async stalled(): Promise<void> {
    const wentOn = await this.maker.onStall(this.name, this.pulse);
    if (wentOn && !this.isKilled) this.watch();
  }

  private hear(message: FromThread): void {
    Atomics.add(this.flags, FLAGS.taken, 1);
    Atomics.notify(this.flags, FLAGS.taken);
    if (!this.tells(message) && !this.isKilled) this.acts(message);
  }

  /** What is worth hearing also of a thread that is ended; false for all else. */
  private tells(message: FromThread): boolean {
    const { run } = this;
    switch (message.kind) {
      case 'line':
        this.line(message.line);
        return true;
      case 'log':
        run.log(message.level, message.text);
        return true;
      case 'warn-once':
        run.warnOnce(message.text);
        return true;
      case 'exception':
        run.exceptions.add(message.text);
        return true;
      case 'check':
        run.tally(message.name, message.group, message.ok);
        return true;
      case 'metric':
        this.metrics.set(message.number, run.registry.define(message.name, message.type, message.contains));
        return true;
      case 'samples':
        this.samples(message.samples);
        return true;
      default:
        return false;
    }
  }

  private acts(message: FromThread): void {
    const { run } = this;
    switch (message.kind) {
      case 'ready':
        this.onReady();
        return;
      case 'failed':
        this.ends(thrownError(message.error));
        return;
      case 'requests':
        this.send(message);
        return;
      case 'ask':
        this.answer({ state: { counts: { ...run.counts }, progress: this.scenario?.progress() ?? 0 } });
        return;
      case 'cut':
        for (const id of message.ids) this.take(id)?.cut();
        return;
      case 'cancel':
        for (const id of message.ids) this.take(id)?.cancel();
        return;
      case 'close-idle':
        this.network.closeIdle();
        return;
      case 'ended':
        this.ended(message);
        return;
      case 'returned':
        this.countTraffic();
        this.call?.resolve(message.json as never);
        return;
      case 'summarized':
        this.call?.resolve(message.written as never);
        return;
      case 'threw':
        this.call?.reject(thrownError(message.error));
        return;
      case 'abort':
        this.isAborting = true;
        run.abort(message.exitCode, message.reason);
        this.call?.reject(new Error(message.reason));
        return;
      case 'mark-failed':
        run.markFailed(message.reason);
        return;
      case 'refuse':
        this.refuse(errorOf(message.error));
    }
  }

  private line(line: string): void {
    try {
      this.run.onLine(line);
    } catch (error) {
      this.refuse(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private refuse(error: Error): void {
    try {
      this.run.refuse(error);
    } catch {
      // It is thrown for the script, which stands still until its end.
    }
    this.call?.reject(error);
  }

  private samples(samples: readonly number[]): void {
    for (let at = 0; at + 2 < samples.length;) {
      const [number = 0, value = 0, count = 0] = samples.slice(at, at + 3);
      const metric = this.metrics.get(number);
      metric?.addTo(value, samples.slice(at + 3, at + 3 + count));
      at += 3 + count;
    }
  }

  private ended({ tags }: Message<'ended'>): void {
    this.tags = tags;
    this.count();
    const { finish } = this;
    this.finish = undefined;
    finish?.('full');
  }

  private count(): void {
    this.run.counts.iterations++;
    this.countTraffic();
  }

  private countTraffic(): void {
    const { registry } = this.run;
    const { sent, received } = this.network.traffic();
    registry.dataSent.add(sent, this);
    registry.dataReceived.add(received, this);
  }

  private take(id: number): Exchange | undefined {
    const exchange = this.open.get(id);
    this.open.delete(id);
    return exchange;
  }

  private send(message: Message<'requests'>): void {
    const { id, isBatch, isUnwinding } = message;
    const kept: KeptCookies[] = [];
    const plans = plansOf(message, kept);
    const answers: Answered['answers'][number][] = [];
    let left = plans.length;
    const start = (index: number, done: () => void): void => {
      const plan = plans[index];
      if (plan === undefined) return;
      const exchange = new Exchange(this.network, plan, (answer) => {
        answers[index] = plainAnswer(answer);
        left--;
        if (left === 0) this.answered(id, { answers, kept });
        done();
      });
      if (id !== 0) this.open.set(id, exchange);
      this.isUnwinding = isUnwinding;
      exchange.start();
      this.isUnwinding = false;
    };
    const { batch, batchPerHost } = this.run.options;
    const hosts = isBatch ? plans.map(({ url }) => splitUrl(url).host) : [''];
    atOnce(hosts, isBatch ? { inAll: batch, perHost: batchPerHost } : { inAll: 1, perHost: 0 }, start);
  }

  private answered(id: number, answered: Answered): void {
    if (id === 0) this.answer({ answered });
    else if (this.open.delete(id)) this.tell({ kind: 'answered', id, answered });
  }

  private answer(told: Told): void {
    this.answers.postMessage(told);
    Atomics.add(this.flags, FLAGS.answered, 1);
    Atomics.notify(this.flags, FLAGS.answered);
  }
}

function thrownError(error: ThrownError): Error {
  return error.harness === undefined ? new ScriptThrew(error.message, error.described) : errorOf(error);
}
