/** Where a run plays: the bundled reference server with its surroundings, or one's own endpoint, in one shape. */

import { isOnlyAccepted, isPending } from '../model/final-answer.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { findToxiproxy } from '../proxy/toxiproxy.ts';
import { isLoopback } from '../config/hosts.ts';
import { DEFAULTS, type Limits, type ResolvedConfig } from '../config/resolve.ts';
import { contractFrom, isProfileName, PROFILE_NAMES, type Contract } from '../model/contract.ts';
import type { Balancer } from './balancer.ts';
import { assertPlayed } from './played.ts';
import { startEnvironment } from './environment.ts';
import { startOwnEnvironment } from './own.ts';
import type { Persistence } from './persistence.ts';
import type { Environment } from './types.ts';
import { keepSecret } from '../base/secrets.ts';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import type { ArrivalEvent, Capabilities } from '../history/events.ts';
import { startHooksBridge } from '../config/hooks-bridge.ts';
import { failAt } from '../config/failing.ts';
import type { EdgeOptions } from './proxies.ts';
import { signerOf } from '../config/signing.ts';
import { findProgram } from '../base/program.ts';
import { referenceTarget, type Target } from '../model/target.ts';

export interface StageOptions {
  readonly config?: ResolvedConfig;
  readonly proxy: string;
  readonly store: string;
  readonly lb?: Balancer;
  /** What a Redis of our own keeps; absent: everything. */
  readonly persistence?: Persistence;
  readonly replicas?: number;
  readonly profile?: string;
  readonly defect?: string;
  /** Doors that read the store's protocol, for a sweep. */
  readonly hasStoreDoors?: boolean;
  readonly seed: number;
  readonly runId: string;
  /** The run's own folder: server log and run file go there. */
  readonly dir: string;
}

export interface Stage {
  readonly environment: Environment;
  readonly contract: Contract;
  /** As the scripts see it: base URL is the hop's. */
  readonly target: Target;
  readonly capabilities: Capabilities;
  readonly hooksUrl?: string;
  readonly hooksToken?: string;
  /** What the endpoint is called, where nothing can be sent there directly. */
  readonly endpointUrl?: string;
  /** Throws when a request could not be signed. */
  readonly assertSigned?: () => void;
  /** Base URLs without anything of ours between. */
  readonly directUrls: readonly string[];
  readonly customers: readonly { readonly id: string; readonly token?: string }[];
  readonly tokenFor: (customer: string) => Promise<string>;
  /** Token for all customers; empty where each has its own. */
  readonly token: string;
  readonly timeoutMs: number;
  readonly backoffFactor: number;
  readonly settleMs: number;
  /** The largest body of an answer that is read. bytes */
  readonly maxAnswerBytes: number;
  /** What the endpoint's owner allows; absent: the bundled server takes what comes. */
  readonly limits?: Limits;
  readonly parts: { readonly server: string; readonly proxy: string; readonly store: string };
  /** Arrivals go there from now on. */
  readonly followArrivals: (take: (arrival: ArrivalEvent) => void) => void;
  close(): Promise<void>;
}

/** How clients wait for a server on this machine: for an answer, and what the seed's 1 s, 2 s, 4 s are multiplied by. */
const LOCAL_PATIENCE = { timeoutMs: 1000, backoffFactor: 0.02 } as const;
const REFERENCE_SETTLE_MS = 5000;
/** Longer than another request is waited for while one is held, shorter than the server waits for its store. ms */
const SWEEP_LEASE_MS = { least: 500, most: 1200 } as const;
/** So many processes that wait for each processor still leave every request its time within the least lease. */
const BUSY = 4;
/** One customer at a time, with nothing disturbed any more: several leases long is enough. ms */
const SWEEP_SETTLE_MS = 2000;
/** Of the bundled server, ms: told to it, and to the contract, so that a run says whether work outlasted it. */
const LEASE_MS = 1000;

/** Starts everything around the endpoint. When a part fails, what was started before it is ended. */
export async function openStage(options: StageOptions): Promise<Stage> {
  return options.config ? await ownStage(options, options.config) : await bundledStage(options);
}

