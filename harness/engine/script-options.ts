/** A script's `options` and the run's overrides, resolved once: loose in, strict inside. */
import {
  count,
  duration,
  invalid,
  scenarioOf,
  texts,
  type Raw,
  type ScenarioOptions,
} from './scenario-options.ts';
import { stripesOf, WHOLE, type Stripes } from './stripes.ts';
import type { EngineOverrides } from './types.ts';
import { UNSUPPORTED_OPTIONS, unsupported } from './unsupported.ts';

export interface ScriptOptions {
  readonly scenarios: readonly ScenarioOptions[];
  /** As declared: parsed when all metrics are known. */
  readonly thresholds: unknown;
  readonly setupTimeoutMs: number;
  readonly teardownTimeoutMs: number;
  readonly noConnectionReuse: boolean;
  readonly noVUConnectionReuse: boolean;
  readonly insecureSkipTLSVerify: boolean;
  readonly discardResponseBodies: boolean;
  readonly throw: boolean;
  readonly maxRedirects: number;
  readonly userAgent: string;
  readonly hosts: ReadonlyMap<string, string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly summaryTrendStats: readonly string[];
  /** Which part of the test this process does. */
  readonly stripes: Stripes;
  /** What `exec.test.options` shows. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** k6's defaults, in one place. */
export const NO_OPTIONS: ScriptOptions = {
  scenarios: [],
  thresholds: undefined,
  setupTimeoutMs: 60_000,
  teardownTimeoutMs: 60_000,
  noConnectionReuse: false,
  noVUConnectionReuse: false,
  insecureSkipTLSVerify: false,
  discardResponseBodies: false,
  throw: false,
  maxRedirects: 10,
  userAgent: 'onceproof',
  hosts: new Map(),
  tags: {},
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)'],
  stripes: WHOLE,
  raw: {},
};

/** Resolves a script's options. Throws a usage HarnessError for what k6 answers with exit code 104, and for options that only the real k6 has. */
export function resolveOptions(declared: unknown, overrides: EngineOverrides): ScriptOptions {
  const raw = withOverrides((declared ?? {}) as Raw, overrides);
  for (const name of UNSUPPORTED_OPTIONS) {
    if (raw[name] !== undefined && raw[name] !== null) throw unsupported(`options.${name}`);
  }
  const scenarios = scenariosOf(raw);
  const stripes = stripesOf(raw['executionSegment'], raw['executionSegmentSequence']);
  return {
    scenarios: Object.entries(scenarios).map(([name, scenario]) => scenarioOf(name, scenario)),
    thresholds: raw['thresholds'],
    setupTimeoutMs: duration(raw, 'setupTimeout', 'options', NO_OPTIONS.setupTimeoutMs),
    teardownTimeoutMs: duration(raw, 'teardownTimeout', 'options', NO_OPTIONS.teardownTimeoutMs),
    noConnectionReuse: raw['noConnectionReuse'] === true,
    noVUConnectionReuse: raw['noVUConnectionReuse'] === true,
    insecureSkipTLSVerify: raw['insecureSkipTLSVerify'] === true,
    discardResponseBodies: raw['discardResponseBodies'] === true,
    throw: raw['throw'] === true,
    maxRedirects: count(raw, 'maxRedirects', 'options', NO_OPTIONS.maxRedirects),
    userAgent: typeof raw['userAgent'] === 'string' ? raw['userAgent'] : NO_OPTIONS.userAgent,
    hosts: new Map(Object.entries(texts(raw['hosts']))),
    tags: texts(raw['tags']),
    summaryTrendStats: (raw['summaryTrendStats'] as string[] | undefined) ?? NO_OPTIONS.summaryTrendStats,
    stripes,
    raw: Object.freeze({ ...raw, ...(!stripes.isWhole && stripes.options()), scenarios }),
  };
}

/** k6's rule: a flag for duration or iterations drops what the script says about execution. */
function withOverrides(declared: Raw, { vus, duration, iterations, rate, segment }: EngineOverrides): Raw {
  // A flag for the part leaves execution as it is.
  const raw: Raw = segment === undefined ? declared : { ...declared, ...segment };
  if (rate !== undefined)
    return withoutExecution(raw, { scenarios: { default: rateScenario(rate, duration, vus) } });
  if (duration !== undefined || iterations !== undefined) {
    return withoutExecution(raw, {
      vus: vus ?? raw['vus'],
      ...(duration === undefined ? {} : { duration }),
      ...(iterations === undefined ? {} : { iterations }),
    });
  }
  return vus === undefined ? raw : { ...raw, vus };
}

function withoutExecution(raw: Raw, added: Raw): Raw {
  const {
    vus: _vus,
    duration: _duration,
    iterations: _iterations,
    stages: _stages,
    scenarios: _scenarios,
    ...rest
  } = raw;
  return { ...rest, ...added };
}

function rateScenario(rate: number, duration: string | undefined, vus: number | undefined): Raw {
  return {
    executor: 'constant-arrival-rate',
    rate,
    duration: duration ?? '30s',
    preAllocatedVUs: vus ?? Math.max(1, rate),
  };
}

/** The shortcuts `vus`, `duration`, `iterations`, `stages` as scenarios (k6 `execution_config_shortcuts.go`). */
function scenariosOf(raw: Raw): Readonly<Record<string, Raw>> {
  const { vus, duration, iterations, stages } = raw;
  const scenarios = raw['scenarios'] as Readonly<Record<string, Raw>> | null | undefined;
  const has = (value: unknown): boolean => value !== undefined && value !== null;
  const conflicts = (names: Readonly<Record<string, unknown>>, used: string): void => {
    for (const [name, value] of Object.entries(names)) {
      if (has(value)) throw invalid(`options.${name}`, `not together with ${used}`, value);
    }
  };
  if (has(iterations)) {
    conflicts({ stages, scenarios }, 'iterations');
    return {
      default: {
        executor: 'shared-iterations',
        iterations,
        ...(has(vus) ? { vus } : {}),
        ...(has(duration) ? { maxDuration: duration } : {}),
      },
    };
  }
  if (has(duration)) {
    conflicts({ stages, scenarios }, 'duration');
    return { default: { executor: 'constant-vus', duration, vus: vus ?? 1 } };
  }
  if (Array.isArray(stages) && stages.length > 0) {
    conflicts({ scenarios }, 'stages');
    return { default: { executor: 'ramping-vus', stages, startVUs: vus ?? 1 } };
  }
  if (has(vus) && stages === undefined)
    return { default: { executor: 'shared-iterations', vus, iterations: vus } };
  if (has(scenarios) && Object.keys(scenarios ?? {}).length > 0) return scenarios ?? {};
  return { default: { executor: 'per-vu-iterations' } };
}
