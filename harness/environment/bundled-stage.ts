/** The bundled reference server, with its surroundings, as the stage of a run. */

import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../base/errors.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { ArrivalEvent } from '../history/events.ts';
import { contractFrom, isProfileName, PROFILE_NAMES } from '../model/contract.ts';
import { referenceTarget } from '../model/target.ts';
import { startEnvironment } from './environment.ts';
import { assertPlayed } from './played.ts';
import { proxyOf, storeOf } from './real-parts.ts';
import { LOCAL_PATIENCE, type Stage, type StageOptions } from './stage.ts';

const REFERENCE_SETTLE_MS = 5000;
/** Longer than another request is waited for while one is held, shorter than the server waits for its store. ms */
const SWEEP_LEASE_MS = { least: 500, most: 1200 } as const;
/** So many processes that wait for each processor still leave every request its time within the least lease. */
const BUSY = 4;
/** One customer at a time, with nothing disturbed any more: several leases long is enough. ms */
const SWEEP_SETTLE_MS = 2000;
/** Of the bundled server, ms: told to it, and to the contract, so that a run says whether work outlasted it. */
const LEASE_MS = 1000;

/** Throws a usage error for a profile that it cannot play. */
export async function bundledStage(options: StageOptions): Promise<Stage> {
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