async function bundledStage(options: StageOptions): Promise<Stage> {
  const profile = options.profile ?? 'seed';
  if (!isProfileName(profile)) {
    throw usageError('profile', 'no such profile', {
      field: '--profile',
      expected: PROFILE_NAMES.join(', '),
      found: profile,
    });
  }
  assertPlayed(profile);
  const leaseMs = options.hasStoreDoors === true ? sweepLeaseMs() : LEASE_MS;
  const arrivals: { take: (arrival: ArrivalEvent) => void } = { take: () => {} };
  const environment = await startEnvironment({
    store: storeOf(options.store),
    proxy: proxyOf(options.proxy),
    replicas: options.replicas ?? 2,
    ...(options.persistence !== undefined && { persistence: options.persistence }),
    ...(options.lb !== undefined && { lb: options.lb }),
    profile,
    // Each broken-off redemption of a sweep costs its lease: a short one makes many stands quick.
    leaseMs,
    ...(options.defect !== undefined && { defect: options.defect }),
    ...(options.hasStoreDoors === true && { hasStoreDoors: true }),
    seed: String(options.seed),
    runId: options.runId,
    logFile: join(options.dir, 'server.log'),
    workDir: options.dir,
    onArrival: (arrival) => arrivals.take(arrival),
  });
  return {
    environment,
    contract: contractFrom(profile, { leaseMs }),
    target: referenceTarget(environment.baseUrl),
    capabilities: environment.capabilities,
    ...(environment.hooksUrl !== undefined && { hooksUrl: environment.hooksUrl }),
    hooksToken: environment.hooksToken,
    directUrls: environment.directUrls,
    customers: [],
    tokenFor: () => Promise.resolve(environment.token),
    token: environment.token,
    timeoutMs: LOCAL_PATIENCE.timeoutMs,
    backoffFactor: LOCAL_PATIENCE.backoffFactor,
    settleMs: options.hasStoreDoors === true ? SWEEP_SETTLE_MS : REFERENCE_SETTLE_MS,
    maxAnswerBytes: DEFAULTS.limits.maxAnswerBytes,
    parts: environment.describe(),
    followArrivals: (take) => {
      arrivals.take = take;
    },
    close: () => environment.close(),
  };
}

/**
 * A lease that lapses because this machine is busy makes another stand of the one that was chosen, and a sweep that finds now this,
 * now that: a busy one gets a longer lease. (Where the load is not told, as on Windows, it is the least.)
 */
function sweepLeaseMs(): number {
  const { least, most } = SWEEP_LEASE_MS;
  const load = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.round(Math.min(most, least * Math.max(1, load / BUSY)));
}

