/**
 * Clocks that are wrong for a while, by test hooks of the reference server: a replica's own, and the store's. What the
 * machine's clock says stays as it is, so the harness and Redis' own timers go on as ever.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../environment/hooks-client.ts';
import type { Environment } from '../environment/types.ts';
import { messageOf } from '../base/errors.ts';
import { fillPath, HOOK_PATHS } from '../model/protocol.ts';
import type { FaultAct } from './fault-act.ts';
import type { TimedFault } from './timed-fault.ts';

/** How long a clock is asked to move while the replica or the store is down by another fault. ms. */
const MOVE_LIMIT_MS = 15_000;
const CALL_LIMIT_MS = 2000;
const PAUSE_MS = 50;

/** The act of a fault of a clock; undefined where no hook moves it here. */
export function clockActOf(fault: TimedFault, environment: Environment): FaultAct | undefined {
  if (environment.hooksUrl === undefined) return undefined;
  return fault.action === 'skew' ? skewAct(fault, environment) : jumpAct(fault, environment);
}

function skewAct(
  { replica: number = 1, detail }: TimedFault,
  environment: Environment,
): FaultAct | undefined {
  const replica = environment.replicas[number - 1];
  if (replica === undefined) return undefined;
  const path = fillPath(HOOK_PATHS.replicaClock, { replica: String(number) });
  return {
    target: `replica-${number}`,
    isPossible: async () => replica.isUp(),
    begin: () => move(environment, replica.hooksUrl + path, Number(detail['offset_ms'])),
    // One that died meanwhile has come back with the right time, or will.
    undo: async () => (replica.isUp() ? move(environment, replica.hooksUrl + path, 0) : undefined),
  };
}

/** Jumps that are on, by fault: together they are how far the store's clock is ahead. */
interface Jumps {
  readonly on: Map<string, number>;
  /** The last move: one comes after the other. */
  last: Promise<void>;
}

const JUMPS = new WeakMap<Environment, Jumps>();

function jumpAct({ id, detail }: TimedFault, environment: Environment): FaultAct {
  const jumps = JUMPS.get(environment) ?? { on: new Map<string, number>(), last: Promise.resolve() };
  JUMPS.set(environment, jumps);
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = jumps.last.then(work);
    jumps.last = done.catch(() => {});
    return done;
  };
  const url = (environment.hooksUrl ?? '') + HOOK_PATHS.storeClock;
  return {
    target: 'store',
    isPossible: async () => true,
    // Told before and after, so that a reader knows between which moments the clock jumped. A move that failed may have
    // happened: only the next one tells.
    begin: (note) =>
      inTurn(async () => {
        note(aheadMs(jumps));
        jumps.on.set(id, Number(detail['offset_ms']));
        await move(environment, url, aheadMs(jumps));
        note(aheadMs(jumps));
      }),
    undo: (note) =>
      inTurn(async () => {
        note(aheadMs(jumps));
        jumps.on.delete(id);
        await move(environment, url, aheadMs(jumps));
        note(aheadMs(jumps));
      }),
  };
}

function aheadMs({ on }: Jumps): number {
  return [...on.values()].reduce((sum, offsetMs) => sum + offsetMs, 0);
}

/** Sets an offset; asked again as long as nobody can be reached: the same offset twice is one. */
async function move({ hooksToken }: Environment, url: string, offsetMs: number): Promise<void> {
  const end = performance.now() + MOVE_LIMIT_MS;
  for (;;) {
    const problem = await put(url, hooksToken, offsetMs);
    if (problem === undefined) return;
    if (performance.now() >= end) throw new Error(`the clock did not move by ${offsetMs} ms: ${problem}`);
    await delay(PAUSE_MS);
  }
}

/** What went wrong; undefined when it is done. */
async function put(url: string, token: string, offsetMs: number): Promise<string | undefined> {
  const body = JSON.stringify({ offset_ms: offsetMs });
  try {
    const answer = await ask({ method: 'PUT', url, token, body, timeoutMs: CALL_LIMIT_MS });
    return answer.status < 300 ? undefined : `${answer.status} ${answer.body}`;
  } catch (error) {
    return messageOf(error);
  }
}
