/** Reads a schedule file, strictly: each mistake is one line that names the rule and the member. */

import { usageError, messageOf, type HarnessError } from '../base/errors.ts';
import { smallText } from '../base/small-file.ts';
import { MAX_CLOCK_OFFSET_MS } from '../model/protocol.ts';
import {
  CLOCK_FAULTS,
  CONNECTION_FAULTS,
  FLEET_FAULTS,
  PLACES,
  PROCESS_FAULTS,
  REQUEST_FAULTS,
  TIMED_ACTIONS,
  isRequestRule,
  type FaultRule,
  type Place,
  type RequestRule,
  type TimedRule,
} from './fault-rule.ts';
import { PERSISTENCES, type Persistence } from '../environment/persistence.ts';
import { MAX_TIMED_FAULTS } from './timetable.ts';

export interface ScheduleFile {
  readonly name: string;
  /** What the store must keep; absent: everything. */
  readonly persistence?: Persistence;
  readonly rules: readonly FaultRule[];
}

const MAX_RULES = 100;
const DAY_MS = 86_400_000;
const REQUEST_MEMBERS = ['name', 'what', 'where', 'share', 'attempts', 'first', 'detail'];
const TIMED_MEMBERS = [
  'name',
  'what',
  'where',
  'after',
  'every',
  'times',
  'for',
  'overlap',
  'stream',
  'detail',
];

/** Reads and checks a file. Throws a usage error that names file, rule and member. */
export function readScheduleFile(file: string): ScheduleFile {
  let text: string;
  try {
    text = smallText(file);
  } catch (cause) {
    throw usageError('schedule_file', `cannot be read: ${messageOf(cause)}`, { field: file, cause });
  }
  return parseSchedule(text, file);
}

/** What a file must hold to say these rules. */
export function fileOf({ name, persistence, rules }: ScheduleFile): Readonly<Record<string, unknown>> {
  return { name, ...(persistence !== undefined && { persistence }), rules: rules.map(fileRule) };
}

function fileRule(rule: FaultRule): Readonly<Record<string, unknown>> {
  if (isRequestRule(rule)) return { ...rule };
  const { where, replica, ...members } = rule;
  return { ...members, where: replica === undefined ? where : `${where}:${replica}` };
}

/** The same for a text; `file` is only named in errors. The plan of a run holds its schedule, too. */
export function parseSchedule(text: string, file: string): ScheduleFile {
  const value = scheduleIn(jsonOf(text, file));
  const body = recordOf(value, file, 'an object with name and rules');
  refuseUnknown(body, ['name', 'persistence', 'rules'], file);
  const name = body['name'] ?? 'file';
  if (typeof name !== 'string' || name === '' || name.length > 64) {
    throw wrong(`${file}: name`, 'a text of 1 to 64 characters', name);
  }
  const persistence = PERSISTENCES.find((known) => known === body['persistence']);
  if (body['persistence'] !== undefined && persistence === undefined) {
    throw wrong(`${file}: persistence`, PERSISTENCES.join(', '), body['persistence']);
  }
  const rules = body['rules'];
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > MAX_RULES) {
    throw wrong(`${file}: rules`, `a list of 1 to ${MAX_RULES} rules`, rules);
  }
  const read = rules.map((rule: unknown, index) => readRule(rule, `${file}: rules[${index}]`));
  const twice = read.find((rule, index) => read.findIndex((other) => other.name === rule.name) !== index);
  if (twice) throw wrong(`${file}: rules`, 'a name of its own for each rule', twice.name);
  return { name, ...(persistence !== undefined && { persistence }), rules: read };
}

/** A plan's own schedule, or the value as it is. */
function scheduleIn(value: unknown): unknown {
  const plan = value as { readonly runId?: unknown; readonly faults?: { readonly file?: unknown } } | null;
  return typeof plan?.runId === 'string' ? plan.faults?.file : value;
}

