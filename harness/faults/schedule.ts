/** Resolves `--faults`: a built-in schedule or a file becomes plain data, bounded, holding only what the target can bear. */

import { existsSync } from 'node:fs';
import { messageOf, usageError } from '../base/errors.ts';
import { HANDLER_FAILS } from '../history/events.ts';
import type { Capabilities, FaultKind } from '../history/events.ts';
import { ATTEMPT_HEADER, CRASH_POINTS } from '../model/protocol.ts';
import {
  isClockFault,
  isOutage,
  isRequestRule,
  type FaultRule,
  type Place,
  type RequestRule,
  type TimedRule,
} from './fault-rule.ts';
import type { Persistence } from '../environment/persistence.ts';
import { mergeHttpAttributes } from '../proxy/http/toxics.ts';
import { isGentleScenario, isProfileName, profilePersistence, profileRules, SCHEDULES } from './profiles.ts';
import type { ToxicSpec } from '../proxy/types.ts';
import { randomRules } from './random-schedule.ts';
import { fileOf, readScheduleFile, type ScheduleFile } from './schedule-file.ts';
import { KINDS, MAX_TIMED_FAULTS, timetable } from './timetable.ts';
import type { TimedFault } from './timed-fault.ts';
import { handlerFailures } from './handler-failures.ts';

export interface ScheduleOptions {
  readonly seed: string;
  /** Name of the scenario: some bear only gentle faults. */
  readonly scenario: string;
  readonly capabilities: Capabilities;
  /** Length of the run where it is known, ms. Default 120000: after that no timed fault begins. */
  readonly durationMs?: number;
  /** Whether the store is a process that we started (else it can be cut off, never killed). Default true. */
  readonly ownsStore?: boolean;
}

/** A request-level toxic of the hop, with the kind of fault that it is. */
export interface RequestFaultSpec {
  readonly kind: FaultKind;
  readonly toxic: ToxicSpec & { readonly name: string };
}

/** Plain data: it goes into the plan as it is, and the nemesis carries it out. */
export interface ResolvedSchedule {
  /** Name of the schedule. */
  readonly profile: string;
  /** The kinds of fault in it, each once. */
  readonly kinds: readonly FaultKind[];
  readonly http: readonly RequestFaultSpec[];
  readonly timed: readonly TimedFault[];
  /** Rules that this target cannot bear, and why. */
  readonly left: readonly { readonly rule: string; readonly why: string }[];
  /** The rules that it came from, as a schedule file says them: `--faults` takes them again, also out of a plan.json. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** What a Redis of our own keeps in this run; absent: everything that it acknowledged. */
  readonly persistence?: Persistence;
}

const DEFAULT_DURATION_MS = 120_000;
const MAX_DURATION_MS = 86_400_000;

/** The same arguments give the same schedule. Throws a usage error for an unknown name or a wrong file. */
export function resolveSchedule(nameOrFile: string, options: ScheduleOptions): ResolvedSchedule {
  const { capabilities, seed } = options;
  const file = rulesOf(nameOrFile, options);
  const { name, rules, persistence } = file;
  const left: { rule: string; why: string }[] = [];
  const able = rules.filter((rule) => {
    const why = reasonAgainst(rule, options);
    if (why !== undefined) left.push({ rule: rule.name, why });
    return why === undefined;
  });
  const http = able.filter(isRequestRule).map((rule) => requestFault(rule, capabilities));
  const timed = timetable(
    able.filter((rule): rule is TimedRule => !isRequestRule(rule)),
    {
      seed,
      replicas: capabilities.replicas,
      horizonMs: Math.min(options.durationMs ?? DEFAULT_DURATION_MS, MAX_DURATION_MS),
    },
  );
  const last = timed.length < MAX_TIMED_FAULTS ? undefined : timed.at(-1);
  if (last !== undefined) {
    const why = `none begins after ${Math.round(last.startMs / 1000)} s: ${MAX_TIMED_FAULTS} are the most of one run`;
    left.push({ rule: 'every timed fault', why });
  }
  const kinds = [...new Set([...http, ...timed].map(({ kind }) => kind))];
  return {
    profile: name,
    kinds,
    http,
    timed,
    left,
    ...(persistence !== undefined && { persistence }),
    ...(rules.length > 0 && { file: fileOf(file) }),
  };
}

/** Why a schedule that holds faults has none on this target; undefined where it has some, or none was asked for. */
export function whyImpossible({ http, timed, left }: ResolvedSchedule): string | undefined {
  if (http.length > 0 || timed.length > 0 || left.length === 0) return undefined;
  return [...new Set(left.map(({ why }) => why))].slice(0, 3).join('; ');
}

/** What begins so soon meets the requests of every run. ms */
const SOON_MS = 3000;

/**
 * What a schedule does, for the history's `run` event: the names of its faults; and in words of their own what decides
 * which moments are required (checker/coverage.ts).
 */
