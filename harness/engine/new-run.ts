/** The state of a run before anything has run. */
import { Exceptions } from './exceptions.ts';
import { hostGuard } from './host-guard.ts';
import { initBlocking } from './init-context.ts';
import { Registry } from './k6/metrics.ts';
import { noCounts, tallyIn, type RunState } from './k6/run-state.ts';
import { Spreads } from './k6/together.ts';
import type { Realms } from './realms.ts';
import type { RunEnd } from './run-end.ts';
import type { RunOptions } from './run-options.ts';
import type { Bundle } from './script-bundle.ts';
import { NO_OPTIONS } from './script-options.ts';
import { EXIT } from './types.ts';

/** A script that nobody set a limit for. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** What all VUs share. `end`: what the script may end by itself. */
export function newRun(bundle: Bundle, options: RunOptions, end: RunEnd, realms: Realms): RunState {
  const { env, threads, pulse, maxBodyBytes, onLine, onLog: log } = options;
  const checks: RunState['checks'] = new Map();
  const counts = noCounts();
  return {
    bundle,
    env,
    options: NO_OPTIONS,
    registry: new Registry(),
    get isAborted() {
      return end.isEarly;
    },
    counts,
    checks,
    tally: tallyIn(checks),
    liveCounts: () => counts,
    blocking: threads === undefined ? undefined : initBlocking(pulse),
    whyNotBlocking: '',
    pages: undefined,
    sharedArrays: new Map(),
    realmOf: (vuId) => realms.of(vuId),
    get sharesRealm() {
      return realms.areShared;
    },
    spreads: new Spreads(),
    guard: hostGuard(options),
    maxBodyBytes: maxBodyBytes ?? MAX_BODY_BYTES,
    onLine,
    log,
    pulse,
    exceptions: new Exceptions(),
    warnOnce: warnerOf(log),
    startedAt: 0,
    abort: (exitCode, reason) => end.abort({ exitCode, reason }),
    refuse: (error) => {
      end.refuse(error);
      throw error;
    },
    markFailed: (reason) => {
      log('error', reason);
      end.mark({ exitCode: EXIT.failed, reason });
    },
  };
}

function warnerOf(log: RunState['log']): RunState['warnOnce'] {
  const warned = new Set<string>();
  return (text) => {
    if (warned.has(text)) return;
    warned.add(text);
    log('warning', text);
  };
}
