/** Wrong usage is found before anything is started or sent. */

import { resolveSchedule, type ResolvedSchedule } from '../faults/schedule.ts';
import type { Limits } from '../config/limits.ts';
import { chooseEngine } from '../engine/engine.ts';
import { usageError } from '../base/errors.ts';
import { ALL_CAPABILITIES } from '../history/events.ts';
import { partOf } from '../model/segment.ts';
import { SCENARIOS, withoutPassword } from '../plan/plan.ts';
import { scenarioName, scriptOf, type Planned } from '../plan/resolve.ts';
import { storeOf } from '../environment/real-parts.ts';
import type { Stage } from '../environment/stage.ts';
import type { SuiteOptions } from './suite.ts';

/** What the config allows is no default: a flag that asks for more is refused. */
export function checkLimits(
  { maxVus, maxRequestsPerSecond }: Limits,
  { vus = 0, rate = 0 }: SuiteOptions,
): void {
  const tooMuch = (field: string, limit: string, found: number) =>
    usageError('flag', "more than the endpoint's config allows", { field, expected: limit, found });
  if (vus > maxVus) throw tooMuch('--vus', `at most limits.maxVus (${maxVus})`, vus);
  if (rate > maxRequestsPerSecond)
    throw tooMuch('--rate', `at most limits.maxRequestsPerSecond (${maxRequestsPerSecond})`, rate);
}

/** Faults were asked for, and no scenario of the command can have one on this target: that is a wrong command. */
export function refuseNoFaults({ runEvent }: Planned, options: SuiteOptions, { capabilities }: Stage): void {
  const { impossible } = runEvent.faults;
  if (impossible === undefined || options.schedule) return;
  const scenarios = options.scenarios.length > 0 ? options.scenarios : SCENARIOS;
  const isPossible = scenarios.some((scenario) => {
    const name = scenarioName(scenario);
    const { http, timed } = resolveSchedule(options.faults, {
      seed: String(options.seed),
      scenario: name,
      capabilities,
      ownsStore: !URL.canParse(options.store),
    });
    return http.length + timed.length > 0;
  });
  if (isPossible) return;
  throw usageError('schedule', 'no fault of it is possible here', {
    field: `--faults ${options.faults}`,
    expected: 'a target that can have at least one of its faults, or --faults none',
    found: impossible,
  });
}

/** Finds wrong usage before anything is started or written. */
export function checkRequest(scenario: string, options: SuiteOptions): void {
  scriptOf(scenario);
  chooseEngine(options.engine);
  checkSegment(options);
  if (options.schedule) return;
  scheduleAsked(scenario, options);
  if (options.faults === 'store-unsafe' && (options.config || storeOf(options.store) !== 'redis')) {
    throw usageError('schedule', 'needs a Redis that onceproof starts', {
      field: '--faults store-unsafe',
      expected: '--store redis, with redis-server on the PATH',
      found: options.config
        ? 'an endpoint of your own'
        : `--store ${withoutPassword(storeOf(options.store))}`,
    });
  }
}

/** Parts of one run have its name and its decisions in common. */
function checkSegment({ segment, runId, schedule }: SuiteOptions): void {
  if (segment === undefined) return;
  partOf(segment);
  if (runId !== undefined || schedule !== undefined) return;
  throw usageError('flag', 'needs a run id', {
    field: '--segment',
    expected: '--run-id beside it, the same for all parts of the run',
    found: segment,
  });
}

/** The schedule before it is known what the target can do: for what it says of itself. */
export function scheduleAsked(scenario: string, options: SuiteOptions): ResolvedSchedule {
  const capabilities = { ...ALL_CAPABILITIES, replicas: 16 };
  return resolveSchedule(options.faults, {
    seed: String(options.seed),
    scenario: scenarioName(scenario),
    capabilities,
  });
}
