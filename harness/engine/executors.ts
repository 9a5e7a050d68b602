/** k6's six executors on one event loop. */
import type { RunnableVu } from './k6/runnable-vu.ts';
import { constantArrivals, rampingArrivals, totalMs, vuSteps } from './schedule.ts';
import type {
  ArrivalsScenario,
  ConstantVusScenario,
  IterationsScenario,
  RampingVusScenario,
  ScenarioOptions,
} from './scenario-options.ts';
import type { Session } from './session.ts';
import type { Stripes } from './stripes.ts';

/** Runs a scenario to its end, graceful stop included. */
export async function execute(session: Session, scenario: ScenarioOptions): Promise<void> {
  switch (scenario.executor) {
    case 'shared-iterations':
      return await sharedIterations(session, scenario);
    case 'per-vu-iterations':
      return await perVuIterations(session, scenario);
    case 'constant-vus':
      return await constantVus(session, scenario);
    case 'ramping-vus':
      return await rampingVus(session, scenario);
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return await arrivals(session, scenario);
  }
}

async function sharedIterations(session: Session, scenario: IterationsScenario): Promise<void> {
  // Iterations are dealt out by where the VUs are.
  const parts = session.stripes.resplit(scenario.vus);
  if (parts === undefined) return;
  session.numbers = parts;
  const iterations = parts.scale(scenario.iterations);
  if (iterations === 0) return;
  let begun = 0;
  session.progress = () => begun / iterations;
  const more = (): boolean => !session.isOver && begun < iterations && ++begun > 0;
  const vus = session.stripes.scale(scenario.vus);
  await Promise.all(take(session, vus).map((vu) => session.loop(vu, more)));
  session.drop(iterations - begun);
}

async function perVuIterations(
  session: Session,
  { vus: allVus, iterations }: IterationsScenario,
): Promise<void> {
  const vus = session.stripes.scale(allVus);
  if (vus === 0) return;
  let begunByAll = 0;
  session.progress = () => begunByAll / (vus * iterations);
  const loops = take(session, vus).map((vu) => {
    let begun = 0;
    return session.loop(vu, () => !session.isOver && begun < iterations && ++begun > 0 && ++begunByAll > 0);
  });
  await Promise.all(loops);
  session.drop(vus * iterations - begunByAll);
}

async function constantVus(session: Session, { vus }: ConstantVusScenario): Promise<void> {
  const own = session.stripes.scale(vus);
  await Promise.all(take(session, own).map((vu) => session.loop(vu, () => !session.isOver)));
}

function take(session: Session, count: number): RunnableVu[] {
  return Array.from({ length: count }, () => session.take());
}

async function rampingVus(session: Session, scenario: RampingVusScenario): Promise<void> {
  const slots: Slot[] = [];
  // The last step, to none, is the session's own end with its graceful stop.
  const steps = vuSteps(scenario.startVus, scenario.stages, session.stripes);
  if (steps.every(({ vus }) => vus === 0)) return;
  for (const { atMs, vus } of steps.slice(0, -1)) {
    await session.until(atMs);
    if (session.isCut) break;
    while (slots.length < vus) slots.push(new Slot(session, scenario.gracefulRampDownMs));
    slots.forEach((slot, index) => (index < vus ? slot.start() : slot.stop()));
  }
  await session.until(steps.at(-1)?.atMs ?? 0);
  session.over();
  await Promise.all(slots.map((slot) => slot.end()));
}

/** One of the VUs that a ramp starts and stops. */
class Slot {
  private readonly session: Session;
  private readonly gracefulMs: number;
  private isWanted = false;
  private vu: RunnableVu | undefined = undefined;
  private loop: Promise<void> = Promise.resolve();
  private killer: NodeJS.Timeout | undefined = undefined;

  constructor(session: Session, gracefulMs: number) {
    this.session = session;
    this.gracefulMs = gracefulMs;
  }