function readRule(value: unknown, place: string): FaultRule {
  const rule = recordOf(value, place, 'an object');
  const { name, what } = rule;
  if (typeof name !== 'string' || name === '' || name.length > 64) {
    throw wrong(`${place}.name`, 'a text of 1 to 64 characters', name);
  }
  const request = REQUEST_FAULTS.find((known) => known === what);
  if (request) return readRequestRule(rule, name, request, place);
  const timed = TIMED_ACTIONS.find((known) => known === what);
  if (timed) return readTimedRule(rule, name, timed, place);
  throw wrong(`${place}.what`, [...REQUEST_FAULTS, ...TIMED_ACTIONS].join(', '), what);
}

function readRequestRule(
  rule: Record<string, unknown>,
  name: string,
  what: RequestRule['what'],
  place: string,
): RequestRule {
  refuseUnknown(rule, REQUEST_MEMBERS, place);
  const { where, share, attempts, first, detail } = rule;
  if (where !== undefined && where !== 'hop') throw wrong(`${place}.where`, 'hop', where);
  const isAttempts =
    Array.isArray(attempts) && attempts.length > 0 && attempts.every((n) => isWhole(n, 1, 1000));
  if (attempts !== undefined && !isAttempts) {
    throw wrong(`${place}.attempts`, 'a list of attempt numbers, from 1', attempts);
  }
  return {
    name,
    what,
    ...(share !== undefined && { share: numberIn(share, 0, 1, `${place}.share`) }),
    ...(isAttempts && { attempts }),
    ...(first !== undefined && { first: wholeIn(first, 1, 1_000_000, `${place}.first`) }),
    ...(detail !== undefined && { detail: recordOf(detail, `${place}.detail`, 'an object') }),
  };
}

function readTimedRule(
  rule: Record<string, unknown>,
  name: string,
  what: TimedRule['what'],
  place: string,
): TimedRule {
  refuseUnknown(rule, TIMED_MEMBERS, place);
  const { after, every, times, overlap, stream } = rule;
  if (stream !== undefined && stream !== 'upstream' && stream !== 'downstream') {
    throw wrong(`${place}.stream`, 'upstream or downstream', stream);
  }
  if (overlap !== undefined && typeof overlap !== 'boolean') {
    throw wrong(`${place}.overlap`, 'true or false', overlap);
  }
  if (times !== undefined && every === undefined) {
    throw wrong(`${place}.every`, 'ms from start to start, beside times', every);
  }
  const { where, replica } = readPlace(rule['where'], what, `${place}.where`);
  const detail = readDetail(rule['detail'], what, `${place}.detail`);
  return {
    name,
    what,
    where,
    ...(replica !== undefined && { replica }),
    after: after === undefined ? 0 : wholeIn(after, 0, DAY_MS, `${place}.after`),
    ...(every !== undefined && { every: wholeIn(every, 100, DAY_MS, `${place}.every`) }),
    ...(times !== undefined && { times: wholeIn(times, 1, MAX_TIMED_FAULTS, `${place}.times`) }),
    for: readDuration(rule['for'], `${place}.for`),
    ...(overlap !== undefined && { overlap }),
    ...(stream !== undefined && { stream }),
    ...(detail && { detail }),
  };
}

function readPlace(
  value: unknown,
  what: TimedRule['what'],
  place: string,
): { readonly where: Place; readonly replica?: number } {
  const allowed = placesOf(what);
  const hasNumber = (one: string): boolean => one !== 'store' && !isOneOf(FLEET_FAULTS, what);
  const expected = allowed.map((one) => (hasNumber(one) ? `${one}, ${one}:1` : one)).join(', ');
  const parts = typeof value === 'string' ? /^([a-z-]+)(?::(\d{1,2}))?$/.exec(value) : null;
  const where = PLACES.find((known) => known === parts?.[1]);
  const number = parts?.[2];
  const isNumbered = where !== undefined && number !== undefined;
  const isWrong = isNumbered && (number === '0' || !hasNumber(where));
  if (where === undefined || !allowed.includes(where) || isWrong) {
    throw wrong(place, `${expected} (for ${what})`, value);
  }
  return number === undefined ? { where } : { where, replica: Number(number) };
}

function placesOf(what: TimedRule['what']): readonly Place[] {
  if (isOneOf(CONNECTION_FAULTS, what)) return ['edge', 'store-path'];
  if (isOneOf(PROCESS_FAULTS, what)) return ['replica', 'store'];
  return isOneOf(FLEET_FAULTS, what) || what === 'skew' ? ['replica'] : ['store'];
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}

