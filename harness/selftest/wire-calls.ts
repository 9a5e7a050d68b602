/** Which of a config's calls a request is, and for whom: told by method, path and query, as the config fills them. */

import type { Pointer, Target, Template } from '../model/target.ts';
import { at } from '../model/read-answer.ts';

/** A request as it came in. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names in lower case; several lines of one name are a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export type CallKind = 'redeem' | 'balance' | 'list';

export interface Call {
  readonly kind: CallKind;
  readonly customer: string;
}

/** What a redeem request asks for, as far as its body and path say it. */
export interface Wanted {
  /** Absent: none was sent. */
  readonly key?: string;
  readonly hasManyKeys: boolean;
  readonly reward?: string;
}

interface Pattern {
  readonly kind: CallKind;
  readonly method: string;
  readonly path: RegExp;
  readonly names: readonly string[];
  readonly query: readonly (readonly [string, string])[];
}

export class WireCalls {
  readonly #patterns: readonly Pattern[];
  readonly #target: Target;
  readonly #accounts: ReadonlyMap<string, string>;
  readonly #places: ReadonlyMap<string, Pointer>;

  /** `basePath`: what stands before each path, without a slash at its end. */
  constructor(target: Target, basePath: string) {
    const { redeem, balance, redemptions, accounts = {} } = target;
    this.#target = target;
    this.#accounts = new Map(Object.entries(accounts).map(([customer, account]) => [account, customer]));
    this.#places = placesIn(redeem.body);
    this.#patterns = [
      patternOf('redeem', redeem.method, basePath + redeem.path),
      ...(balance ? [patternOf('balance', 'GET', basePath + balance.path)] : []),
      ...(redemptions ? [patternOf('list', 'GET', basePath + redemptions.path)] : []),
    ];
  }

  /** Undefined where it is none of them, or nobody knows for whom: such a request is passed on as it is. */
  callOf(asked: Asked, known: ReadonlySet<string>): Call | undefined {
    const [path = '', search = ''] = asked.path.split('?');
    const query = new URLSearchParams(search);
    for (const { kind, method, path: pattern, names, query: fixed } of this.#patterns) {
      const match = method === asked.method ? pattern.exec(path) : null;
      if (match === null || !hasAll(query, fixed)) continue;
      const customer = this.#customerOf(asked, names, match, fixed, query) ?? mentioned(asked, known);
      if (customer !== undefined) return { kind, customer };
    }
    return undefined;
  }

  wantedOf({ headers, text, path }: Asked): Wanted {
    const { redeem } = this.#target;
    const body = parsed(text);
    const sent =
      redeem.keyPointer === undefined ? headers[redeem.keyHeader.toLowerCase()] : at(body, redeem.keyPointer);
    const hasManyKeys = Array.isArray(sent);
    const reward = this.#textAt(body, 'reward_id') ?? this.#rewardIn(path);
    return {
      ...(typeof sent === 'string' && { key: sent }),
      hasManyKeys,
      ...(reward !== undefined && { reward }),
    };
  }

  #customerOf(
    asked: Asked,
    names: readonly string[],
    match: RegExpExecArray,
    fixed: Pattern['query'],
    query: URLSearchParams,
  ): string | undefined {
    for (const [index, name] of names.entries()) {
      const value = decoded(match[index + 1] ?? '');
      if (name === 'customer_id') return value;
      if (name === 'account_id') return this.#accounts.get(value);
    }
    for (const [name, value] of fixed) if (value === '{customer_id}') return query.get(name) ?? undefined;
    return this.#textAt(parsed(asked.text), 'customer_id');
  }

  #textAt(body: unknown, name: string): string | undefined {
    const pointer = this.#places.get(name);
    const value = pointer === undefined ? undefined : at(body, pointer);
    return typeof value === 'string' ? value : undefined;
  }

  #rewardIn(path: string): string | undefined {
    const [pattern] = this.#patterns;
    const index = pattern?.names.indexOf('reward_id') ?? -1;
    if (pattern === undefined || index < 0) return undefined;
    const value = pattern.path.exec(path.split('?')[0] ?? '')?.[index + 1];
    return value === undefined ? undefined : decoded(value);
  }
}

function patternOf(kind: CallKind, method: string, template: string): Pattern {
  const [path = '', search = ''] = template.split('?');
  const names: string[] = [];
  const source = path
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(name);
      return '([^/]+)';
    })
    .join('');
  return { kind, method, path: new RegExp(`^${source}$`), names, query: [...new URLSearchParams(search)] };
}

/** A placeholder stands for any value. */
function hasAll(query: URLSearchParams, fixed: Pattern['query']): boolean {
  return fixed.every(([name, value]) => (value.includes('{') ? query.has(name) : query.get(name) === value));
}

/** Where a customer's id stands is up to its owner: in the token's claims, a header, a form. The longest id that is there. */
function mentioned({ path, headers, text }: Asked, known: ReadonlySet<string>): string | undefined {
  const all = [decoded(path), text, ...Object.values(headers).flat()].join('\n');
  return [...known].filter((id) => all.includes(id)).toSorted((one, two) => two.length - one.length)[0];
}

/** By placeholder, where it stands alone in a body. */
function placesIn(template: Template, here = ''): Map<string, Pointer> {
  const places = new Map<string, Pointer>();
  if (typeof template === 'string') {
    const name = /^\{(\w+)\}$/.exec(template)?.[1];
    if (name !== undefined) places.set(name, here);
  } else if (typeof template === 'object' && template !== null) {
    for (const [member, part] of Object.entries(template)) {
      const pointer = `${here}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      for (const [name, place] of placesIn(part, pointer)) places.set(name, place);
    }
  }
  return places;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
