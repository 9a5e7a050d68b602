/** `k6/execution`. */
import { EXIT } from '../types.ts';
import { textOf } from './text.ts';
import type { ScenarioState, VuContext } from './vu-context.ts';

export function executionModule(vu: VuContext): object {
  const parts = {
    scenario: new ScenarioInfo(vu),
    instance: new InstanceInfo(vu),
    vu: new VuInfo(vu),
    test: new TestInfo(vu),
  };
  return {
    get scenario(): object {
      mustRun(vu, 'scenario information outside of the VU context');
      return parts.scenario;
    },
    get instance(): object {
      mustRun(vu, 'instance information in the init context');
      // So it is in k6, though setup may ask.
      if (vu.phase === 'teardown')
        throw new Error('getting instance information in teardown is not supported');
      return parts.instance;
    },
    get vu(): object {
      mustRun(vu, 'VU information in the init context');
      return parts.vu;
    },
    get test(): object {
      return parts.test;
    },
  };
}

function mustRun(vu: VuContext, what: string): void {
  if (vu.phase === 'init') throw new Error(`getting ${what} is not supported`);
}

class ScenarioInfo {
  readonly #vu: VuContext;

  constructor(vu: VuContext) {
    this.#vu = vu;
  }

  get name(): string {
    return this.#state().name;
  }

  get executor(): string {
    return this.#state().executor;
  }

  get startTime(): number {
    return this.#state().startTime;
  }

  get progress(): number {
    return this.#state().progress();
  }

  get iterationInInstance(): number {
    this.#state();
    return this.#vu.iterationInInstance;
  }

  get iterationInTest(): number {
    this.#state();
    return this.#vu.iterationInTest;
  }

  #state(): ScenarioState {
    if (this.#vu.scenario === undefined) {
      throw new Error('getting scenario information outside of the VU context is not supported');
    }
    return this.#vu.scenario;
  }
}

class InstanceInfo {
  readonly #vu: VuContext;

  constructor(vu: VuContext) {
    this.#vu = vu;
  }

  get currentTestRunDuration(): number {
    const { startedAt } = this.#vu.run;
    return startedAt === 0 ? 0 : performance.now() - startedAt;
  }

  get iterationsCompleted(): number {
    return this.#vu.run.counts.iterations;
  }

  get iterationsInterrupted(): number {
    return this.#vu.run.counts.interrupted;
  }

  get vusActive(): number {
    return this.#vu.run.counts.vusActive;
  }

  get vusInitialized(): number {
    return this.#vu.run.counts.vusInitialized;
  }
}

class VuInfo {
  static readonly fields = ['tags', 'metrics'];
  readonly #vu: VuContext;
  readonly tags: object;
  readonly metrics: { readonly tags: object; readonly metadata: object };

  constructor(vu: VuContext) {
    this.#vu = vu;
    this.tags = tagsProxy(vu);
    this.metrics = { tags: this.tags, metadata: {} };
  }

  get idInInstance(): number {
    return this.#vu.id;
  }

  get idInTest(): number {
    return this.#vu.globalId;
  }

  get iterationInInstance(): number {
    return this.#vu.iteration;
  }

  get iterationInScenario(): number {
    return Math.max(0, this.#vu.iterationInScenario);
  }
}

class TestInfo {
  static readonly fields = ['abort', 'fail'];
  readonly #vu: VuContext;
  readonly abort: (message?: unknown) => never;
  readonly fail: (message?: unknown) => void;

  constructor(vu: VuContext) {
    this.#vu = vu;
    this.abort = (message) => {
      const reason = withDetail('test aborted', message);
      vu.run.abort(EXIT.aborted, reason);
      // Nothing of this VU goes on after an await; this ends the code before the next one.
      throw new Error(reason);
    };
    this.fail = (message) => {
      mustRun(vu, 'a mark of failure');
      vu.run.markFailed(withDetail('test marked as failed', message));
    };
  }

  get options(): object {
    mustRun(this.#vu, 'test options in the init context');
    return this.#vu.realm.parse(JSON.stringify(this.#vu.run.options.raw)) as object;
  }
}

function withDetail(what: string, message: unknown): string {
  return message === undefined || message === null ? what : `${what}: ${textOf(message)}`;
}

/** Tags of the VU; they outlive iterations until the scenario ends, as in k6. */
function tagsProxy(vu: VuContext): object {
  return vu.realm.proxy({
    get: (_, name) => (typeof name === 'string' ? vu.tag(name) : undefined),
    set: (_, name, value: unknown) => {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new TypeError(
          `invalid value for metric tag '${String(name)}': only String, Boolean and Number types are accepted`,
        );
      }
      vu.tags = new Map(vu.tags).set(String(name), String(value));
      return true;
    },
    deleteProperty: (_, name) => {
      const left = new Map(vu.tags);
      left.delete(String(name));
      vu.tags = left;
      return true;
    },
    has: (_, name) => vu.tag(String(name)) !== undefined,
    ownKeys: () => [...(vu.tags?.keys() ?? [])],
    getOwnPropertyDescriptor: (_, name) => ({
      value: vu.tag(String(name)),
      enumerable: true,
      configurable: true,
      writable: true,
    }),
  });
}
