/** A VU whose script has a thread of its own, as the engine's thread plays it. */
import { HttpState } from '../k6/http-state.ts';
import type { IterationOutcome, RunnableVu } from '../k6/runnable-vu.ts';
import type { RunState } from '../k6/run-state.ts';
import type { ScenarioState } from '../k6/vu-context.ts';
import { errorOf } from '../plain-error.ts';
import type { WrittenSummary } from '../worker-task.ts';
import type { FromThread, ThrownError, ToThread } from './messages.ts';
import { RequestsForThread } from './requests-for-thread.ts';
import { ScriptThread } from './script-thread.ts';
import { ScriptThrew } from './script-threw.ts';
import type { ThreadMaker } from './thread-task.ts';
import { ToldByThread } from './told-by-thread.ts';

export class ThreadedVu implements RunnableVu {
  readonly run: RunState;
  private readonly maker: ThreadMaker;
  private readonly thread: ScriptThread;
  private readonly network: HttpState;
  private readonly requests: RequestsForThread;
  private readonly told: ToldByThread;
  readonly ready: Promise<void>;
  private onReady: () => void = () => undefined;
  private onFailed: (error: unknown) => void = () => undefined;
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
    this.network = new HttpState(this);
    this.ready = new Promise((resolve, reject) => {
      this.onReady = resolve;
      this.onFailed = reject;
    });
    // Whoever waits for it is told all the same.
    this.ready.catch(() => undefined);
    this.told = new ToldByThread(run, (error) => this.refuse(error));
    this.thread = new ScriptThread(
      run,
      maker,
      { id, globalId },
      {
        hear: (message) => this.hear(message),
        failed: (error) => {
          if (!this.isKilled) this.ends(error);
        },
      },
    );
    this.requests = new RequestsForThread(this.network, this, this.thread);
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
    this.thread.tell({ kind: 'provide', setupJson });
  }

  activate(scenario: ScenarioState): void {
    this.scenario = scenario;
    this.tags = undefined;
    const { index, name, executor, exec, startTime, env, tags } = scenario;
    this.thread.tell({
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
    this.thread.tell({ kind: 'play', exec, inInstance, inTest });
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
    this.thread.tell(message);
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
    await this.thread.exited;
    await this.network.closed();
  }

  private end(): void {
    this.isKilled = true;
    this.network.cancelAll();
    this.network.close();
    this.thread.end();
  }

  private get runStartedAt(): number {
    return performance.timeOrigin + this.run.startedAt;
  }

  /** It came to nothing: its top level threw, or the thread itself failed. */
  private ends(error: Error): void {
    this.onFailed(error);
    this.maker.onError(error);
    this.call?.reject(error);
  }

  private hear(message: FromThread): void {
    if (!this.told.takes(message) && !this.isKilled) this.acts(message);
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
        this.requests.send(message);
        return;
      case 'ask':
        this.thread.answer({
          state: { counts: { ...run.counts }, progress: this.scenario?.progress() ?? 0 },
        });
        return;
      case 'cut':
        this.requests.cut(message.ids);
        return;
      case 'cancel':
        this.requests.cancel(message.ids);
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

  private refuse(error: Error): void {
    try {
      this.run.refuse(error);
    } catch {
      // It is thrown for the script, which stands still until its end.
    }
    this.call?.reject(error);
  }

  private ended({ tags }: FromThread & { readonly kind: 'ended' }): void {
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
}

function thrownError(error: ThrownError): Error {
  return error.harness === undefined ? new ScriptThrew(error.message, error.described) : errorOf(error);
}
