/** The environment of a run: server replicas, store and chaos proxies, whoever made them. */

import type { ToxicDriver } from '../proxy/driver.ts';
import type { Door } from '../proxy/stores/types.ts';
import type { Persistence } from './persistence.ts';
import type { ChaosProxy } from '../proxy/chaos-proxy.ts';
import type { Leftovers } from '../base/leftovers.ts';
import type { ArrivalEvent, Capabilities } from '../history/events.ts';
import type { Balancer } from './balancer.ts';
import type { Replica } from './replicas.ts';
import type { ServerListener } from './server-events.ts';
import type { StoreHandle } from './store.ts';

export interface EnvironmentOptions {
  /** `redis`: a process of our own; a `redis://` URL: one that is there already, where only our own keys are touched. */
  readonly store: 'memory' | 'redis' | (string & {});
  /** `toxiproxy`: a process of our own; an `http://` URL: one that is there already, where only our own proxies are touched. */
  readonly proxy: 'embedded' | 'toxiproxy' | (string & {});
  /** A load balancer before the replicas; its account of each request goes to `nginx.log` in `workDir`. Default none. */
  readonly lb?: Balancer;
  /** What a Redis of our own keeps. Default always: everything. */
  readonly persistence?: Persistence;
  /** 1 to 16. */
  readonly replicas: number;
  /** Contract profile that the server keeps: seed, ietf, stripe. */
  readonly profile: string;
  readonly defect?: string;
  readonly seed: string;
  readonly runId: string;
  /** Further flags of the server program; absent ones are left to its defaults. ms. */
  readonly fulfilMs?: number;
  readonly leaseMs?: number;
  /** When the server gives its store up, ms. Default 1500: longer than a client of ours waits. */
  readonly storeTimeoutMs?: number;
  /** How long a crashed replica stays down before it is started again. ms, default 150. */
  readonly restartAfterMs?: number;
  /** After so long without an answer's end the hop answers 504 in its own name. ms, default 10000. */
  readonly answerTimeoutMs?: number;
  /** Doors that read the store's protocol stand before it, in the place of the TCP proxies. */
  readonly hasStoreDoors?: boolean;
  /** What server and store write to stderr goes there, appended. */
  readonly logFile: string;
  /** Gets `run.json` while something runs. */
  readonly workDir: string;
  readonly onServerEvent?: ServerListener;
  readonly onArrival?: (arrival: ArrivalEvent) => void;
}

/** Names of the proxies before and behind one replica. */
export interface ReplicaProxies {
  readonly edge: string;
  /** Absent where the store is not reached through a proxy. */
  readonly store?: string;
  /** An endpoint of one's own may talk to several stores: all of their proxies, the first one included. */
  readonly stores?: readonly string[];
}

/** A door that reads messages, between one replica (or all, where there is one door for them) and a store. */
export interface StoreDoor {
  /** The store's name. */
  readonly store: string;
  /** From 1. */
  readonly replica: number;
  readonly door: Door;
}

/** Which parts were taken, in words. */
export interface Description {
  readonly server: string;
  readonly store: string;
  readonly proxy: string;
}

export interface Environment {
  /** The front hop or the load balancer: what clients talk to. `http://host:port`, no slash at the end. */
  readonly baseUrl: string;
  /** The replicas without anything between, in order. */
  readonly directUrls: readonly string[];
  /** The hooks' address that outlives the crash of a replica; absent where there are none. */
  readonly hooksUrl?: string;
  /** Hooks of each replica. */
  readonly hooksUrls: readonly string[];
  readonly hooksToken: string;
  /** Bearer token that may act for every customer; empty for an endpoint of one's own. */
  readonly token: string;
  readonly capabilities: Capabilities;
  /** Ends what was started here when the harness is killed; others may add what they start. */
  readonly keeper: Leftovers;
  readonly replicas: readonly Replica[];
  /** By replica, in order. For an endpoint of one's own: the one proxy before it, or none. */
  readonly proxies: readonly ReplicaProxies[];
  readonly store: StoreHandle;
  /** By replica, where they were asked for. */
  readonly storeDoors: readonly StoreDoor[];
  /** Name of the front hop's proxy; absent where requests go to the endpoint or to a load balancer directly. */
  readonly hop?: string;
  /** Behind a load balancer: names of the hops before each replica, in order. They take the HTTP toxics instead of `hop`. */
  readonly replicaHops?: readonly string[];
  /** Takes the HTTP toxics (proxy `hop`) and counts the copies that are still to come. */
  readonly hopProxy: ChaosProxy;
  /** Takes the TCP toxics (names in `proxies`). */
  readonly driver: ToxicDriver;
  /** Hears the server's events from now on; gives back how to stop. */
  readonly subscribe: (listener: ServerListener) => () => void;
  /**
   * Waits until a replica (its number), or every one, is ready with its store reached; false when that takes longer
   * than `limitMs`.
   */
  readonly waitReady: (limitMs: number, replica?: number) => Promise<boolean>;
  /** Makes the server forget armed crash points that were not reached. Never throws. */
  readonly disarm: () => Promise<void>;
  readonly describe: () => Description;
  /** Ends everything that was started. A second call waits for the first. */
  readonly close: () => Promise<void>;
}
