/** A VU as a run plays it: in the engine's own thread, or in one of its own. */
import type { WrittenSummary } from '../worker-task.ts';
import type { ScenarioState } from './vu-context.ts';

/** How an iteration ended. One that threw is a full one, as in k6. */
export type IterationOutcome = 'full' | 'interrupted';

export interface RunnableVu {
  /** Resolves when the script's top level has run in it; rejects with what that threw. */
  readonly ready: Promise<void>;
  /** Once true, no code of the script goes on in this VU. */
  readonly isKilled: boolean;
  /** Whether anything asynchronous was begun since it was last cleared: an iteration without it must not starve the loop. */
  wasAsync: boolean;
  /** Its copy of what setup returned, as JSON; the first one counts. */
  provide(setupJson: string): void;
  /** Takes it into a scenario. */
  activate(scenario: ScenarioState): void;
  /** One iteration of an exported function. */
  play(exec: string): Promise<IterationOutcome>;
  /** Calls setup or teardown, with all that it begins. JSON in, JSON out. */
  callExport(name: 'setup' | 'teardown', dataJson: string | undefined): Promise<string | undefined>;
  /** Calls handleSummary. */
  summarize(data: object): Promise<WrittenSummary>;
  /** Stops the script where it stands. */
  kill(): void;
  /** Frees what a VU has that has nothing running. */
  dispose(): Promise<void>;
}
