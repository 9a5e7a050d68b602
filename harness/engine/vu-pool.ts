/** The VUs of a run: made before they are needed, lent to one scenario at a time. */
import type { RunState } from './k6/run-state.ts';
import type { ScenarioState } from './k6/vu-context.ts';
import type { RunnableVu } from './k6/runnable-vu.ts';
import type { ScenarioOptions } from './scenario-options.ts';
import { totalMs, vuSteps } from './schedule.ts';
import { WHOLE, type Stripes } from './stripes.ts';

export class VuPool {
  private readonly run: RunState;
  private readonly made: (id: number, globalId: number) => RunnableVu;
  private readonly free: RunnableVu[] = [];
  private readonly all = new Set<RunnableVu>();
  private readonly going = new Set<Promise<void>>();
  private setupData: string | undefined = undefined;
  private lastId = 0;

  /** `made`: a new VU, by its number in this process and in the whole test. */
  constructor(run: RunState, made: (id: number, globalId: number) => RunnableVu) {
    this.run = run;
    this.made = made;
  }

  /** Makes VUs ahead; throws what the script's top level throws. */
  async fill(count: number): Promise<void> {
    while (this.all.size < count) this.free.push(this.make());
    await Promise.all([...this.all].map(({ ready }) => ready));
  }

  /** From now on each VU gets its own copy of what setup returned. */
  provide(setupData: string | undefined): void {
    this.setupData = setupData;
  }

  /** A VU for a scenario: a free one, else a new one. */
  take(scenario: ScenarioState): RunnableVu {
    const vu = this.free.shift() ?? this.make();
    if (this.setupData !== undefined) vu.provide(this.setupData);
    vu.activate(scenario);
    return vu;
  }

  /** Takes a VU back; one that was stopped in the middle is not used again. */
  give(vu: RunnableVu): void {
    if (!vu.isKilled) this.free.push(vu);
    else this.drop(vu);
  }

  /** Resolves when those that were ended in the middle are gone. */
  async gone(): Promise<void> {
    await Promise.all(this.going);
  }

  async disposeAll(): Promise<void> {
    await Promise.all([...this.going, ...[...this.all].map((vu) => vu.dispose())]);
  }

  private make(): RunnableVu {
    const id = ++this.lastId;
    const vu = this.made(id, this.run.options.stripes.globalOf(id - 1) + 1);
    this.all.add(vu);
    this.run.counts.vusInitialized++;
    return vu;
  }

  private drop(vu: RunnableVu): void {
    if (!this.all.delete(vu)) return;
    this.run.counts.vusInitialized--;
    const gone: Promise<void> = vu.dispose().finally(() => this.going.delete(gone));
    this.going.add(gone);
  }
}

/** How many VUs the scenarios need at once when they begin; those that never overlap share. */
export function plannedVus(scenarios: readonly ScenarioOptions[], stripes: Stripes = WHOLE): number {
  return atOnce(scenarios, (scenario) => stripes.scale(vusOf(scenario)));
}

/** How many VUs the scenarios may come to have at once. */
export function mostVus(scenarios: readonly ScenarioOptions[], stripes: Stripes = WHOLE): number {
  return atOnce(scenarios, (scenario) =>
    stripes.scale('maxVus' in scenario ? scenario.maxVus : vusOf(scenario)),
  );
}

function atOnce(scenarios: readonly ScenarioOptions[], vusOf: (scenario: ScenarioOptions) => number): number {
  const spans = scenarios.map((scenario) => ({
    from: scenario.startMs,
    to: scenario.startMs + longestMs(scenario),
    vus: vusOf(scenario),
  }));
  const sums = spans.map(({ from }) =>
    spans.filter((span) => span.from <= from && from < span.to).reduce((sum, { vus }) => sum + vus, 0),
  );
  return Math.max(0, ...sums);
}

function vusOf(scenario: ScenarioOptions): number {
  if ('preAllocated' in scenario) return scenario.preAllocated;
  if ('startVus' in scenario)
    return Math.max(...vuSteps(scenario.startVus, scenario.stages).map(({ vus }) => vus));
  return scenario.vus;
}

/** Regular duration of a scenario in ms, without its graceful stop. */
export function regularMs(scenario: ScenarioOptions): number {
  if ('durationMs' in scenario) return scenario.durationMs;
  return 'stages' in scenario ? totalMs(scenario.stages) : scenario.maxMs;
}

function longestMs(scenario: ScenarioOptions): number {
  return regularMs(scenario) + scenario.gracefulStopMs;
}
