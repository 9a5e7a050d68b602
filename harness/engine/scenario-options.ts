/** One scenario of a script, read strictly: what each executor may and must have, with k6's defaults. */
import { usageError, type HarnessError } from '../base/errors.ts';
import { parseDurationMs } from './duration.ts';
import { unsupported } from './unsupported.ts';

export interface Stage {
  readonly durationMs: number;
  readonly target: number;
}

interface ScenarioBase {
  readonly name: string;
  readonly exec: string;
  readonly startMs: number;
  readonly gracefulStopMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface IterationsScenario extends ScenarioBase {
  readonly executor: 'shared-iterations' | 'per-vu-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly maxMs: number;
}

export interface ConstantVusScenario extends ScenarioBase {
  readonly executor: 'constant-vus';
  readonly vus: number;
  readonly durationMs: number;
}

export interface RampingVusScenario extends ScenarioBase {
  readonly executor: 'ramping-vus';
  readonly startVus: number;
  readonly stages: readonly Stage[];
  readonly gracefulRampDownMs: number;
}

interface ArrivalsBase extends ScenarioBase {
  readonly unitMs: number;
  readonly preAllocated: number;
  readonly maxVus: number;
}

export interface ConstantArrivalsScenario extends ArrivalsBase {
  readonly executor: 'constant-arrival-rate';
  readonly rate: number;
  readonly durationMs: number;
}

export interface RampingArrivalsScenario extends ArrivalsBase {
  readonly executor: 'ramping-arrival-rate';
  readonly startRate: number;
  readonly stages: readonly Stage[];
}

export type ArrivalsScenario = ConstantArrivalsScenario | RampingArrivalsScenario;

export type ScenarioOptions =
  IterationsScenario | ConstantVusScenario | RampingVusScenario | ArrivalsScenario;

export type Raw = Readonly<Record<string, unknown>>;

/** k6 refuses shorter ones. */
const MIN_DURATION_MS = 1_000;
const DEFAULT_GRACEFUL_MS = 30_000;

/** Members that every scenario may have. */
const COMMON = ['executor', 'startTime', 'gracefulStop', 'env', 'exec', 'tags'];

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'shared-iterations': ['vus', 'iterations', 'maxDuration'],
  'per-vu-iterations': ['vus', 'iterations', 'maxDuration'],
  'constant-vus': ['vus', 'duration'],
  'ramping-vus': ['startVUs', 'stages', 'gracefulRampDown'],
  'constant-arrival-rate': ['rate', 'timeUnit', 'duration', 'preAllocatedVUs', 'maxVUs'],
  'ramping-arrival-rate': ['startRate', 'timeUnit', 'stages', 'preAllocatedVUs', 'maxVUs'],
};

/** Reads a scenario by its name. Throws a usage HarnessError that names the member, what it must be and what it is. */
export function scenarioOf(name: string, raw: Raw): ScenarioOptions {
  const at = `options.scenarios.${name}`;
  if (!/^[0-9a-zA-Z_-]+$/.test(name)) throw invalid(at, 'a name of letters, digits, _ and -', name);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw invalid(at, 'an object', raw);
  const executor = raw['executor'];
  const members = MEMBERS[String(executor)];
  if (members === undefined) throw invalid(`${at}.executor`, Object.keys(MEMBERS).join(', '), executor);
  for (const member of Object.keys(raw)) {
    if (member === 'options') throw unsupported(`${at}.options (the browser's)`);
    if (!COMMON.includes(member) && !members.includes(member)) {
      throw invalid(`${at}.${member}`, `a member of ${String(executor)}: ${members.join(', ')}`, raw[member]);
    }
  }
  return { ...baseOf(name, raw, at), ...bodyOf(raw, at) } as ScenarioOptions;
}

function baseOf(name: string, raw: Raw, at: string): ScenarioBase {
  return {
    name,
    exec: text(raw, 'exec', at, 'default'),
    startMs: duration(raw, 'startTime', at, 0),
    gracefulStopMs: duration(raw, 'gracefulStop', at, DEFAULT_GRACEFUL_MS),
    env: namedTexts(raw, 'env', at),
    tags: namedTexts(raw, 'tags', at),
  };
}

function bodyOf(raw: Raw, at: string): Raw {
  const { executor } = raw;
  if (executor === 'shared-iterations' || executor === 'per-vu-iterations') return iterationsOf(raw, at);
  if (executor === 'constant-vus') {
    return { executor, vus: positive(raw, 'vus', at, 1), durationMs: wholeDuration(raw, 'duration', at) };
  }
  if (executor === 'ramping-vus') return rampingVusOf(raw, at);
  return arrivalsOf(raw, at);
}