async function ownStage(options: StageOptions, config: ResolvedConfig): Promise<Stage> {
  for (const flag of ['profile', 'defect', 'replicas', 'lb'] as const) {
    if (options[flag] !== undefined) {
      throw usageError('flag', 'is for the bundled reference server', {
        field: `--${flag}`,
        expected: 'no such flag beside --target',
        found: options[flag],
      });
    }
  }
  if (options.store !== 'auto') {
    throw usageError('flag', 'is for the bundled reference server', {
      field: '--store',
      expected: `no such flag beside the config ${config.file}`,
      found: options.store,
    });
  }
  // What is pointed at a door may not be reached before the door is there: it says so itself then.
  if (config.service === undefined && config.stores.length === 0) await assertReachable(config);
  const arrivals: { take: (arrival: ArrivalEvent) => void } = { take: () => {} };
  const signer = config.hooks.sign && signerOf(config.hooks.sign, DEFAULTS.hookTimeoutMs);
  const { status: statusCall } = config.target;
  const { redemption: redemptionPointer } = config.target.answer;
  const environment = await startOwnEnvironment({
    baseUrl: config.target.baseUrl,
    ...(config.baseUrls.length > 1 && { baseUrls: config.baseUrls }),
    ...(config.hooks.failNext && { arm: armOf(config.hooks.failNext) }),
    reach: { ...config.reach, ...(signer && { sign: signer.sign }) },
    proxy: proxyOf(options.proxy),
    seed: String(options.seed),
    runId: options.runId,
    workDir: options.dir,
    keyHeader: config.target.redeem.keyHeader,
    ...(config.target.redeem.keyPointer !== undefined && { keyPointer: config.target.redeem.keyPointer }),
    // '' finds no text in an object: a hop names no redemption where the config knows of none.
    redemptionPointer: redemptionPointer ?? '',
    isPending: (answer) =>
      statusCall ? isPending(statusCall, answer) : isOnlyAccepted(config.target, answer),
    onArrival: (arrival) => arrivals.take(arrival),
    stores: config.stores,
    serviceDir: dirname(config.file),
    ...(config.service && { service: config.service }),
    ...(options.hasStoreDoors === true && { hasStoreDoors: true }),
    ...(config.hooks.restart && { restart: restartOf(config.hooks.restart) }),
  });
  const hooksToken = keepSecret(randomBytes(16).toString('hex'));
  const { tokenFor } = config.auth;
  const bridge = await startHooksBridge({ hooks: config.hooks, token: hooksToken, tokenFor }).catch(
    async (error: unknown) => {
      await environment.close();
      throw error;
    },
  );
  const closeAll = async () => {
    await bridge.close();
    await environment.close();
  };
  const customers = await withTokens(config).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  return {
    environment,
    contract: config.contract,
    target: {
      ...config.target,
      baseUrl: environment.baseUrl,
      alsoAt: [config.target.baseUrl, ...environment.directUrls],
    },
    capabilities: { ...environment.capabilities, ...config.capabilities },
    hooksUrl: bridge.url,
    hooksToken,
    ...(config.service === undefined && { endpointUrl: config.target.baseUrl }),
    ...(signer && { assertSigned: signer.assertSigned }),
    directUrls: environment.directUrls,
    customers,
    tokenFor: bridge.tokenFor,
    token: '',
    timeoutMs: config.limits.timeoutMs,
    // A team's endpoint is asked as its customers' clients would: 1 s, 2 s, 4 s, unless it stands on this machine.
    backoffFactor: isLoopback(new URL(config.target.baseUrl).hostname) ? LOCAL_PATIENCE.backoffFactor : 1,
    settleMs: config.limits.settleMs,
    maxAnswerBytes: config.limits.maxAnswerBytes,
    limits: config.limits,
    parts: environment.describe(),
    followArrivals: (take) => {
      arrivals.take = take;
    },
    close: closeAll,
  };
}

function armOf(failNext: NonNullable<ResolvedConfig['hooks']['failNext']>): EdgeOptions['arm'] {
  return async ({ key }, attributes, upstream) =>
    await failAt(failNext, { key, attributes, upstream }, DEFAULTS.hookTimeoutMs);
}

/** The config's own way to restart an endpoint that we did not start. */
function restartOf(restart: NonNullable<ResolvedConfig['hooks']['restart']>): () => Promise<void> {
  return async () => {
    try {
      await restart();
    } catch (error) {
      throw harnessError('hook_failed', `hook restart: ${messageOf(error)}`);
    }
  };
}

/** Each customer of the list with the token that its requests carry: its own, or the common one. */
async function withTokens({ customers, auth }: ResolvedConfig): Promise<Stage['customers']> {
  return await Promise.all(
    customers.map(async ({ id, token }) => ({ id, token: token ?? (await auth.tokenFor(id)) })),
  );
}

/** However short an attempt may be: on a busy machine a connection takes its time. */
const REACHABLE_MS = 10_000;

/** An endpoint that is not there at all is told at once, before customers are made for it. */
async function assertReachable({ target, reach, limits: { timeoutMs } }: ResolvedConfig): Promise<void> {
  const isProxied = reach.proxyAt !== undefined;
  const url = new URL(isProxied ? `http://${reach.proxyAt}` : target.baseUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(Math.max(timeoutMs, REACHABLE_MS)) });
  } catch (error) {
    throw harnessError('unreachable', `the ${isProxied ? 'HTTP proxy' : 'endpoint'} cannot be reached`, {
      field: isProxied ? 'httpProxy' : 'baseUrl',
      expected: `somebody who listens on ${url.host}`,
      found: error instanceof Error && 'code' in error ? error.code : messageOf(error),
    });
  } finally {
    socket.destroy();
  }
}

/** `auto` takes the real part where it is found. */
export function storeOf(asked: string): string {
  if (asked !== 'auto') return asked;
  return findProgram('redis-server') === undefined ? 'memory' : 'redis';
}

/** `auto` takes the real part where it is found. */
export function proxyOf(asked: string): string {
  if (asked !== 'auto') return asked;
  return findToxiproxy() === undefined ? 'embedded' : 'toxiproxy';
}
