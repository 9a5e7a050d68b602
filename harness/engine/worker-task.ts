/** What the main thread and the engine's thread say to each other. */
import type { OutboxMemory } from './outbox.ts';
import type { BuiltScript } from './script-bundle.ts';
import type { WorkerProgram } from '../base/worker-entry.ts';
import type { EngineOverrides, EngineProgress, EngineResult } from './types.ts';

/** What the engine's thread is started with: `EngineOptions` as plain data. */
export interface WorkerTask {
  readonly built: BuiltScript;
  readonly env: Readonly<Record<string, string>>;
  readonly overrides: EngineOverrides | undefined;
  readonly allowedHosts: readonly string[] | undefined;
  readonly maxBodyBytes: number | undefined;
  readonly tellsProgress: boolean;
  /** What it was told before it was there. */
  readonly told: readonly ToWorker[];
  readonly outbox: OutboxMemory;
  readonly pulse: SharedArrayBuffer;
  readonly stallMs: number;
  /** The program of a VU's own thread; absent for a script that never stands still. */
  readonly vuThread: WorkerProgram | undefined;
}

/** `stop`: no iteration starts any more; `cut`: at once. */
export type ToWorker = 'stop' | 'cut' | StuckPlace;

/** Where the script stands in a thread; absent: it cannot be told. */
export interface StuckPlace {
  readonly thread: string;
  readonly place: string | undefined;
}

/** What handleSummary returned, by target. */
export type WrittenSummary = Readonly<Record<string, string | ArrayBuffer>>;

export interface PlainError {
  /** Absent: an error of the engine itself. */
  readonly harness?: { readonly kind: 'usage' | 'harness'; readonly code: string };
  readonly message: string;
  readonly stack?: string;
}

export type FromWorker =
  | { readonly kind: 'wake' }
  | { readonly kind: 'progress'; readonly progress: EngineProgress }
  | { readonly kind: 'refused-host'; readonly origin: string }
  | { readonly kind: 'scenarios'; readonly scenarios: readonly PlannedScenario[] }
  /** Asks for the place at which a thread stands. */
  | { readonly kind: 'where'; readonly thread: string }
  | { readonly kind: 'end'; readonly result: EngineResult; readonly written?: WrittenSummary }
  | { readonly kind: 'failed'; readonly error: PlainError };

export interface PlannedScenario {
  readonly name: string;
  readonly exec: string;
}