function iterationsOf(raw: Raw, at: string): Raw {
  const vus = positive(raw, 'vus', at, 1);
  const iterations = positive(raw, 'iterations', at, 1);
  if (raw['executor'] === 'shared-iterations' && iterations < vus) {
    throw invalid(`${at}.iterations`, `at least as many as VUs (${vus})`, iterations);
  }
  return {
    executor: raw['executor'],
    vus,
    iterations,
    maxMs: wholeDuration(raw, 'maxDuration', at, 600_000),
  };
}

function rampingVusOf(raw: Raw, at: string): Raw {
  const startVus = count(raw, 'startVUs', at, 1);
  const stages = stagesOf(raw, at);
  if (startVus === 0 && stages.every(({ target }) => target === 0)) {
    throw invalid(`${at}.stages`, 'startVUs or a target above 0', raw['stages']);
  }
  return {
    executor: 'ramping-vus',
    startVus,
    stages,
    gracefulRampDownMs: duration(raw, 'gracefulRampDown', at, DEFAULT_GRACEFUL_MS),
  };
}

function arrivalsOf(raw: Raw, at: string): Raw {
  const preAllocated = count(raw, 'preAllocatedVUs', at);
  const maxVus = count(raw, 'maxVUs', at, preAllocated);
  if (maxVus < preAllocated)
    throw invalid(`${at}.maxVUs`, `at least preAllocatedVUs (${preAllocated})`, maxVus);
  const unitMs = duration(raw, 'timeUnit', at, 1_000);
  if (unitMs <= 0) throw invalid(`${at}.timeUnit`, 'a duration above 0', raw['timeUnit']);
  const shared = { executor: raw['executor'], preAllocated, maxVus, unitMs };
  if (raw['executor'] === 'ramping-arrival-rate') {
    return { ...shared, startRate: count(raw, 'startRate', at, 0), stages: stagesOf(raw, at) };
  }
  return { ...shared, rate: positive(raw, 'rate', at), durationMs: wholeDuration(raw, 'duration', at) };
}

function stagesOf(raw: Raw, at: string): Stage[] {
  const { stages } = raw;
  if (!Array.isArray(stages) || stages.length === 0)
    throw invalid(`${at}.stages`, 'at least one stage', stages);
  return (stages as Raw[]).map((stage, index) => ({
    durationMs: duration(stage, 'duration', `${at}.stages[${index}]`),
    target: count(stage, 'target', `${at}.stages[${index}]`),
  }));
}

/** A member as ms; `missing` where it is not given, else it must be. */
export function duration(raw: Raw, member: string, at: string, missing?: number): number {
  const value = raw[member];
  if ((value === undefined || value === null) && missing !== undefined) return missing;
  const durationMs = parseDurationMs(value);
  if (durationMs === undefined || durationMs < 0)
    throw invalid(`${at}.${member}`, 'a duration such as 30s', value);
  return durationMs;
}

function wholeDuration(raw: Raw, member: string, at: string, missing?: number): number {
  const durationMs = duration(raw, member, at, missing);
  if (durationMs < MIN_DURATION_MS) throw invalid(`${at}.${member}`, 'at least 1s', raw[member]);
  return durationMs;
}

/** A member as a whole number; `missing` where it is not given, else it must be. */
export function count(raw: Raw, member: string, at: string, missing?: number): number {
  const value = raw[member] ?? missing;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) {
    throw invalid(`${at}.${member}`, 'a whole number, 0 or more', value);
  }
  return number;
}

function positive(raw: Raw, member: string, at: string, missing?: number): number {
  const value = count(raw, member, at, missing);
  if (value === 0) throw invalid(`${at}.${member}`, 'more than 0', value);
  return value;
}

function text(raw: Raw, member: string, at: string, missing: string): string {
  const value = raw[member] ?? missing;
  if (typeof value !== 'string') throw invalid(`${at}.${member}`, 'a text', value);
  return value;
}

function namedTexts(raw: Raw, member: string, at: string): Record<string, string> {
  const value = raw[member] ?? {};
  if (
    typeof value !== 'object' ||
    Array.isArray(value) ||
    Object.values(value).some((one) => typeof one !== 'string')
  )
    throw invalid(`${at}.${member}`, 'an object whose members are texts', value);
  return texts(value);
}

/** An object of texts, e.g. tags. */
export function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries((value ?? {}) as Raw).map(([name, text]) => [name, String(text)]));
}

/** A member that is not what it must be. */
export function invalid(field: string, expected: string, found: unknown): HarnessError {
  return usageError('invalid-options', 'wrong value', {
    field,
    expected,
    found: found === undefined ? 'nothing' : found,
  });
}
