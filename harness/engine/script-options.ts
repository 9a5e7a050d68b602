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
import { rangesOf } from './blocked-addresses.ts';
import { stripesOf, WHOLE, type Stripes } from './stripes.ts';
import type { EngineOverrides } from './types.ts';
import { optionNamed, OPTION_TYPES, typeProblem } from './option-types.ts';
import { tlsOptions, tlsWarnings, type TlsOptions } from './tls-options.ts';
import { unsupported } from './unsupported.ts';

export interface ScriptOptions {
  readonly scenarios: readonly ScenarioOptions[];
  /** As declared: parsed when all metrics are known. */
  readonly thresholds: unknown;
  readonly setupTimeoutMs: number;
  readonly teardownTimeoutMs: number;
  readonly noConnectionReuse: boolean;
  readonly noVUConnectionReuse: boolean;
  readonly insecureSkipTLSVerify: boolean;
  readonly tls: TlsOptions;
  readonly discardResponseBodies: boolean;
  readonly throw: boolean;
  readonly maxRedirects: number;
  readonly isMaxRedirectsGiven: boolean;
  readonly noCookiesReset: boolean;
  /** k6's own tags that samples have. */
  readonly systemTags: ReadonlySet<string>;
  readonly userAgent: string;
  readonly hosts: ReadonlyMap<string, string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly summaryTrendStats: readonly string[];
  readonly summaryTimeUnit: string;
  readonly noSetup: boolean;
  readonly noTeardown: boolean;
  /** Requests a second over all VUs; 0: as many as come. */
  readonly requestsPerSecond: number;
  /** An iteration that is over sooner keeps its VU so long. */
  readonly minIterationMs: number;
  /** Host names that are not called; `*.` at the start stands for everything before. */
  readonly blockedHostnames: readonly string[];
  /** Ranges of addresses that are not called, in CIDR notation. */
  readonly blockedAddresses: readonly string[];
  /** Requests of one `http.batch` at once, in all and to one host. */
  readonly batch: number;
  readonly batchPerHost: number;
  /** What k6 would warn of. */
  readonly warnings: readonly string[];
  /** Which part of the test this process does. */
  readonly stripes: Stripes;
  /** What `exec.test.options` shows. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const DEFAULT_SYSTEM_TAGS: ReadonlySet<string> = new Set(
  'proto subproto status method url name group check error error_code tls_version scenario service expected_response'.split(
    ' ',
  ),
);

/** k6's defaults, in one place. */
export const NO_OPTIONS: ScriptOptions = {
  scenarios: [],
  thresholds: undefined,
  setupTimeoutMs: 60_000,
  teardownTimeoutMs: 60_000,
  noConnectionReuse: false,
  noVUConnectionReuse: false,
  insecureSkipTLSVerify: false,
  tls: {},
  discardResponseBodies: false,
  throw: false,
  maxRedirects: 10,
  isMaxRedirectsGiven: false,
  noCookiesReset: false,
  systemTags: DEFAULT_SYSTEM_TAGS,
  userAgent: 'onceproof',
  hosts: new Map(),
  tags: {},
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)'],
  summaryTimeUnit: '',
  noSetup: false,
  noTeardown: false,
  requestsPerSecond: 0,
  minIterationMs: 0,
  blockedHostnames: [],
  blockedAddresses: [],
  batch: 20,
  batchPerHost: 6,
  warnings: [],
  stripes: WHOLE,
  raw: {},
};

