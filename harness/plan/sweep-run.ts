/** Plan and run event of a sweep, from its stands. */

import { requiredCoverage } from '../checker/coverage.ts';
import { now } from '../base/now.ts';
import type { Capabilities, RunEvent } from '../history/events.ts';
import { storeOf } from '../environment/real-parts.ts';
import type { Stage } from '../environment/stage.ts';
import type { SweepFacts } from '../model/stand.ts';
import { resolve } from 'node:path';
import { withoutPassword, type Plan } from './plan.ts';
import type { RunRequest } from './request.ts';

/** Always this name, also where a scenario of one's own is called so: it is a folder under `results/`, too. */
export const SWEEP = 'sweep';

export interface SweepRequest extends Pick<
  RunRequest,
  'config' | 'configFile' | 'store' | 'replicas' | 'profile' | 'defect' | 'seed' | 'runId'
> {
  readonly depth: 1 | 2;
  readonly budgetMs?: number;
}

export function sweepPlan(
  runId: string,
  request: SweepRequest,
  stage: Stage,
  facts: SweepFacts,
  spots: string,
  unshown: RunEvent['unshown'] = [],
): { readonly plan: Plan; readonly runEvent: RunEvent } {
  const { contract, parts } = stage;
  const seed = String(request.seed);
  const proxy = `doors before ${spots}`;
  // The sweep's client goes past the hop: nobody sees arrivals.
  const capabilities: Capabilities = { ...stage.capabilities, arrivals: false };
  const faults = { profile: 'sweep', kinds: ['store', 'server'], names: ['stand'] } as const;
  const runEvent: RunEvent = {
    type: 'run',
    schema: 1,
    runId,
    seed,
    scenario: SWEEP,
    engine: SWEEP,
    proxy,
    store: parts.store,
    contract,
    target: stage.endpointUrl ?? stage.directUrls[0] ?? stage.target.baseUrl,
    capabilities,
    startedAt: now(),
    faults,
    ...(unshown.length > 0 && { unshown }),
    ...(request.config?.traceUrl !== undefined && { traceUrl: request.config.traceUrl }),
    client: 'seed',
    ...(request.defect !== undefined && { defect: request.defect }),
    ...(request.config?.service && { service: request.config.service.replicas }),
    sweep: facts,
  };
  const plan: Plan = {
    schema: 1,
    runId,
    seed,
    scenario: SWEEP,
    client: 'seed',
    keyShape: 'uuid',
    profile: contract.profile,
    ...(request.defect !== undefined && { defect: request.defect }),
    replicas: capabilities.replicas,
    workload: { timeoutMs: stage.timeoutMs, backoffFactor: stage.backoffFactor },
    faults: { ...faults, http: [], timed: [], left: [] },
    required: requiredCoverage(runEvent),
    parts: { engine: SWEEP, proxy, store: parts.store },
    asked: {
      engine: SWEEP,
      proxy: 'embedded',
      ...(request.config === undefined && { store: withoutPassword(storeOf(request.store)) }),
      ...(request.configFile !== undefined && { target: resolve(request.configFile) }),
    },
    sweep: { ...facts, ...(request.budgetMs !== undefined && { budgetMs: request.budgetMs }) },
  };
  return { plan, runEvent };
}
