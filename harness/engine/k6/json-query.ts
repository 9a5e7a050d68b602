/** A query of gjson, `#(path operator value)`: read, and asked of one item of an array. */

export interface Query {
  /** Of the item; empty: the item itself. */
  readonly path: string;
  /** Empty: whether the path is there at all. */
  readonly operator: '' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '%' | '!%';
  readonly value: string;
  /** `#(…)#`: every item that fits. */
  readonly isForAll: boolean;
  /** What stands behind it, with its `.` or `|`. */
  readonly rest: string;
}

type Get = (value: unknown, path: string) => { readonly value: unknown } | undefined;

/** Reads a query at the start of a path; undefined when its brackets do not close. */
export function parseQuery(path: string): Query | undefined {
  if (path[1] !== '(' && path[1] !== '[') return undefined;
  const { end, operatorAt } = ends(path);
  if (end === -1) return undefined;
  const isForAll = path[end + 1] === '#';
  const rest = path.slice(end + (isForAll ? 2 : 1));
  if (operatorAt === -1) return { path: path.slice(2, end).trim(), operator: '', value: '', isForAll, rest };
  const [, operator = '', text = ''] =
    /^(!=|!%|<=|>=|==|.)(.*)$/s.exec(path.slice(operatorAt, end).trim()) ?? [];
  return {
    path: path.slice(2, operatorAt).trim(),
    operator: (operator === '==' ? '=' : operator) as Query['operator'],
    value: unquoted(text.trim()),
    isForAll,
    rest,
  };
}

/** Where the query's bracket closes and where its operator stands; -1: nowhere. */
function ends(path: string): { end: number; operatorAt: number } {
  let depth = 1;
  let operatorAt = -1;
  for (let at = 2; at < path.length; at++) {
    const letter = path[at] ?? '';
    if (depth === 1 && operatorAt === -1 && '!=<>%'.includes(letter)) operatorAt = at;
    else if (letter === '\\') at++;
    else if (letter === '(' || letter === '[') depth++;
    else if (letter === '"') at = endOfText(path, at);
    else if (letter === ')' || letter === ']') {
      depth--;
      if (depth === 0) return { end: at, operatorAt };
    }
  }
  return { end: -1, operatorAt };
}

function endOfText(path: string, start: number): number {
  for (let at = start + 1; at < path.length; at++) {
    if (path[at] === '\\') at++;
    else if (path[at] === '"') return at;
  }
  return path.length;
}

function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

/** Whether an item fits. */
export function queryHolds(query: Query, item: unknown, get: Get): boolean {
  const isContainer = typeof item === 'object' && item !== null;
  if (!isContainer && query.path !== '') return false;
  const asked = isContainer ? get(item, query.path) : { value: item };
  if (query.value.startsWith('~')) return boolHolds(query, asked);
  if (asked === undefined) return false;
  return query.operator === '' || compared(asked.value, query.operator, query.value);
}

/** `~true`, `~false`, `~null`, `~*`: the value read as a boolean first. */
function boolHolds({ operator, value }: Query, asked: { readonly value: unknown } | undefined): boolean {
  const given = asked?.value;
  const isFalse =
    asked === undefined || given === null || given === false || isFalseText(given) || given === 0;
  const kinds: Readonly<Record<string, boolean>> = {
    '~*': asked !== undefined,
    '~null': asked === undefined || given === null,
    '~true': given === true || isTrueText(given) || (typeof given === 'number' && given !== 0),
    '~false': isFalse,
  };
  const found = kinds[value];
  return found !== undefined && compared(found, operator, 'true');
}

function isTrueText(value: unknown): boolean {
  return typeof value === 'string' && /^(?:1|t|true)$/i.test(value);
}

function isFalseText(value: unknown): boolean {
  return typeof value === 'string' && /^(?:0|f|false)$/i.test(value);
}

function compared(value: unknown, operator: Query['operator'], text: string): boolean {
  if (typeof value === 'string') return comparedText(value, operator, text);
  if (typeof value === 'number') return ordered(value, operator, numberOf(text));
  if (value === true) return boolOrdered(operator, text, 'true', '>', '>=');
  if (value === false) return boolOrdered(operator, text, 'false', '<', '<=');
  return false;
}

function boolOrdered(operator: string, text: string, own: string, beyond: string, orEqual: string): boolean {
  if (operator === '=') return text === own;
  if (operator === '!=') return text !== own;
  if (operator === beyond) return text === (own === 'true' ? 'false' : 'true');
  return operator === orEqual;
}

function comparedText(value: string, operator: Query['operator'], text: string): boolean {
  if (operator === '%') return wildcard(text).test(value);
  if (operator === '!%') return !wildcard(text).test(value);
  // By bytes, as Go compares: the order of code points.
  const order = Buffer.compare(Buffer.from(value), Buffer.from(text));
  return ordered(order, operator, 0);
}

function ordered(left: number, operator: Query['operator'], right: number): boolean {
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  if (operator === '>') return left > right;
  return operator === '>=' && left >= right;
}

/** Text that is no number counts as 0. */
function numberOf(text: string): number {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : 0;
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|([*?])|([$()+.[\\\]^{|}])/gs,
    (_, escaped?: string, wild?: string, special?: string) => {
      if (wild !== undefined) return wild === '*' ? '.*' : '.';
      return (escaped ?? special ?? '').replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
    },
  );
  return new RegExp(`^${source}$`, 'su');
}
