/** What each pointer of a config found in an answer, and in one line what is wrong where it found nothing. */

import { exactJson } from '../model/json.ts';
import { at } from '../model/read-answer.ts';
import { orList } from '../config/member.ts';
import { kindOf, nearestPlaces, type Kind, type Place } from './candidates.ts';
import { ROLES, type PointerMember } from './roles.ts';

/** A pointer, and what stands there. */
export interface Found {
  readonly member: PointerMember;
  readonly pointer: string;
  /** Absent: nothing is there. */
  readonly value?: unknown;
  /** In words; absent: the pointer found what it is for. */
  readonly wrong?: string;
}

export interface Looked {
  readonly member: PointerMember;
  readonly pointer: string | undefined;
  /** Whether the client that the run uses could take a value from there. */
  readonly isRead: boolean;
  /** What it has to be, where that is known: a candidate that is this comes first. */
  readonly equal?: string | number;
  /** Values of the request: a candidate that is one of them comes last. */
  readonly sent?: readonly (string | number)[];
  /** Nothing, or null, may stand there. */
  readonly isOptional?: boolean;
}

/** Looks where a pointer points to in a body, or in one item of a list. */
export function lookedUp(body: unknown, looked: Looked): Found | undefined {
  const { member, pointer, isRead } = looked;
  if (pointer === undefined) return undefined;
  const value = at(body, pointer);
  const found = { member, pointer, ...(value !== undefined && { value }) };
  if (isRead) return found;
  if (looked.isOptional === true && (value === undefined || value === null)) return found;
  return { ...found, wrong: wrongWords(body, value, { ...looked, pointer }) };
}

/** The body as JSON, or undefined: then no pointer can find anything in it. */
export function jsonOf(text: string): unknown {
  return exactJson(text);
}

function wrongWords(body: unknown, value: unknown, looked: Looked & { readonly pointer: string }): string {
  const { pointer, member, equal, sent } = looked;
  const role = ROLES[member];
  const kinds: readonly Kind[] = role.kinds;
  if (value !== undefined && kinds.includes(kindOf(value)))
    return `\`${pointer}\` is ${shownValue(value)}, which cannot be taken`;
  const what =
    value === undefined
      ? `\`${pointer}\` not found`
      : `\`${pointer}\` is ${shownValue(value)}, not ${orList(kinds)}`;
  const wanted = {
    pointer,
    kinds,
    words: role.words,
    ...(equal !== undefined && { equal }),
    ...(sent !== undefined && { sent }),
  };
  const places = nearestPlaces(body, wanted);
  const where =
    member.startsWith('redemptions.') && member !== 'redemptions.items' ? 'the item' : 'the answer';
  if (places.length === 0) return `${what}; ${where} has ${orList(kinds)} nowhere`;
  return `${what}; ${where} has ${places.map(shownPlace).join(', ')}`;
}

export function shownPlace({ pointer, kind }: Place): string {
  return `\`${pointer}\` (${kind})`;
}

function shownValue(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'null') return 'null';
  if (kind === 'an array' || kind === 'an object') return kind;
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '');
  return `${kind} (${text.length > 40 ? `${text.slice(0, 39)}…` : text})`;
}
