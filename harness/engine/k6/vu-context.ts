/** What the k6 modules may ask of the virtual user that they serve. `vu.ts` implements it; no module imports that. */
import type { Lane } from './connections.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { ExpectedStatuses } from './expected-statuses.ts';
import type { Tagged } from './metrics.ts';
import type { Realm } from './realm.ts';
import type { RequestPlan } from './request-plan.ts';
import type { Answer } from './answer.ts';
import type { RunState } from './run-state.ts';
import type { Gate } from './together.ts';
import type { SplitUrl } from './url.ts';

/** The scenario that a VU runs for, as `k6/execution` shows it. */
export interface ScenarioState {
  /** Its place among the run's scenarios. */
  readonly index: number;
  readonly name: string;
  readonly executor: string;
  readonly exec: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly env: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly progress: () => number;
  /** Number of the next iteration over all VUs of the scenario in this process. */
  nextIteration: number;
  /** Its number over all processes of the test. */
  readonly globalIteration: (local: number) => number;
}

/** `init`: top level of the script; `setup`: setup, teardown and handleSummary; `vu`: iterations. */
export type Phase = 'init' | 'setup' | 'vu' | 'teardown';

/** A request in flight, as its VU ends it. */
export interface OpenRequest {
  /** Its promise never settles. */
  readonly cut: () => void;
  /** Its promise settles with status 0. */
  readonly cancel: () => void;
}

/** The connections of a VU, and what is asked of it while a request is on its way. */
export interface Network extends Tagged {
  readonly run: RunState;
  /** An exception has ended the iteration: nothing that it still begins is carried out. */
  readonly isUnwinding: boolean;
  readonly gate: Gate;
  lane(origin: string): Lane;
  split(url: string): SplitUrl;
  began(request: OpenRequest): void;
  ended(request: OpenRequest): void;
}

/** What the requests of a VU share. */
export interface VuHttp {
  /** Cookies of this iteration, or of all with `noCookiesReset`. */
  readonly jar: CookieJar;
  /** Which statuses count as expected; null: none is judged; undefined: k6's default. */
  expected: ExpectedStatuses | null | undefined;
  /** Sends a request; `settle` is called in any case, unless it is cut. */
  send(plan: RequestPlan, settle: (answer: Answer) => void): void;
  /** Before an iteration: cookies are its own, unless the script says otherwise. */
  beginIteration(): void;
  /** Cuts every request in flight; their promises never settle. */
  cancelAll(): void;
  /** Cuts every request in flight; their promises settle with status 0. False when there were none. */
  failAll(): boolean;
  /** Bytes that went and came since it was asked last. */
  traffic(): { readonly sent: number; readonly received: number };
  /** Closes the connections that nobody uses. */
  closeIdle(): void;
  /** Closes all, those in use as well. */
  close(): void;
  /** Resolves when they are closed. */
  closed(): Promise<void>;
}

type TimerCallback = (...values: unknown[]) => void;

/** A VU's timers by number, as in k6. */
export interface VuClock {
  readonly setTimeout: (callback: TimerCallback, delayMs?: number, ...values: unknown[]) => number;
  readonly setInterval: (callback: TimerCallback, delayMs?: number, ...values: unknown[]) => number;
  readonly clear: (id: unknown) => void;
}

/** Tags, state, metrics and network of one VU. */
export interface VuContext extends Tagged {
  readonly run: RunState;
  /** Unique in this process, from 1. */
  readonly id: number;
  /** Unique over all processes of the test. */
  readonly globalId: number;
  readonly http: VuHttp;
  readonly timers: VuClock;
  /** The globals and prototypes of its script. */
  readonly realm: Realm;
  readonly phase: Phase;
  /** `__ENV`. */
  readonly env: Record<string, string>;
  /** `__ITER`: iterations of this VU before the running one. */
  readonly iteration: number;
  readonly iterationInScenario: number;
  readonly iterationInInstance: number;
  readonly iterationInTest: number;
  readonly scenario: ScenarioState | undefined;
  /** Once true, no code of the script goes on in this VU. */
  readonly isKilled: boolean;
  /** An exception has ended the iteration: nothing that it still begins is carried out. */
  readonly isUnwinding: boolean;
  /** Tags that the script set on the VU; undefined while there are none. Made anew with each change, so that a request keeps its own. */
  tags: ReadonlyMap<string, string | undefined> | undefined;
  /** The iteration that runs has ended the run: it is a full one, as in k6. */
  isAborting: boolean;
  /** Names of all tags that its samples have. */
  tagNames(): string[];
  group: string;
  /** Calls of `sleep` that have not ended. */
  sleeps: number;
  /** Set by `randomSeed`. */
  random: (() => number) | undefined;
  /** Something asynchronous began: the iteration waits for it. */
  enter(): void;
  /** It ended; called before the script's code goes on. */
  leave(): void;
  /** An error in a callback that no promise carries (a timer's) ends the iteration like a throw. */
  fail(error: unknown): void;
}