  start(): void {
    if (this.isWanted || this.session.isOver) return;
    this.isWanted = true;
    clearTimeout(this.killer);
    // Its last iteration still runs: it simply goes on.
    if (this.vu !== undefined && !this.vu.isKilled) return;
    this.loop = this.runOn(this.session.take());
  }

  stop(): void {
    if (!this.isWanted) return;
    this.isWanted = false;
    this.killer = setTimeout(() => this.vu?.kill(), this.gracefulMs);
  }

  async end(): Promise<void> {
    this.isWanted = false;
    await this.loop;
    clearTimeout(this.killer);
  }

  private async runOn(vu: RunnableVu): Promise<void> {
    this.vu = vu;
    await this.session.loop(vu, () => this.isWanted && !this.session.isOver);
    if (this.vu === vu) this.vu = undefined;
  }
}

async function arrivals(session: Session, scenario: ArrivalsScenario): Promise<void> {
  // Arrivals are dealt out by where the VUs are.
  const parts = session.stripes.resplit(scenario.maxVus);
  if (parts === undefined) return;
  session.numbers = parts;
  const bench = new Bench(session, session.stripes.scale(scenario.maxVus));
  bench.add(session.stripes.scale(scenario.preAllocated));
  for (const atMs of timesOf(scenario, parts)) {
    await session.until(atMs);
    // A loop that is late starts what was due all the same: how many iterations a run has must not hang on that.
    if (session.isCut) break;
    bench.startOne();
  }
  // The graceful stop begins when the time is up, however early the last one started.
  if (!session.isCut) await session.until(lengthOf(scenario));
  await bench.end();
}

function timesOf(scenario: ArrivalsScenario, parts: Stripes): Generator<number> {
  if (scenario.executor === 'constant-arrival-rate') {
    return constantArrivals(scenario.rate, scenario.unitMs, scenario.durationMs, parts);
  }
  return rampingArrivals(scenario.startRate, scenario.unitMs, scenario.stages, parts);
}

function lengthOf(scenario: ArrivalsScenario): number {
  return scenario.executor === 'constant-arrival-rate' ? scenario.durationMs : totalMs(scenario.stages);
}

/** VUs that wait for arrivals, the one that waited longest first. */
class Bench {
  private readonly session: Session;
  private readonly maxVus: number;
  private readonly idle: RunnableVu[] = [];
  private readonly busy = new Set<Promise<void>>();
  private count = 0;
  private isGrowing = false;
  private hasWarned = false;

  constructor(session: Session, maxVus: number) {
    this.session = session;
    this.maxVus = maxVus;
  }

  add(count: number): void {
    this.count += count;
    this.idle.push(...take(this.session, count));
  }

  /** Starts an iteration, or drops it when no VU is free and makes one more for later. */
  startOne(): void {
    const vu = this.idle.shift();
    if (vu === undefined) {
      this.session.drop(1);
      this.grow();
      return;
    }
    const work: Promise<void> = this.runOne(vu).finally(() => this.busy.delete(work));
    this.busy.add(work);
  }

  async end(): Promise<void> {
    this.session.over();
    await Promise.all(this.busy);
  }

  private async runOne(vu: RunnableVu): Promise<void> {
    const { counts } = this.session.run;
    counts.vusActive++;
    await this.session.iterate(vu);
    counts.vusActive--;
    if (!vu.isKilled) this.idle.push(vu);
  }

  private grow(): void {
    if (this.isGrowing) return;
    if (this.count >= this.maxVus) {
      if (!this.hasWarned)
        this.session.run.log(
          'warning',
          `Insufficient VUs, reached ${this.maxVus} active VUs and cannot initialize more`,
        );
      this.hasWarned = true;
      return;
    }
    this.isGrowing = true;
    setImmediate(() => {
      this.isGrowing = false;
      if (!this.session.isOver) this.add(1);
    });
  }
}