/** Resolves a script's options. Throws a usage HarnessError for what k6 answers with exit code 104, and for options that only the real k6 has. */
export function resolveOptions(declared: unknown, overrides: EngineOverrides): ScriptOptions {
  const { known, warnings } = namedOptions(declared);
  const raw = withOverrides(known, overrides);
  const scenarios = scenariosOf(raw);
  const flag = (name: string): boolean => raw[name] === true;
  const list = (name: string): readonly string[] | undefined => (raw[name] as string[] | null) ?? undefined;
  const stripes = stripesOf(raw['executionSegment'], raw['executionSegmentSequence']);
  return {
    scenarios: Object.entries(scenarios).map(([name, scenario]) => scenarioOf(name, scenario)),
    thresholds: raw['thresholds'],
    setupTimeoutMs: timeout(raw, 'setupTimeout', NO_OPTIONS.setupTimeoutMs),
    teardownTimeoutMs: timeout(raw, 'teardownTimeout', NO_OPTIONS.teardownTimeoutMs),
    noSetup: flag('noSetup'),
    noTeardown: flag('noTeardown'),
    noConnectionReuse: flag('noConnectionReuse'),
    noVUConnectionReuse: flag('noVUConnectionReuse'),
    noCookiesReset: flag('noCookiesReset'),
    insecureSkipTLSVerify: flag('insecureSkipTLSVerify'),
    tls: tlsOptions(raw),
    discardResponseBodies: flag('discardResponseBodies'),
    throw: flag('throw'),
    maxRedirects: count(raw, 'maxRedirects', 'options', NO_OPTIONS.maxRedirects),
    isMaxRedirectsGiven: raw['maxRedirects'] !== undefined && raw['maxRedirects'] !== null,
    requestsPerSecond: Math.max(0, Number(raw['rps'] ?? 0)),
    minIterationMs: duration(raw, 'minIterationDuration', 'options', 0),
    batch: count(raw, 'batch', 'options', NO_OPTIONS.batch),
    batchPerHost: count(raw, 'batchPerHost', 'options', NO_OPTIONS.batchPerHost),
    blockedHostnames: list('blockHostnames') ?? NO_OPTIONS.blockedHostnames,
    blockedAddresses: rangesOf(list('blacklistIPs')),
    systemTags: systemTagsOf(list('systemTags')),
    userAgent: typeof raw['userAgent'] === 'string' ? raw['userAgent'] : NO_OPTIONS.userAgent,
    hosts: new Map(Object.entries(texts(raw['hosts']))),
    tags: texts(raw['tags']),
    summaryTrendStats: trendStats(list('summaryTrendStats')),
    summaryTimeUnit: timeUnit(raw),
    warnings: [...warnings, ...tlsWarnings(raw)],
    stripes,
    raw: Object.freeze({ ...raw, ...(!stripes.isWhole && stripes.options()), scenarios }),
  };
}

/** The options by k6's names; what it does not know is worth its warning, what only it has is refused. */
function namedOptions(declared: unknown): { known: Raw; warnings: string[] } {
  const given = declared ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('options', 'an object', given);
  const known: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [spelled, value] of Object.entries(given)) {
    const name = optionNamed(spelled);
    if (name === undefined) {
      // k6 names the first one only, and warns once.
      if (warnings.length === 0) warnings.push(unknownField(spelled));
      continue;
    }
    const problem = typeProblem(name, value);
    if (problem !== undefined) throw invalid(`options.${name}`, problem, value);
    if (value === null || value === undefined) continue;
    if (OPTION_TYPES[name]?.isRefused === true) throw unsupported(`options.${name}`);
    known[name] = value;
  }
  return { known, warnings };
}

function unknownField(name: string): string {
  return `There were unknown fields in the options exported in the script: json: unknown field ${JSON.stringify(name)}`;
}

function timeout(raw: Raw, name: string, missing: number): number {
  const timeoutMs = duration(raw, name, 'options', missing);
  if (timeoutMs <= 0) throw invalid(`options.${name}`, 'a duration above 0', raw[name]);
  return timeoutMs;
}

/** Those that only the real k6 can fill are refused; others that it does not know are left out, as there. */
function systemTagsOf(given: readonly string[] | undefined): ReadonlySet<string> {
  if (given === undefined) return DEFAULT_SYSTEM_TAGS;
  if (given.includes('ocsp_status')) throw unsupported('"ocsp_status" of options.systemTags');
  return new Set(given);
}

function trendStats(given: readonly string[] | undefined): readonly string[] {
  for (const [index, name] of (given ?? []).entries()) {
    if (!/^(?:avg|min|med|max|count|p\(\d+(?:\.\d+)?\))$/.test(name) || percentOf(name) > 100)
      throw invalid(
        `options.summaryTrendStats[${index}]`,
        'avg, min, med, max, count or p(N) up to p(100)',
        name,
      );
  }
  return given ?? NO_OPTIONS.summaryTrendStats;
}

function percentOf(name: string): number {
  return name.startsWith('p(') ? Number(name.slice(2, -1)) : 0;
}

function timeUnit(raw: Raw): string {
  const unit = (raw['summaryTimeUnit'] ?? '') as string;
  if (unit !== '' && unit !== 's' && unit !== 'ms' && unit !== 'us')
    throw invalid('options.summaryTimeUnit', 's, ms or us', unit);
  return unit;
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
