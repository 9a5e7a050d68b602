/** Threads for VUs that stand still: whether a run has them, and what ends it when one of them fails. */
import type { RunState } from './k6/run-state.ts';
import type { RunEnd } from './run-end.ts';
import type { RunOptions, Threads } from './run-options.ts';
import { exceptionEnding } from './script-error.ts';
import { ScriptThrew } from './threads/script-threw.ts';
import type { ThreadMaker } from './threads/thread-task.ts';
import { EXIT } from './types.ts';
import { blockingCall } from './unsupported.ts';

/** So many VUs of a script that stands still have a thread each; more are refused. */
const MOST_THREADS = 64;

/**
 * A script that stands still, or may, needs a thread for each VU. Undefined: this run has none.
 * Throws a HarnessError when `vus`, those at once, are too many for that.
 */
export function vuThreads(
  run: RunState,
  { threads, env }: Pick<RunOptions, 'threads' | 'env'>,
  end: RunEnd,
  vus: number,
): ThreadMaker | undefined {
  if (threads === undefined) return undefined;
  if (vus > MOST_THREADS) {
    goOnWithout(run, threads, vus);
    return undefined;
  }
  return {
    program: threads.program,
    stallMs: threads.stallMs,
    task: { built: threads.built, env },
    onStall: (name, pulse) => stalled(run, threads, end, name, pulse),
    onError: (error) => failed(run, end, error),
  };
}

function goOnWithout(run: RunState, { built }: Threads, vus: number): void {
  const { names, isPossible } = built.blocking;
  const why = `it blocks, and with ${vus} VUs not each can have a thread: at most ${MOST_THREADS}`;
  const [name] = names;
  if (name !== undefined && !isPossible) throw blockingCall(name, why);
  run.whyNotBlocking = why;
  run.blocking = undefined;
}

/** A VU's own thread does not turn any more: the run is over, as it is where the engine's does not. */
async function stalled(
  run: RunState,
  threads: Threads,
  end: RunEnd,
  name: string,
  pulse: SharedArrayBuffer,
): Promise<boolean> {
  const reason = await threads.stuck(name, pulse);
  if (reason === undefined) return true;
  run.log('error', reason);
  end.abort({ exitCode: EXIT.stuck, reason });
  return false;
}

/** What a thread failed with by itself: the script's top level, or the thread. */
function failed(run: RunState, end: RunEnd, error: Error): void {
  if (error instanceof ScriptThrew) end.abort(exceptionEnding(run, error));
  else end.refuse(error);
}
