/** How each timed fault is done and undone on an environment. */

import type { Environment } from '../environment/types.ts';
import type { Replica } from '../environment/replicas.ts';
import { until } from '../environment/store.ts';
import type { ToxicDriver } from './driver.ts';
import type { Place } from './fault-rule.ts';
import type { TimedFault } from './timetable.ts';

/** A fault that can be carried out here: `undo` may be called once, whatever became of `begin`. */
export interface FaultAct {
  /** Whom it hits, for the history: the proxy's or the process's name. */
  readonly target: string;
  /** Waits, bounded, for a moment at which it may begin; false when there is none. */
  readonly isPossible: () => Promise<boolean>;
  readonly begin: () => Promise<void>;
  /** Resolves when the part works again, as far as the one before it can tell. */
  readonly undo: () => Promise<void>;
}

/** How long a kill waits for replicas that are still coming back from another fault. ms. */
const TURN_LIMIT_MS = 3000;
/** How long a part may take until it works again. ms. */
const RECOVERY_LIMIT_MS = 15_000;

const always = async (): Promise<boolean> => true;

/** The act of a fault; undefined where the environment has no such part. */
export function actOf(fault: TimedFault, environment: Environment): FaultAct | undefined {
  return ACTS[fault.where](fault, environment);
}

const ACTS: Readonly<Record<Place, (fault: TimedFault, environment: Environment) => FaultAct | undefined>> = {
  edge(fault, { proxies, driver }) {
    const proxy = proxies[indexOf(fault)]?.edge;
    return proxy === undefined ? undefined : connectionAct(fault, proxy, driver, async () => {});
  },
  'store-path'(fault, environment) {
    const proxy = environment.proxies[indexOf(fault)]?.store;
    if (proxy === undefined) return undefined;
    const replica = environment.replicas[indexOf(fault)];
    return connectionAct(fault, proxy, environment.driver, () => recovery(environment, replica));
  },
  replica(fault, environment) {
    const replica = environment.replicas[indexOf(fault)];
    return replica && environment.capabilities.processes
      ? replicaAct(fault, replica, environment)
      : undefined;
  },
  store: (fault, environment) =>
    environment.store.pid() === undefined ? undefined : storeAct(fault, environment),
};

function indexOf({ replica }: TimedFault): number {
  return (replica ?? 1) - 1;
}

function connectionAct(
  fault: TimedFault,
  proxy: string,
  driver: ToxicDriver,
  recovered: () => Promise<void>,
): FaultAct {
  const { id, action, stream, detail } = fault;
  const isDown = action === 'down';
  return {
    target: proxy,
    isPossible: always,
    async begin() {
      if (isDown) await driver.setEnabled(proxy, false);
      else {
        await driver.addToxic(proxy, {
          name: id,
          type: action,
          stream: stream ?? 'downstream',
          toxicity: 1,
          attributes: detail,
        });
      }
    },
    async undo() {
      if (isDown) await driver.setEnabled(proxy, true);
      else await driver.removeToxic(proxy, id);
      await recovered();
    },
  };
}

function replicaAct({ action, overlap }: TimedFault, replica: Replica, environment: Environment): FaultAct {
  const isKill = action === 'kill';
  // The others must carry on, unless the schedule says otherwise: else never are all of them dead at once by our doing.
  const needed = overlap === true ? [replica] : environment.replicas;
  return {
    target: `replica-${replica.index}`,
    isPossible: () => until(async () => needed.every((one) => one.isUp()), TURN_LIMIT_MS, 20),
    begin: async () => (isKill ? replica.kill() : replica.pause()),
    async undo() {
      replica.resume();
      if (isKill) await replica.restart();
      await recovery(environment, replica);
    },
  };
}

function storeAct({ action }: TimedFault, environment: Environment): FaultAct {
  const { store } = environment;
  const isKill = action === 'kill';
  return {
    target: 'store',
    isPossible: async () => store.isUp(),
    begin: async () => (isKill ? store.kill() : store.pause()),
    async undo() {
      store.resume();
      if (isKill) await store.restart();
      await Promise.all(environment.replicas.map((replica) => recovery(environment, replica)));
    },
  };
}

/**
 * A store that is back is of no use before the replica has found it: until then the fault is not over. A replica that
 * is down by another fault is that one's business.
 */
async function recovery(environment: Environment, replica: Replica | undefined): Promise<void> {
  if (replica?.isUp()) await environment.waitReady(RECOVERY_LIMIT_MS, replica.index);
}
