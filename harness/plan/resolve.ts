/** The plan of one run: what was asked for, what the target can do, and the schedule that follows from both. */

import { partOf } from '../model/segment.ts';
import { pointersOfTarget } from '../model/target.ts';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { faultNames, whyImpossible, resolveSchedule, type ResolvedSchedule } from '../faults/schedule.ts';
import { requiredCoverage } from '../checker/coverage.ts';
import { chooseEngine } from '../engine/engine.ts';
import { usageError } from '../base/errors.ts';
import type { RunEvent } from '../history/events.ts';
import { now } from '../base/now.ts';
import { durationMs } from '../base/duration.ts';
import { maxTimeOf } from './max-time.ts';
import { isScenarioName, SCENARIOS, withoutPassword, type AskedParts, type Plan } from './plan.ts';
import { packageRoot } from '../base/program.ts';
import type { RunRequest } from './request.ts';
import { proxyOf, storeOf } from '../environment/real-parts.ts';
import type { Stage } from '../environment/stage.ts';

export interface Planned {
  readonly plan: Plan;
  readonly runEvent: RunEvent;
  readonly schedule: ResolvedSchedule;
}

/** What was learnt of the target, and of the clocks, before anything was planned. */
interface Known {
  readonly unshown: RunEvent['unshown'];
  readonly clock: RunEvent['clock'];
}

/** What is asked of a scenario on a target, before anything of it happens. */
export function planOf(
  scenario: string,
  runId: string,
  options: RunRequest,
  stage: Stage,
  { unshown = [], clock }: Known = { unshown: [], clock: undefined },
): Planned {
  const { capabilities, contract, parts } = stage;
  const name = scenarioName(scenario);
  const seed = String(options.seed);
  const lengthMs = options.duration === undefined ? undefined : durationMs(options.duration);
  const schedule =
    options.schedule ??
    resolveSchedule(options.faults, {
      seed,
      scenario: name,
      capabilities,
      ...(lengthMs !== undefined && { durationMs: lengthMs }),
      ownsStore: !URL.canParse(options.store),
    });
  const { engine } = chooseEngine(options.engine);
  const impossible = whyImpossible(schedule);
  const faults = {
    profile: schedule.profile,
    kinds: schedule.kinds,
    names: faultNames(schedule),
    ...(impossible !== undefined && { impossible }),
  };
  const runEvent: RunEvent = {
    type: 'run',
    schema: 1,
    runId,
    seed,
    scenario: name,
    engine,
    proxy: parts.proxy,
    store: parts.store,
    contract,
    target: stage.endpointUrl ?? stage.directUrls[0] ?? stage.target.baseUrl,
    capabilities,
    startedAt: now(),
    faults,
    ...(unshown.length > 0 && { unshown }),
    ...(options.config && {
      listLagMs: options.config.limits.readLagMs,
      pointers: pointersOfTarget(options.config.target),
    }),
    client: options.client,
    // A replay is the whole of what it repeats.
    ...(options.segment !== undefined &&
      options.schedule === undefined && { segments: [partOf(options.segment).executionSegment] }),
    ...(clock !== undefined && { clock }),
    ...(options.config?.traceUrl !== undefined && { traceUrl: options.config.traceUrl }),
    ...(options.defect !== undefined && { defect: options.defect }),
    ...(options.config?.service && { service: options.config.service.replicas }),
  };
  const { intents, vus, duration, rate, segment } = options;
  const load = {
    timeoutMs: stage.timeoutMs,
    backoffFactor: stage.backoffFactor,
    ...(intents !== undefined && { intents }),
    ...(vus !== undefined && { vus }),
    ...(duration !== undefined && { duration }),
    ...(rate !== undefined && { rate }),
    ...(segment !== undefined && { segment }),
  };
  const maxTimeMs = maxTimeOf(scenario, load, stage.settleMs, options.maxTime);
  const plan: Plan = {
    schema: 1,
    runId,
    seed,
    scenario: name,
    client: options.client,
    keyShape: options.keyShape,
    profile: contract.profile,
    ...(options.defect !== undefined && { defect: options.defect }),
    replicas: capabilities.replicas,
    ...(options.lb !== undefined && { lb: options.lb }),
    workload: { ...load, ...(maxTimeMs !== undefined && { maxTimeMs }) },
    faults: { ...schedule, ...faults },
    required: requiredCoverage(runEvent),
    parts: { engine, proxy: parts.proxy, store: parts.store },
    asked: askedParts(scenario, engine, options),
  };
  return { plan, runEvent, schedule };
}

function askedParts(scenario: string, engine: AskedParts['engine'], options: RunRequest): AskedParts {
  const { config, configFile } = options;
  return {
    engine,
    proxy: withoutPassword(proxyOf(options.proxy)),
    ...(config === undefined && { store: withoutPassword(storeOf(options.store)) }),
    ...(!isScenarioName(scenario) && { script: resolve(scenario) }),
    ...(configFile !== undefined && { target: resolve(configFile) }),
  };
}

/** Path of a scenario's script: a bundled one by name, or a file. */
export function scriptOf(scenario: string): string {
  if (isScenarioName(scenario)) return join(packageRoot(), 'scenarios', `${scenario}.ts`);
  const file = resolve(scenario);
  if (/\.[cm]?[jt]s$/.test(scenario) && existsSync(file)) return file;
  throw usageError('scenario', 'no such scenario', {
    field: 'scenario',
    expected: `${SCENARIOS.join(', ')}, or the path of a script`,
    found: scenario,
  });
}

/** Its name, or the file's without folder and ending. */
export function scenarioName(scenario: string): string {
  return basename(scenario).replace(/\.[cm]?[jt]s$/, '');
}