export function faultNames({ http, timed }: ResolvedSchedule): readonly string[] {
  const points = http
    .filter(({ toxic }) => toxic.type === 'http_arm')
    .map(({ toxic }) => toxic.attributes?.['point']);
  const soon = timed.filter(({ startMs }) => startMs <= SOON_MS);
  const isDown = ({ action, where }: TimedFault, ...kinds: readonly FaultKind[]): boolean =>
    isOutage({ what: action }) && action !== 'out-of-memory' && kinds.includes(KINDS[where]);
  const told: readonly (readonly [string, boolean])[] = [
    ['crash-before-debit-only', points.length > 0 && points.every((point) => point === 'after-claim')],
    ['late-copies', http.some(({ toxic }) => toxic.attributes?.['after_answer'] === true)],
    ['server-down', soon.some((fault) => isDown(fault, 'server'))],
    ['store-down', soon.some((fault) => isDown(fault, 'store', 'store-path'))],
    ['rolling-restart-soon', soon.some(({ action }) => action === 'rolling-restart')],
  ];
  const words = told.flatMap(([word, isTrue]) => (isTrue ? [word] : []));
  const names = [...http.map(({ toxic }) => toxic.type), ...timed.map(({ action }) => action)];
  return [...new Set<string>([...names, ...words])];
}

function rulesOf(nameOrFile: string, options: ScheduleOptions): ScheduleFile {
  const { seed, scenario } = options;
  if (nameOrFile === 'random') {
    const isAble = (rule: FaultRule): boolean => reasonAgainst(rule, options) === undefined;
    const drawn = randomRules({ seed, isGentle: isGentleScenario(scenario), isAble });
    return { name: 'random', rules: [...drawn, ...handlerFailures(scenario, options.capabilities)] };
  }
  if (isProfileName(nameOrFile)) {
    const persistence = profilePersistence(nameOrFile);
    const failures = nameOrFile === 'none' ? [] : handlerFailures(scenario, options.capabilities);
    const rules = [...profileRules(nameOrFile, scenario), ...failures];
    return { name: nameOrFile, rules, ...(persistence !== undefined && { persistence }) };
  }
  if (existsSync(nameOrFile)) return readScheduleFile(nameOrFile);
  throw usageError('schedule', 'no such fault schedule', {
    field: '--faults',
    expected: `${SCHEDULES.join(', ')} or a .json file`,
    found: nameOrFile,
  });
}

function reasonAgainst(rule: FaultRule, { capabilities, ownsStore }: ScheduleOptions): string | undefined {
  if (isRequestRule(rule)) {
    if (!capabilities.arrivals) return 'no hop before the endpoint';
    if (rule.what !== 'http_arm') return undefined;
    if (rule.detail?.['action'] === 'fail')
      return capabilities.failNext === true ? undefined : 'no hook lets the handler fail';
    return capabilities.crash ? undefined : 'no crash point can be armed';
  }
  if (rule.replica !== undefined && rule.replica > capabilities.replicas) {
    return `only ${capabilities.replicas} replica(s)`;
  }
  if (isClockFault({ action: rule.what })) return reasonAgainstClock(rule, capabilities);
  return REASONS[rule.where](capabilities, ownsStore ?? true);
}

/** An endpoint of one's own has at most a hook for the clock of single customers. */
function reasonAgainstClock({ where }: TimedRule, { clock, crash }: Capabilities): string | undefined {
  if (clock && crash) return undefined;
  return where === 'store' ? "no hook moves the store's clock" : "no hook makes a replica's clock wrong";
}

const REASONS: Readonly<Record<Place, (can: Capabilities, ownsStore: boolean) => string | undefined>> = {
  edge: (can) => (can.arrivals ? undefined : 'no proxy before the endpoint'),
  'store-path': (can) => (can.store ? undefined : 'no proxy before the store'),
  replica: (can) => (can.processes ? undefined : 'replicas are not processes of ours'),
  store: (can, ownsStore) => (can.store && ownsStore ? undefined : 'the store is not a process of ours'),
};

function requestFault(rule: RequestRule, capabilities: Capabilities): RequestFaultSpec {
  const { name, what, share, attempts, first } = rule;
  const attributes = {
    rule: name,
    ...selection(rule),
    ...(share !== undefined && { share }),
    ...(attempts !== undefined && { attempts }),
    ...(first !== undefined && { first }),
    ...detailFor(rule, capabilities),
  };
  // A crash is the server's doing, wherever it was armed.
  const point = rule.detail?.['point'];
  const failsHandler = what === 'http_arm' && rule.detail?.['action'] === 'fail';
  const isServer =
    what === 'http_arm' && !failsHandler && (CRASH_POINTS as readonly unknown[]).includes(point);
  return {
    kind: isServer ? 'server' : 'edge',
    toxic: {
      name: failsHandler && !name.startsWith(HANDLER_FAILS) ? HANDLER_FAILS + name : name,
      type: what,
      attributes: checked(rule, attributes),
    },
  };
}

/** The hop's own check, now and with the rule's name instead of in the middle of a run. */
function checked(
  { name, what }: RequestRule,
  attributes: Readonly<Record<string, unknown>>,
): typeof attributes {
  try {
    return mergeHttpAttributes(what, {}, attributes);
  } catch (cause) {
    throw usageError('schedule_file', messageOf(cause), { field: `fault rule ${name}`, cause });
  }
}

/** Attempts only, unless the rule itself says whom: a reading that is lost proves nothing about redemptions. */
function selection({ detail }: RequestRule): Readonly<Record<string, unknown>> {
  const isChosen = ['path', 'method', 'has_header', 'header_is', 'key'].some(
    (member) => detail !== undefined && member in detail,
  );
  return isChosen ? {} : { has_header: ATTEMPT_HEADER };
}

function detailFor(
  { what, detail }: RequestRule,
  { replicas }: Capabilities,
): Readonly<Record<string, unknown>> {
  // One replica has no other: its copy goes to itself.
  const isAlone = what === 'http_duplicate' && replicas < 2 && detail?.['upstream'] === 'other';
  return isAlone ? { ...detail, upstream: 'same' } : { ...detail };
}