function readDuration(value: unknown, place: string): TimedRule['for'] {
  const expected = 'ms from 10 to 60000, or [from, to]';
  if (!Array.isArray(value)) {
    if (!isWhole(value, 10, 60_000)) throw wrong(place, expected, value);
    return value;
  }
  const [from, to, ...more] = value as readonly unknown[];
  if (!isWhole(from, 10, 60_000) || !isWhole(to, from, 60_000) || more.length > 0)
    throw wrong(place, expected, value);
  return [from, to];
}

/** Attributes are whole numbers, as the real Toxiproxy demands; those without which it blocks or dies must be there. */
function readDetail(
  value: unknown,
  what: TimedRule['what'],
  place: string,
): Readonly<Record<string, number>> | undefined {
  const known = ATTRIBUTES[what];
  if (value === undefined && known.needed === undefined) return undefined;
  const detail = recordOf(value ?? {}, place, 'an object');
  refuseUnknown(detail, known.all, place);
  if (isOneOf(CLOCK_FAULTS, what))
    return { offset_ms: readOffset(detail['offset_ms'], `${place}.offset_ms`) };
  for (const [name, number] of Object.entries(detail)) wholeIn(number, 0, 1_000_000_000, `${place}.${name}`);
  const { needed, most } = known;
  if (needed !== undefined && !isWhole(detail[needed], 1, most ?? 1_000_000_000)) {
    const expected = most === undefined ? 'a whole number of at least 1' : `a whole number from 1 to ${most}`;
    throw wrong(`${place}.${needed}`, expected, detail[needed]);
  }
  return detail as Readonly<Record<string, number>>;
}

/** A clock can be wrong both ways, and by 0 it is not. */
function readOffset(value: unknown, field: string): number {
  if (value !== 0 && isWhole(value, -MAX_CLOCK_OFFSET_MS, MAX_CLOCK_OFFSET_MS)) return value;
  const most = MAX_CLOCK_OFFSET_MS;
  throw wrong(field, `a whole number from ${-most} to ${most} but 0`, value);
}

const ATTRIBUTES: Readonly<
  Record<
    TimedRule['what'],
    { readonly all: readonly string[]; readonly needed?: string; readonly most?: number }
  >
> = {
  latency: { all: ['latency', 'jitter'], needed: 'latency' },
  bandwidth: { all: ['rate'], needed: 'rate' },
  slow_close: { all: ['delay'], needed: 'delay' },
  timeout: { all: ['timeout'] },
  reset_peer: { all: ['timeout'] },
  slicer: { all: ['average_size', 'size_variation', 'delay'], needed: 'average_size' },
  limit_data: { all: ['bytes'], needed: 'bytes' },
  down: { all: [] },
  kill: { all: [] },
  pause: { all: [] },
  restart: { all: [] },
  'rolling-restart': { all: [] },
  'out-of-memory': { all: [] },
  slow: { all: ['latency', 'jitter'], needed: 'latency' },
  loading: { all: [] },
  'power-loss': { all: [] },
  'lose-disk': { all: [] },
  evict: { all: ['percent'], needed: 'percent', most: 100 },
  failover: { all: [] },
  skew: { all: ['offset_ms'], needed: 'offset_ms' },
  'clock-jump': { all: ['offset_ms'], needed: 'offset_ms' },
};

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usageError('schedule_file', `not JSON: ${messageOf(cause)}`, { field: file, cause });
  }
}

function recordOf(value: unknown, field: string, expected: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(field, expected, value);
}

function refuseUnknown(value: Record<string, unknown>, known: readonly string[], field: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw wrong(`${field}.${unknown}`, known.join(', ') || 'no members', value[unknown]);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function wholeIn(value: unknown, min: number, max: number, field: string): number {
  if (isWhole(value, min, max)) return value;
  throw wrong(field, `a whole number from ${min} to ${max}`, value);
}

function numberIn(value: unknown, min: number, max: number, field: string): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw wrong(field, `a number from ${min} to ${max}`, value);
}

function wrong(field: string, expected: string, found: unknown): HarnessError {
  return usageError('schedule_file', 'wrong value', { field, expected, found: found ?? 'nothing' });
}
