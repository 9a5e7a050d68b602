/** Options of a program are checked as strictly as flags: by the same readers, under the name of the member. */

import { usageError } from '../base/errors.ts';
import { BALANCERS } from '../environment/balancer.ts';
import {
  duration,
  hosts,
  listOf,
  nameText,
  oneOf,
  segmentText,
  wholeNumber,
  wordOrUrl,
} from '../commands/options.ts';
import { PROFILE_NAMES } from '../model/contract.ts';
import { CLIENTS, KEY_SHAPES, RUN_LIMITS } from '../plan/plan.ts';
import { REPORT_KINDS } from '../report/kinds.ts';

type Reader = (text: string) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  engine: oneOf('engine', ['auto', 'embedded', 'k6']),
  proxy: wordOrUrl('proxy', ['auto', 'embedded', 'toxiproxy'], ['http:']),
  store: wordOrUrl('store', ['auto', 'memory', 'redis'], ['redis:', 'rediss:']),
  lb: oneOf('lb', BALANCERS),
  replicas: wholeNumber('replicas', 1, RUN_LIMITS.replicas),
  profile: oneOf('profile', PROFILE_NAMES),
  client: oneOf('client', CLIENTS),
  keyShape: oneOf('keyShape', KEY_SHAPES),
  seed: wholeNumber('seed', 0),
  runId: nameText('runId'),
  duration: duration('duration'),
  maxTime: duration('maxTime'),
  maxStall: duration('maxStall'),
  budget: duration('budget'),
  vus: wholeNumber('vus', 1, RUN_LIMITS.vus),
  rate: wholeNumber('rate', 1, RUN_LIMITS.rate),
  intents: wholeNumber('intents', 1, RUN_LIMITS.intents),
  segment: segmentText,
  depth: wholeNumber('depth', 1, 2),
  tries: wholeNumber('tries', 1, 1000),
  workers: wholeNumber('workers', 1, 64),
};
const TEXTS = ['faults', 'defect', 'out'];
const FUNCTIONS = ['onProgress'];
const OTHERS = ['target', 'scenarios', 'report', 'allowHosts', 'signal', 'env', 'first', 'trust', 'budget'];

/** Throws a usage error for the first member that is unknown, or has a value that it cannot have. */
export function checkOptions(options: object, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (!allowed.includes(name)) throw unknownMember(name, allowed);
    if (value === undefined) continue;
    READERS[name]?.(
      typeof value === 'number' || typeof value === 'string' ? `${value}` : `(a ${typeof value})`,
    );
    if (TEXTS.includes(name) && (typeof value !== 'string' || value === ''))
      throw wrong(name, 'a text', value);
    if (FUNCTIONS.includes(name) && typeof value !== 'function') throw wrong(name, 'a function', value);
    if (name === 'report') for (const kind of textsOf(name, value)) listOf('report', REPORT_KINDS)(kind);
    if (name === 'allowHosts') for (const host of textsOf(name, value)) hosts('allowHosts')(host);
    if (name === 'scenarios') textsOf(name, value);
    if (name === 'signal' && !(value instanceof AbortSignal)) throw wrong(name, 'an AbortSignal', value);
  }
}

/** The names that a call may have, from those that this file knows. */
export function membersOf(...names: readonly string[]): readonly string[] {
  const known = [...Object.keys(READERS), ...TEXTS, ...FUNCTIONS, ...OTHERS];
  const stray = names.filter((name) => !known.includes(name));
  if (stray.length > 0) throw new TypeError(`no reader for ${stray.join(', ')}`);
  return names;
}

function textsOf(name: string, value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const one of values) if (typeof one !== 'string' || one === '') throw wrong(name, 'texts', one);
  return values as readonly string[];
}

function wrong(field: string, expected: string, found: unknown): Error {
  return usageError('option', 'wrong value', { field, expected, found });
}

function unknownMember(field: string, allowed: readonly string[]): Error {
  return usageError('option', 'no such option', { field, expected: `one of ${allowed.join(', ')}` });
}
