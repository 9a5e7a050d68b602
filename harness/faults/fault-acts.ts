/** How each timed fault is done and undone on an environment. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../environment/types.ts';
import type { Replica } from '../environment/replicas.ts';
import { until } from '../environment/store.ts';
import type { ToxicDriver } from '../proxy/driver.ts';
import { clockActOf } from './clock-acts.ts';
import type { FaultAct } from './fault-act.ts';
import { isClockFault, type Place } from './fault-rule.ts';
import { storeActOf } from './store-acts.ts';
import type { TimedFault } from './timed-fault.ts';

/** How long a kill waits for replicas that are still coming back from another fault. ms. */
const TURN_LIMIT_MS = 3000;
/** How long a part may take until it works again. ms. */
const RECOVERY_LIMIT_MS = 15_000;

const always = async (): Promise<boolean> => true;

/** The act of a fault; undefined where the environment has no such part. */
export function actOf(fault: TimedFault, environment: Environment): FaultAct | undefined {
  if (isClockFault(fault)) return clockActOf(fault, environment);
  return ACTS[fault.where](fault, environment);
}

const ACTS: Readonly<Record<Place, (fault: TimedFault, environment: Environment) => FaultAct | undefined>> = {
  edge(fault, { proxies, driver }) {
    const proxy = proxies[indexOf(fault)]?.edge;
    return proxy === undefined ? undefined : connectionAct(fault, proxy, driver, async () => {});
  },
  'store-path'(fault, environment) {
    const proxy = storePathOf(fault, environment);
    if (proxy === undefined) return undefined;
    const replica = environment.replicas[indexOf(fault)];
    return connectionAct(fault, proxy, environment.driver, () => recovery(environment, replica));
  },
  replica(fault, environment) {
    if (!environment.capabilities.processes) return undefined;
    if (fault.action === 'rolling-restart') return fleetAct(fault, environment);
    const replica = environment.replicas[indexOf(fault)];
    return replica && replicaAct(fault, replica, environment);
  },
  store: storeAct,
};

/** An endpoint may talk to several stores: the rule's faults meet them in turn, so that each one is met. */
function storePathOf(fault: TimedFault, { proxies }: Environment): string | undefined {
  const { store, stores = [] } = proxies[indexOf(fault)] ?? {};
  const turn = Math.floor((Number(/#(\d+)$/.exec(fault.id)?.[1] ?? 1) - 1) / proxies.length);
  return stores[turn % stores.length] ?? store;
}

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
    // Where a driver keeps few toxics, this one waits for its turn.
    isPossible: isDown
      ? always
      : () => until(async () => driver.hasRoom?.(proxy, stream ?? 'downstream') ?? true, TURN_LIMIT_MS),
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

function replicaAct({ action }: TimedFault, replica: Replica, environment: Environment): FaultAct {
  const end = action === 'kill' ? replica.kill : action === 'restart' ? replica.stop : undefined;
  return {
    target: `replica-${replica.index}`,
    isPossible: () => areAllUp(environment),
    begin: end ?? (async () => replica.pause()),
    async undo() {
      replica.resume();
      if (end) await replica.restart();
      await recovery(environment, replica);
    },
  };
}

/** As a deployment does it: each replica is down for the fault's length, and the next one's turn is when it is ready. */
function fleetAct({ durationMs }: TimedFault, environment: Environment): FaultAct {
  const { replicas } = environment;
  let isOver = false;
  return {
    target: 'replicas',
    isPossible: () => areAllUp(environment),
    async begin() {
      for (const replica of replicas) {
        if (isOver) return;
        await replica.stop();
        await delay(durationMs);
        await replica.restart();
        await recovery(environment, replica);
      }
    },
    async undo() {
      isOver = true;
      const down = replicas.filter((replica) => !replica.isUp());
      await Promise.all(down.map((replica) => replica.restart()));
      await Promise.all(replicas.map((replica) => recovery(environment, replica)));
    },
  };
}

/** The others must carry on: never are all of them dead at once by our doing. */
function areAllUp({ replicas }: Environment): Promise<boolean> {
  return until(async () => replicas.every((one) => one.isUp()), TURN_LIMIT_MS, 20);
}

function storeAct(fault: TimedFault, environment: Environment): FaultAct | undefined {
  const { store, replicas } = environment;
  const act = storeActOf(fault, environment);
  return (
    act && {
      target: 'store',
      isPossible: async () => store.isUp() && (await (act.isPossible?.() ?? true)),
      begin: act.begin,
      async undo() {
        store.resume();
        await act.undo();
        await Promise.all(replicas.map((replica) => recovery(environment, replica)));
      },
    }
  );
}

/**
 * A store that is back is of no use before the replica has found it: until then the fault is not over. A replica that
 * is down by another fault is that one's business.
 */
async function recovery(environment: Environment, replica: Replica | undefined): Promise<void> {
  if (replica?.isUp()) await environment.waitReady(RECOVERY_LIMIT_MS, replica.index);
}
