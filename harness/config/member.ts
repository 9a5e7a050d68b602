/**
 * Reading a config member by member: each reader takes one member with its path and gives a checked value, or
 * throws the one line that names the member, what was expected and what was found.
 */

import { usageError, type HarnessError } from '../base/errors.ts';

/** A value with its place, e.g. `redeem.body.points` of `onceproof.config.ts`. */
export interface Member {
  readonly value: unknown;
  readonly path: string;
  readonly file: string;
}

/** How the readers of this folder say that something is wrong. `isSecret` shows the kind of value only. */
export function wrong(member: Member, expected: string, isSecret = false): HarnessError {
  if (member.value === undefined) {
    return usageError('config_missing', `missing in ${member.file}`, { field: member.path, expected });
  }
  const found = isSecret ? kindOf(member.value) : shownOf(member.value);
  return usageError('config_wrong', `wrong in ${member.file}`, { field: member.path, expected, found });
}

export function isGiven(member: Member): boolean {
  return member.value !== undefined;
}

/** The members of an object, each of the known names; an unknown one is refused with the nearest known name. */
export function objectOf<K extends string>(
  member: Member,
  known: readonly K[],
): { readonly [N in K]: Member } {
  const value = member.value;
  if (!isPlainObject(value)) throw wrong(member, 'an object');
  for (const name of Object.keys(value)) {
    if (!(known as readonly string[]).includes(name)) throw unknownMember(member, name, known);
  }
  const entries = known.map((name) => [name, child(member, name)] as const);
  return Object.fromEntries(entries) as { [N in K]: Member };
}

export function child(member: Member, name: string): Member {
  const value =
    isPlainObject(member.value) && Object.hasOwn(member.value, name) ? member.value[name] : undefined;
  return { value, path: pathOf(member.path, name), file: member.file };
}

/** The items of an array, each as a member of its own. */
export function itemsOf(member: Member, expected: string, minCount = 0): readonly Member[] {
  if (!Array.isArray(member.value) || member.value.length < minCount) throw wrong(member, expected);
  return member.value.map((value: unknown, index) => ({
    value,
    path: `${member.path}[${index}]`,
    file: member.file,
  }));
}

/** A text of at least one character. */
export function textOf(member: Member, expected = 'a text'): string {
  if (typeof member.value !== 'string' || member.value === '') throw wrong(member, expected);
  return member.value;
}

export function matchOf(member: Member, pattern: RegExp, expected: string): string {
  if (typeof member.value !== 'string' || !pattern.test(member.value)) throw wrong(member, expected);
  return member.value;
}

export function oneOf<T extends string>(member: Member, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === member.value);
  if (found === undefined) throw wrong(member, orList(choices));
  return found;
}

/** A whole number in [min, max]. */
export function integerOf(member: Member, min: number, max: number, unit = ''): number {
  const value = member.value;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw wrong(member, `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`);
  }
  return value;
}

export function booleanOf(member: Member): boolean {
  if (typeof member.value !== 'boolean') throw wrong(member, 'true or false');
  return member.value;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

/** The known name that is nearest to a wrong one, by its beginning or by edit distance, when it is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 2));
  const near = known
    .map((candidate) => ({ candidate, distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((left, right) => left.distance - right.distance);
  return near[0]?.candidate;
}

function distanceOf(name: string, candidate: string): number {
  const isBeginning = name.length >= 3 && candidate.startsWith(name);
  return isBeginning ? 1 : editDistance(name, candidate);
}

function unknownMember(member: Member, name: string, known: readonly string[]): HarnessError {
  const near = nearest(name, known);
  const expected = near === undefined ? orList(known) : `${near} (did you mean that?)`;
  return usageError('config_unknown', `unknown member in ${member.file}`, {
    field: pathOf(member.path, name),
    expected,
    found: name,
  });
}

function pathOf(parent: string, name: string): string {
  const step = /^[\w$-]+$/.test(name) ? name : JSON.stringify(name);
  return parent === '' ? step : `${parent}.${step}`;
}

function shownOf(value: unknown): unknown {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'an empty text';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** Levenshtein's distance, one row at a time. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
