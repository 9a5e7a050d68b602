/** What a run looks at every so often while it goes on: its VUs, the thresholds that end it, how far it is. */
import { elapsedMs, type RunState } from './k6/run-state.ts';
import { mustAbort, type Threshold } from './k6/thresholds.ts';
import type { RunEnd } from './run-end.ts';
import { EXIT, type EngineProgress } from './types.ts';

const PROGRESS_MS = 250;
const VUS_SAMPLE_MS = 1_000;
/** As often as k6 looks at thresholds while it runs. */
const THRESHOLDS_MS = 2_000;

export class RunTimers {
  private readonly timers: NodeJS.Timeout[] = [];

  /** `onProgress`: undefined where nobody asks for it. */
  start(
    run: RunState,
    end: RunEnd,
    thresholds: readonly Threshold[],
    onProgress: ((progress: EngineProgress) => void) | undefined,
  ): void {
    this.every(VUS_SAMPLE_MS, () => sampleVus(run));
    if (thresholds.some(({ abortOnFail }) => abortOnFail))
      this.every(THRESHOLDS_MS, () => abortWhereCrossed(run, end, thresholds));
    if (onProgress !== undefined) this.every(PROGRESS_MS, () => onProgress(progressOf(run)));
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(periodMs: number, act: () => void): void {
    this.timers.push(setInterval(act, periodMs));
  }
}

const NOBODY = { tag: () => undefined };

function sampleVus({ registry, counts }: RunState): void {
  registry.vus.add(counts.vusActive, NOBODY);
  registry.vusMax.add(counts.vusInitialized, NOBODY);
}

function abortWhereCrossed(run: RunState, end: RunEnd, thresholds: readonly Threshold[]): void {
  const failed = thresholds.filter((threshold) => mustAbort(threshold, elapsedMs(run)));
  if (failed.length === 0) return;
  const names = failed.map(({ metric }) => metric).join(', ');
  end.abort({
    exitCode: EXIT.thresholds,
    reason: `thresholds on metrics '${names}' were crossed; at least one has abortOnFail enabled`,
  });
}

function progressOf(run: RunState): EngineProgress {
  const { iterations, vusActive, inFlight, requests, dropped } = run.counts;
  return { elapsedMs: elapsedMs(run), iterations, vus: vusActive, inFlight, requests, dropped };
}
