/** What a run of a script is given, and what comes of it. */
import type { BuiltScript } from './script-bundle.ts';
import type { Pulse } from './pulse.ts';
import type { ThreadMaker } from './threads/thread-task.ts';
import type { EngineOptions, EngineResult } from './types.ts';
import type { PlannedScenario, WrittenSummary } from './worker-task.ts';

/** What a run needs, the script apart. */
export interface RunOptions {
  readonly env: EngineOptions['env'];
  readonly overrides: EngineOptions['overrides'];
  readonly allowedHosts: EngineOptions['allowedHosts'];
  readonly maxBodyBytes: EngineOptions['maxBodyBytes'];
  readonly pulse: Pulse;
  /** The script, as the threads of VUs load it, and their program; absent for a script that never stands still. */
  readonly threads: Threads | undefined;
  readonly signal: AbortSignal;
  readonly cut: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly onLog: (level: string, text: string) => void;
  readonly onRefusedHost: (origin: string) => void;
  /** Told once, before the first iteration. */
  readonly onScenarios: (scenarios: readonly PlannedScenario[]) => void;
  readonly onProgress: EngineOptions['onProgress'];
}

/** What is needed for a thread for each VU. */
export interface Threads extends Pick<ThreadMaker, 'program' | 'stallMs'> {
  readonly built: BuiltScript;
  /** In one line: which thread stands still where, and for how long; undefined: it went on in the last moment. */
  readonly stuck: (threadName: string, pulse: SharedArrayBuffer) => Promise<string | undefined>;
}

export interface RunOutcome {
  readonly result: EngineResult;
  /** What handleSummary returned. */
  readonly written?: WrittenSummary;
}
