/** Puts a server together from its options: store, hooks and replicas, started and stopped as one. */

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashPoint } from '../harness/model/protocol.ts';
import { createAccess } from './access.ts';
import { Arms } from './arms.ts';
import { buildHooks } from './hooks.ts';
import { MemoryStore } from './memory-store.ts';
import type { ServerOptions } from './options.ts';
import type { StepPlace } from './redeem.ts';
import { openRedisStore } from './redis-store.ts';
import { Replica, urlHost } from './replica.ts';
import type { Store } from './store.ts';

/** What a server tells the one who started it: one line of NDJSON each. */
export type ServerEvent =
  | {
      readonly event: 'listening';
      readonly replica: number;
      readonly url: string;
      readonly hooksUrl?: string;
      readonly pid: number;
    }
  | {
      readonly event: 'crash' | 'held';
      readonly replica: number;
      readonly point: CrashPoint;
      readonly customer: string;
      readonly key: string;
      readonly at: number;
    }
  | { readonly event: 'recovered'; readonly replica: number; readonly at: number };

export interface ServerSurroundings {
  /** Must have written when it returns: the next thing may be the end of the process. */
  readonly emit: (event: ServerEvent) => void;
  readonly log: (line: string) => void;
  /** Ends this process at once (Redis: a crash is a real one). */
  readonly die: () => void;
  /** Whether `die` does. */
  readonly isMortal: boolean;
}

export interface RunningServer {
  readonly replicas: readonly { readonly replica: number; readonly url: string }[];
  readonly hooksUrl?: string;
  /** Answers what is in flight, then closes everything. */
  close(): Promise<void>;
}

/** Starts it; throws what hindered it, with nothing left open. */
export async function startServer(
  options: ServerOptions,
  surroundings: ServerSurroundings,
): Promise<RunningServer> {
  const store = await openStore(options, surroundings.log);
  const closers: (() => Promise<unknown>)[] = [() => store.close()];
  const close = async () => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    for (const { customer, points } of options.customers)
      await store.provision({ customer, points, reset: false });
    const access = createAccess(options.tokens, options.hooks?.token ?? randomUUID());
    const arms = new Arms();
    const shared = { options, store, access, arms, surroundings };
    const replicas = Array.from({ length: options.replicas }, (_, offset) => newReplica(shared, offset));
    for (const { replica } of replicas) {
      await replica.start();
      closers.push(() => replica.close());
    }
    let hooksUrl: string | undefined;
    if (options.hooks) {
      const hooks = buildHooks({
        ...shared,
        skew: (replica, offsetMs) => {
          const skewed = replicas.find(({ index }) => index === replica);
          skewed?.replica.skew(offsetMs);
          return skewed !== undefined;
        },
        token: options.hooks.token,
        customerTtlMs: options.customerTtlMs,
        clockScope: options.contract.clockScope,
      });
      closers.push(() => hooks.close());
      await hooks.listen({ host: options.host, port: options.hooks.port });
      hooksUrl = `http://${urlHost(options.host)}:${(hooks.server.address() as AddressInfo).port}`;
    }
    const found = hooksUrl === undefined ? {} : { hooksUrl };
    const listening = replicas.map(({ index, replica }) => ({ replica: index, url: replica.url }));
    for (const entry of listening)
      surroundings.emit({ event: 'listening', ...entry, ...found, pid: process.pid });
    return { replicas: listening, ...found, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Shared {
  readonly options: ServerOptions;
  readonly store: Store;
  readonly access: ReturnType<typeof createAccess>;
  readonly arms: Arms;
  readonly surroundings: ServerSurroundings;
}

async function openStore(options: ServerOptions, log: (line: string) => void): Promise<Store> {
  if (options.store === 'memory') return new MemoryStore();
  const { store: url, keyPrefix, storeTimeoutMs: timeoutMs } = options;
  return openRedisStore({ url, keyPrefix, timeoutMs, log });
}

function newReplica(shared: Shared, offset: number): { readonly index: number; readonly replica: Replica } {
  const { options, store, access, arms, surroundings } = shared;
  const index = options.replicaIndex + offset;
  const replica = new Replica({
    index,
    host: options.host,
    port: options.port === 0 ? 0 : options.port + offset,
    store,
    access,
    arms,
    contract: options.contract,
    rewards: new Set(options.rewards),
    fulfilMs: options.fulfilMs,
    leaseMs: options.leaseMs,
    waitMs: options.waitMs,
    ...(options.defect ? { defect: options.defect } : {}),
    isMortal: surroundings.isMortal && options.store !== 'memory',
    log: surroundings.log,
    onCrash: (point, place, crashed) => crash(shared, index, point, place, crashed),
    onHeld: (point, place) =>
      surroundings.emit({ event: 'held', replica: index, point, ...placeOf(place), at: Date.now() }),
  });
  return { index, replica };
}

function crash(shared: Shared, index: number, point: CrashPoint, place: StepPlace, replica: Replica): void {
  const { options, surroundings } = shared;
  surroundings.emit({ event: 'crash', replica: index, point, ...placeOf(place), at: Date.now() });
  if (surroundings.isMortal && options.store !== 'memory') surroundings.die();
  replica.crash();
  void recover(shared, index, replica);
}

async function recover({ options, surroundings }: Shared, index: number, replica: Replica): Promise<void> {
  await sleep(options.restartAfterMs);
  try {
    await replica.start();
    surroundings.emit({ event: 'recovered', replica: index, at: Date.now() });
  } catch (error) {
    surroundings.log(`replica ${index} did not come back: ${String(error)}`);
  }
}

/** A claim is a place, too, with more members than an event should have. */
function placeOf({ customer, key }: StepPlace): StepPlace {
  return { customer, key };
}
