/**
 * The paths of `Response.json(path)`: the language of gjson, k6's library (its syntax page is the source), over parsed
 * JSON. Keys, indexes, `#`, `#.key`, queries, wildcards, escapes and pipes are there; what makes new JSON (modifiers,
 * several paths at once, literals) is not, and named.
 */
import { parseQuery, queryHolds, type Query } from './json-query.ts';

/** A value that is there; null is one. */
export interface Found {
  readonly value: unknown;
}

/** The path asks for a part of the language that is not here. */
export class PathRefused extends Error {}

const MODIFIERS: ReadonlySet<string> = new Set(
  'dig flatten fromstr group join keys pretty reverse this tostr ugly valid values'.split(' '),
);

/** What lies at the path; undefined when nothing does. Throws PathRefused. */
export function jsonPath(value: unknown, path: string): Found | undefined {
  if (path.length > 1) mustBePlain(path);
  if (path.startsWith('..')) return inArray([value], path.slice(2));
  if (Array.isArray(value)) return inArray(value, path);
  return isObject(value) ? inObject(value, path) : undefined;
}

function mustBePlain(path: string): void {
  const [first] = path;
  if (first === '{' || first === '[') throw new PathRefused('several paths at once');
  if (first === '!') throw new PathRefused('a literal');
  if (first === '@' && MODIFIERS.has(/^@([^.|:]*)/.exec(path)?.[1] ?? ''))
    throw new PathRefused(`the modifier ${/^@[^.|:]*/.exec(path)?.[0] ?? ''}`);
}

function inObject(object: Readonly<Record<string, unknown>>, path: string): Found | undefined {
  const { part, rest, pipe } = firstPart(path);
  let found: Found | undefined;
  for (const key of part.keysOf(object)) {
    found = rest === undefined ? { value: object[key] } : below(object[key], rest);
    if (found !== undefined) break;
  }
  return piped(found, pipe);
}

function inArray(array: readonly unknown[], path: string): Found | undefined {
  if (path.startsWith('#')) return inEach(array, path);
  const { part, rest, pipe } = firstPart(path);
  const index = /^\d+$/.test(part.text) ? Number(part.text) : -1;
  if (index < 0 || index >= array.length) return undefined;
  const value = array[index];
  return piped(rest === undefined ? { value } : below(value, rest), pipe);
}

/** Below a value that is no container there is nothing. */
function below(value: unknown, path: string): Found | undefined {
  if (Array.isArray(value)) return inArray(value, path);
  return isObject(value) ? inObject(value, path) : undefined;
}

/** `#`, `#.path`, `#(query)`, `#(query)#`, each with what follows. */
function inEach(array: readonly unknown[], path: string): Found | undefined {
  if (path === '#') return { value: array.length };
  if (path.startsWith('#|')) return piped({ value: array.length }, path.slice(2));
  if (path.startsWith('#.')) {
    const [each, pipe] = splitAtPipe(path.slice(2));
    return piped({ value: valuesAt(array, each) }, pipe);
  }
  const query = parseQuery(path);
  if (query === undefined) return undefined;
  return queried(array, query);
}

function queried(array: readonly unknown[], query: Query): Found | undefined {
  const matching = array.filter((item) => queryHolds(query, item, jsonPath));
  const { isForAll, rest } = query;
  if (rest.startsWith('|')) {
    if (isForAll) return piped({ value: matching }, rest.slice(1));
    return matching.length === 0 ? undefined : jsonPath(matching[0], rest.slice(1));
  }
  const [path, pipe] = splitAtPipe(rest.slice(1));
  if (isForAll) return piped({ value: rest === '' ? matching : valuesAt(matching, path) }, pipe);
  if (matching.length === 0) return undefined;
  return piped(rest === '' ? { value: matching[0] } : jsonPath(matching[0], path), pipe);
}

function valuesAt(array: readonly unknown[], path: string): unknown[] {
  return array.flatMap((item) => {
    const found = jsonPath(item, path);
    return found === undefined ? [] : [found.value];
  });
}

function piped(found: Found | undefined, pipe: string | undefined): Found | undefined {
  if (pipe === undefined || found === undefined) return found;
  return jsonPath(found.value, pipe);
}

/** Up to the first `|`, and what follows it. */
function splitAtPipe(path: string): [path: string, pipe: string | undefined] {
  let depth = 0;
  for (let at = 0; at < path.length; at++) {
    const letter = path[at];
    if (letter === '\\') at++;
    else if (letter === '(' || letter === '[' || letter === '{') depth++;
    else if (letter === ')' || letter === ']' || letter === '}') depth--;
    else if (letter === '|' && depth === 0) return [path.slice(0, at), path.slice(at + 1)];
  }
  return [path, undefined];
}

/** One part of a path: a key, perhaps with wildcards. */
class Part {
  /** Without its escapes. */
  readonly text: string;
  private readonly pattern: RegExp | undefined;

  constructor(text: string, pattern: string | undefined) {
    this.text = text;
    this.pattern = pattern === undefined ? undefined : new RegExp(`^${pattern}$`, 'su');
  }

  keysOf(object: Readonly<Record<string, unknown>>): string[] {
    const { pattern } = this;
    if (pattern !== undefined) return Object.keys(object).filter((key) => pattern.test(key));
    return Object.hasOwn(object, this.text) ? [this.text] : [];
  }
}

interface FirstPart {
  readonly part: Part;
  /** After a `.`; undefined: this was the last one. */
  readonly rest?: string;
  /** After a `|`: asked of the result. */
  readonly pipe?: string;
}

function firstPart(path: string): FirstPart {
  let text = '';
  let pattern = '';
  let isWild = false;
  const part = (): Part => new Part(text, isWild ? pattern : undefined);
  for (let at = 0; at < path.length; at++) {
    const letter = path[at] ?? '';
    if (letter === '.') {
      const rest = path.slice(at + 1);
      // These begin anew, as after a pipe.
      if (/^[@[{!]/.test(rest)) mustBePlain(rest);
      return { part: part(), rest };
    }
    if (letter === '|') return { part: part(), pipe: path.slice(at + 1) };
    if (letter === '*' || letter === '?') {
      isWild = true;
      text += letter;
      pattern += letter === '*' ? '.*' : '.';
      continue;
    }
    const plain = letter === '\\' ? (path[++at] ?? '') : letter;
    text += plain;
    pattern += plain.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  }
  return { part: part() };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
