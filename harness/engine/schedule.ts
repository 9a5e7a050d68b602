/** When iterations start and how many VUs run, as pure functions of a scenario (k6 `lib/executor`). */
import type { Stage } from './scenario-options.ts';
import { WHOLE, type Stripes } from './stripes.ts';

/** Start times of a constant arrival rate in ms, those of one part of the test: the first at 0, the last at the end, which k6 starts as well (10/s for 1s makes 11). */
export function* constantArrivals(
  rate: number,
  unitMs: number,
  durationMs: number,
  stripes: Stripes = WHOLE,
): Generator<number> {
  const periodMs = unitMs / rate;
  for (let local = 0; ; local++) {
    const atMs = stripes.globalOf(local) * periodMs;
    if (atMs > durationMs) return;
    yield atMs;
  }
}

/** Start times of a ramping arrival rate: arrival n is where the area under the rate reaches n (k6 `RampingArrivalRateConfig.cal`). */
export function* rampingArrivals(
  startRate: number,
  unitMs: number,
  stages: readonly Stage[],
  stripes: Stripes = WHOLE,
): Generator<number> {
  let from = startRate / unitMs;
  let stageStartMs = 0;
  let before = 0;
  let local = 0;
  for (const { durationMs, target } of stages) {
    const to = target / unitMs;
    const after = before + durationMs * ((to - from) / 2 + from);
    for (; stripes.globalOf(local) + 1 <= after; local++) {
      yield stageStartMs + timeOf(stripes.globalOf(local) + 1 - before, from, to, durationMs);
    }
    before = after;
    from = to;
    stageStartMs += durationMs;
  }
}

function timeOf(area: number, from: number, to: number, durationMs: number): number {
  if (from === to) return area / to;
  const root = durationMs * (from * from * durationMs + 2 * area * (to - from));
  // Rounding can bring a root of 0 just below 0.
  return (from * durationMs - Math.sqrt(Math.max(0, root))) / (from - to);
}

export interface VuStep {
  readonly atMs: number;
  readonly vus: number;
}

/** How many VUs are to run from when on in this part of the test; ends with 0 VUs (k6 `RampingVUsConfig.getRawExecutionSteps`). */
export function vuSteps(startVus: number, stages: readonly Stage[], stripes: Stripes = WHOLE): VuStep[] {
  const steps: VuStep[] = [{ atMs: 0, vus: stripes.scale(startVus) }];
  const add = (atMs: number, allVus: number): void => {
    const vus = stripes.scale(allVus);
    // Of two changes at one time only the last is carried out.
    if (steps.at(-1)?.atMs === atMs) steps.pop();
    if (steps.at(-1)?.vus !== vus) steps.push({ atMs, vus });
  };
  let from = startVus;
  let endMs = 0;
  for (const { durationMs, target } of stages) {
    endMs += durationMs;
    const change = target - from;
    if (durationMs === 0) add(endMs, target);
    else if (change > 0) {
      for (let vus = from; vus <= target; vus++) add(endMs - (durationMs * (target - vus)) / change, vus);
    } else {
      // On the way down a VU stops one step later than it would start on the way up.
      for (let vus = from; vus > target; vus--)
        add(endMs - (durationMs * (target - vus + 1)) / change, vus - 1);
    }
    from = target;
  }
  add(endMs, 0);
  return steps;
}

export function totalMs(stages: readonly Stage[]): number {
  return stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
