/** Answers and reads rewritten where the config's pointers say that something stands: what a forgery is made of. Pure. */

import type { LedgerConfig } from '../config/define.ts';
import { pointsOf, writtenPoints } from '../model/amounts.ts';
import type { Refusal } from '../model/contract.ts';
import type { Pointer, Target } from '../model/target.ts';
import { at } from '../model/read-answer.ts';

/** An answer as it goes over the wire; names of headers in lower case. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
}

/** The same answer with another value at a pointer into its JSON body; as it was where the body is none. */
export function withValue(told: Told, pointer: Pointer | undefined, value: unknown): Told {
  if (pointer === undefined) return told;
  const body = parsed(told.text);
  if (body === undefined) return told;
  return { ...told, text: JSON.stringify(replaced(body, tokensOf(pointer), value)) };
}

export function withHeader(told: Told, name: string, value: string | undefined): Told {
  const { [name.toLowerCase()]: _was, ...others } = told.headers;
  return { ...told, headers: value === undefined ? others : { ...others, [name.toLowerCase()]: value } };
}

/** A refusal of the contract, with its code where the config reads codes. */
export function refusalOf(target: Target, { status, code }: Refusal): Told {
  const pointer = target.answer.code;
  const body = pointer === undefined || code === undefined ? {} : replaced({}, tokensOf(pointer), code);
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

/** The balance in an answer, moved by so many points. */
export function withBalanceMoved(target: Target, told: Told, byPoints: number): Told {
  return withBalance(target, told, (points) => points + byPoints);
}

export function withBalance(target: Target, told: Told, change: (points: number) => number): Told {
  const pointer = target.balance?.value;
  if (pointer === undefined) return told;
  const points = pointsOf(at(parsed(told.text), pointer), target.amounts);
  return points === undefined
    ? told
    : withValue(told, pointer, writtenPoints(change(points), target.amounts));
}

/** A page of the list with other items. */
export function withItems(
  target: Target,
  told: Told,
  change: (items: readonly unknown[]) => readonly unknown[],
): Told {
  const pointer = target.redemptions?.items;
  const items = pointer === undefined ? undefined : at(parsed(told.text), pointer);
  return Array.isArray(items) ? withValue(told, pointer, change(items)) : told;
}

/** The item of a redemption left out. */
export function hidden(
  target: Target,
  redemption: string,
): (items: readonly unknown[]) => readonly unknown[] {
  return (items) => items.filter((item) => idOf(target, item) !== redemption);
}

/** Beside the item of a redemption another like it, by another name. */
export function doubled(
  target: Target,
  redemption: string,
  other: string,
): (items: readonly unknown[]) => readonly unknown[] {
  return (items) =>
    items.flatMap((item) =>
      idOf(target, item) === redemption
        ? [replaced(item, tokensOf(target.redemptions?.redemption ?? ''), other), item]
        : [item],
    );
}

export function ledgerWithout(ledger: LedgerConfig, redemption: string): LedgerConfig {
  const isOther = (entry: { readonly redemption: string }): boolean => entry.redemption !== redemption;
  return {
    ...ledger,
    debits: ledger.debits.filter(isOther),
    ...(ledger.rewards && { rewards: ledger.rewards.filter(isOther) }),
  };
}

/** `key`: under which the second debit is booked; absent: under that of the first. */
export function ledgerDoubled(
  ledger: LedgerConfig,
  redemption: string,
  other: string,
  key?: string,
): LedgerConfig {
  const twice = <Entry extends { readonly redemption: string }>(
    entries: readonly Entry[],
    more: object = {},
  ): readonly Entry[] =>
    entries.flatMap((entry) =>
      entry.redemption === redemption ? [entry, { ...entry, ...more, redemption: other }] : [entry],
    );
  return {
    ...ledger,
    debits: twice(ledger.debits, key === undefined ? {} : { key }),
    ...(ledger.rewards && { rewards: twice(ledger.rewards) }),
  };
}

/** The name of the redemption in an answer's body; undefined where the config does not read it there. */
export function redemptionIn({ answer }: Target, { text }: Told): string | undefined {
  if (answer.from !== undefined && answer.from !== 'body') return undefined;
  const value = answer.redemption === undefined ? undefined : at(parsed(text), answer.redemption);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Whether an answer is this refusal: by its status, and by its code where both sides have one. */
export function isRefusal(target: Target, { status, text }: Told, row: unknown): row is Refusal {
  if (typeof row !== 'object' || row === null || !('status' in row) || row.status !== status) return false;
  const { code: pointer } = target.answer;
  if (pointer === undefined || !('code' in row)) return true;
  return at(parsed(text), pointer) === row.code;
}

function idOf(target: Target, item: unknown): string {
  const value = at(item, target.redemptions?.redemption ?? '');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function tokensOf(pointer: Pointer): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function replaced(value: unknown, [token, ...rest]: readonly string[], by: unknown): unknown {
  if (token === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === token ? replaced(item, rest, by) : item));
  const members = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return { ...members, [token]: replaced(members[token], rest, by) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
