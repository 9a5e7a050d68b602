/** What all VUs of a run share. */
import { unsupported } from '../unsupported.ts';
import type { Pages } from '../html/pages.ts';
import type { Bundle } from '../script-bundle.ts';
import type { ScriptOptions } from '../script-options.ts';
import type { Exceptions } from '../exceptions.ts';
import type { Pulse } from '../pulse.ts';
import type { HostGuard } from './connections.ts';
import type { Realm } from './realm.ts';
import type { Registry } from './metrics.ts';
import type { Spreads } from './together.ts';
import type { Blocking } from './blocking.ts';

export interface CheckTally {
  readonly name: string;
  /** Path of the group it ran in, `::outer::inner`, empty at the root. */
  readonly group: string;
  passes: number;
  fails: number;
}

/** Live counts of a run; plain numbers, since they change with every request. */
export interface RunCounts {
  iterations: number;
  interrupted: number;
  dropped: number;
  requests: number;
  inFlight: number;
  vusActive: number;
  vusInitialized: number;
}

/** Before anything has run. */
export function noCounts(): RunCounts {
  return {
    iterations: 0,
    interrupted: 0,
    dropped: 0,
    requests: 0,
    inFlight: 0,
    vusActive: 0,
    vusInitialized: 0,
  };
}

/** The items of a shared array, each as JSON. */
export interface SharedItems {
  readonly length: number;
  at(index: number): string | undefined;
}

export interface RunState {
  readonly bundle: Bundle;
  readonly env: Readonly<Record<string, string>>;
  /** Empty until the init context has run once. */
  options: ScriptOptions;
  readonly registry: Registry;
  readonly counts: RunCounts;
  /** It was ended before its time: what was not begun is not dropped. */
  readonly isAborted: boolean;
  readonly checks: Map<string, CheckTally>;
  /** Counts a check. `group`: the path of the group it ran in. */
  readonly tally: (name: string, group: string, ok: boolean) => void;
  /** As they are now: a VU in a thread of its own has no others at hand. */
  readonly liveCounts: () => Readonly<RunCounts>;
  /** What reads HTML; undefined: the script names nothing of it. */
  pages: Pages | undefined;
  /** By name, each item as JSON: every VU reads its own. */
  readonly sharedArrays: Map<string, SharedItems>;
  /** Only where each VU has a thread of its own. */
  blocking: Blocking | undefined;
  /** Why it is not there, where it would be wanted; empty: the script does not look as if it blocked. */
  whyNotBlocking: string;
  /** A realm for a VU: its own, or that of all. */
  readonly realmOf: (vuId: number) => Realm;
  /** Whether all VUs but the helpers (VU 0) share one realm. */
  readonly sharesRealm: boolean;
  readonly spreads: Spreads;
  readonly onLine: (line: string) => void;
  readonly exceptions: Exceptions;
  /** Where the main thread sees whose code is running. */
  readonly pulse: Pulse;
  readonly log: (level: string, text: string) => void;
  /** A warning that is said once in a run, however often it is due. */
  readonly warnOnce: (text: string) => void;
  /** `performance.now()` at the start of the run, before setup. 0 until then. */
  startedAt: number;
  /** Ends the run at once, as `exec.test.abort` does. */
  readonly abort: (exitCode: number, reason: string) => void;
  /** Ends the run with an error of the harness: the script asked for what this engine lacks. */
  readonly refuse: (error: Error) => never;
  /** Where requests may go; looked at by each VU once for each origin. */
  readonly guard: HostGuard;
  /** An answer's body may be so large, packed and unpacked. */
  readonly maxBodyBytes: number;
  /** As `exec.test.fail`: the run goes on and its exit code is 110. */
  readonly markFailed: (reason: string) => void;
}

/** Since the start of the run; 0 before it. */
export function elapsedMs({ startedAt }: Pick<RunState, 'startedAt'>): number {
  return startedAt === 0 ? 0 : performance.now() - startedAt;
}

/** `RunState.tally` of a run whose checks are kept here, by path. */
export function tallyIn(checks: Map<string, CheckTally>): RunState['tally'] {
  return (name, group, ok) => {
    const path = `${group}::${name}`;
    let entry = checks.get(path);
    if (entry === undefined) {
      entry = { name, group, passes: 0, fails: 0 };
      checks.set(path, entry);
    }
    if (ok) entry.passes++;
    else entry.fails++;
  };
}

/** What reads HTML. Refuses what a script gets at without naming it. */
export function pagesOf(run: RunState, what: string): Pages {
  return run.pages ?? run.refuse(unsupported(`${what}, which the text of the script does not name,`));
}
