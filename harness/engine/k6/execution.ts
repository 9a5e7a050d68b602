/** `k6/execution`. */
import { EXIT } from '../types.ts';
import { mustBeTag } from './sample-tags.ts';
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
  static readonly isFixed = true;
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
  static readonly isFixed = true;
  readonly #vu: VuContext;

  constructor(vu: VuContext) {
    this.#vu = vu;
  }

  get currentTestRunDuration(): number {
    const { startedAt } = this.#vu.run;
    return startedAt === 0 ? 0 : performance.now() - startedAt;
  }

  get iterationsCompleted(): number {
    return this.#vu.run.liveCounts().iterations;
  }

  get iterationsInterrupted(): number {
    return this.#vu.run.liveCounts().interrupted;
  }

  get vusActive(): number {
    return this.#vu.run.liveCounts().vusActive;
  }

  get vusInitialized(): number {
    return this.#vu.run.liveCounts().vusInitialized;
  }
}

class VuInfo {
  static readonly isFixed = true;
  static readonly ignored = ['tags', 'metrics'];
  readonly #vu: VuContext;
  readonly #tags: object;
  readonly #metrics: object;

  constructor(vu: VuContext) {
    this.#vu = vu;
    this.#tags = tagsProxy(vu);
    this.#metrics = vu.realm.module(Object.freeze({ tags: this.#tags, metadata: metadataProxy(vu) }));
  }

  get tags(): object {
    return this.#tags;
  }

  get metrics(): object {
    return this.#metrics;
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
  static readonly isFixed = true;
  static readonly fields = ['abort', 'fail'];
  readonly #vu: VuContext;
  readonly abort: (message?: unknown) => never;
  readonly fail: (message?: unknown) => void;

  constructor(vu: VuContext) {
    this.#vu = vu;
    this.abort = (message) => {
      const reason = withDetail('test aborted', message);
      vu.isAborting = true;
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

/** What no threshold and no summary here looks at: it is kept for the script alone. */
function metadataProxy(vu: VuContext): object {
  const values = new Map<string, string>();
  return vu.realm.proxy({
    get: (_, name) => values.get(String(name)),
    set: (_, name, value: unknown) => {
      mustBeTag(value, `metadata '${String(name)}'`, 'metadata');
      values.set(String(name), String(value));
      return true;
    },
    deleteProperty: (_, name) => values.delete(String(name)) || true,
    has: (_, name) => values.has(String(name)),
    ownKeys: () => [...values.keys()],
    getOwnPropertyDescriptor: (_, name) => ({
      value: values.get(String(name)),
      enumerable: true,
      configurable: true,
      writable: true,
    }),
  });
}

/** Tags of the VU; they outlive iterations until the scenario ends, as in k6. */
function tagsProxy(vu: VuContext): object {
  return vu.realm.proxy({
    get: (_, name) => (typeof name === 'string' ? vu.tag(name) : undefined),
    set: (_, name, value: unknown) => {
      mustBeTag(value, `tag '${String(name)}'`, 'tag');
      vu.tags = new Map(vu.tags).set(String(name), String(value));
      return true;
    },
    deleteProperty: (_, name) => {
      vu.tags = new Map(vu.tags).set(String(name), undefined);
      return true;
    },
    has: (_, name) => vu.tag(String(name)) !== undefined,
    ownKeys: () => vu.tagNames(),
    getOwnPropertyDescriptor: (_, name) => ({
      value: vu.tag(String(name)),
      enumerable: true,
      configurable: true,
      writable: true,
    }),
  });
}
