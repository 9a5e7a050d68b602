/** How each fault of the store itself is done and undone. What makes a store lose data needs a Redis of our own. */

import type { Environment } from '../environment/types.ts';
import { until, type RedisControls } from '../environment/store.ts';
import type { STORE_FAULTS, TimedAction, UNSAFE_FAULTS } from './fault-rule.ts';
import type { TimedFault } from './timed-fault.ts';

interface StoreAct {
  /** Waits, bounded, for a moment at which it may begin. Default: at once. */
  readonly isPossible?: () => Promise<boolean>;
  readonly begin: () => Promise<void>;
  readonly undo: () => Promise<void>;
}

type StoreAction = (typeof STORE_FAULTS | typeof UNSAFE_FAULTS)[number] | 'restart';

/** Since the last sync at least so much has been written that a power loss takes something with it. ms. */
const UNSYNCED_MS = 400;
const UNSYNCED_LIMIT_MS = 3000;

/** Undefined where the store is no process of ours, or the action is none of a store. */
export function storeActOf(fault: TimedFault, environment: Environment): StoreAct | undefined {
  const { store } = environment;
  const { redis } = store;
  if (redis === undefined && store.pid() === undefined) return undefined;
  if (fault.action === 'kill') return { begin: store.kill, undo: store.restart };
  if (fault.action === 'pause') {
    return { begin: async () => store.pause(), undo: async () => store.resume() };
  }
  return redis && isStoreAction(fault.action) ? ACTS[fault.action](fault, environment, redis) : undefined;
}

function isStoreAction(action: TimedAction): action is StoreAction {
  return action in ACTS;
}

const ACTS: Readonly<
  Record<StoreAction, (fault: TimedFault, environment: Environment, redis: RedisControls) => StoreAct>
> = {
  restart: (_fault, { store }, redis) => ({ begin: redis.stop, undo: store.restart }),
  'out-of-memory': (_fault, _environment, redis) => ({ begin: redis.fillMemory, undo: redis.freeMemory }),
  slow: slowAct,
  // For as long as it lasts it loads.
  loading: ({ durationMs }, { store }, redis) => ({
    begin: () => redis.reload(durationMs),
    undo: store.restart,
  }),
  'power-loss': (_fault, { store }, redis) => ({
    isPossible: () => until(async () => redis.sinceSyncMs() >= UNSYNCED_MS, UNSYNCED_LIMIT_MS),
    begin: redis.losePower,
    undo: store.restart,
  }),
  'lose-disk': (_fault, { store }, redis) => ({ begin: redis.loseDisk, undo: store.restart }),
  evict: ({ detail }, _environment, redis) => ({
    begin: () => redis.evict(Number(detail['percent'])),
    undo: redis.freeMemory,
  }),
  failover: (_fault, _environment, redis) => ({ begin: redis.startLagging, undo: redis.failOver }),
};

/** The store answers late, whoever asks: the same delay on every path to it. */
function slowAct({ id, detail }: TimedFault, { proxies, driver }: Environment): StoreAct {
  const paths = proxies.flatMap(({ store }) => store ?? []);
  return {
    async begin() {
      const toxic = {
        name: id,
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
        attributes: detail,
      } as const;
      await Promise.all(paths.map((path) => driver.addToxic(path, toxic)));
    },
    undo: async () => void (await Promise.all(paths.map((path) => driver.removeToxic(path, id)))),
  };
}
