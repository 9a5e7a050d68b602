/** JSON as Go's decoder reads it: the same words for a text that is broken, and integers of 64 bits to the last digit. */

/** A text that is no JSON; the message is Go's. */
export class GoSyntaxError extends Error {}

/** Go refuses deeper nesting. */
const MAX_DEPTH = 10_000;
const WHITE = ' \t\r\n';
const LITERALS: Readonly<Record<string, readonly [text: string, value: boolean | null]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * The value of a JSON text; an integer that a double cannot hold comes out as a bigint. Throws `GoSyntaxError`; what
 * follows the first value is one, too (Go's decoder leaves it in the stream, see differences.ts).
 */
export function parseGoJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** `JSON.stringify` that also writes bigints, as numbers. */
export function goJson(value: unknown): string {
  return write(value) ?? 'null';
}

/** The same value with every bigint as the nearest number. */
export function withPlainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withPlainNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withPlainNumbers(each)]));
}

function write(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((each) => write(each) ?? 'null').join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const text = write(member);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new GoSyntaxError('exceeded max depth');
    const char = this.#next(depth === 0 ? 'EOF' : undefined);
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#list(depth);
    if (char === '"') return this.#string();
    if (char === '-' || isDigit(char)) return this.#number(char);
    const literal = LITERALS[char];
    if (literal === undefined) throw this.#invalid('looking for beginning of value');
    return this.#literal(...literal);
  }

  end(): void {
    this.#skipWhite();
    if (this.#at >= this.#text.length) return;
    this.#at += 1;
    throw this.#invalid('after top-level value');
  }

  #object(depth: number): Record<string, unknown> {
    const members: [string, unknown][] = [];
    let char = this.#next();
    while (char !== '}' || members.length > 0) {
      if (char !== '"') throw this.#invalid('looking for beginning of object key string');
      const name = this.#string();
      if (this.#next() !== ':') throw this.#invalid('after object key');
      members.push([name, this.value(depth + 1)]);
      char = this.#next();
      if (char === '}') break;
      if (char !== ',') throw this.#invalid('after object key:value pair');
      char = this.#next();
    }
    // Defines members: one named __proto__ is a member like any other.
    return Object.fromEntries(members);
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#skipWhite();
    if (this.#text[this.#at] === ']') {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      const char = this.#next();
      if (char === ']') return items;
      if (char !== ',') throw this.#invalid('after array element');
    }
  }

  #string(): string {
    let value = '';
    let from = this.#at;
    for (;;) {
      const char = this.#take();
      if (char === '"') return value + this.#text.slice(from, this.#at - 1);
      if (char < ' ') throw this.#invalid('in string literal');
      if (char !== '\\') continue;
      value += this.#text.slice(from, this.#at - 1) + this.#escape();
      from = this.#at;
    }
  }

  #escape(): string {
    const char = this.#take();
    if (char !== 'u') {
      const plain = ESCAPES[char];
      if (plain === undefined) throw this.#invalid('in string escape code');
      return plain;
    }
    let digits = '';
    while (digits.length < 4) {
      const digit = this.#take();
      if (!/[0-9a-f]/i.test(digit)) throw this.#invalid('in \\u hexadecimal character escape');
      digits += digit;
    }
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(first: string): number | bigint {
    const from = this.#at - 1;
    let isInteger = true;
    const digit = first === '-' ? this.#digit('in numeric literal') : first;
    if (digit !== '0') this.#digits();
    if (this.#text[this.#at] === '.') {
      isInteger = false;
      this.#at += 1;
      this.#digit('after decimal point in numeric literal');
      this.#digits();
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      isInteger = false;
      this.#at += 1;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      this.#digit('in exponent of numeric literal');
      this.#digits();
    }
    const text = this.#text.slice(from, this.#at);
    const value = Number(text);
    return isInteger && !Number.isSafeInteger(value) ? BigInt(text) : value;
  }

  #digit(place: string): string {
    const char = this.#take();
    if (!isDigit(char)) throw this.#invalid(place);
    return char;
  }

  #digits(): void {
    while (isDigit(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #literal(text: string, value: boolean | null): boolean | null {
    for (const expected of text.slice(1)) {
      if (this.#take() !== expected) throw this.#invalid(`in literal ${text} (expecting '${expected}')`);
    }
    return value;
  }

  /** The next character that is not white space. */
  #next(atEnd?: string): string {
    this.#skipWhite();
    return this.#take(atEnd);
  }

  #take(atEnd = 'unexpected EOF'): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw new GoSyntaxError(atEnd);
    this.#at += 1;
    return char;
  }

  #skipWhite(): void {
    while (this.#at < this.#text.length && WHITE.includes(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  /** About the character that was just taken. */
  #invalid(place: string): GoSyntaxError {
    return new GoSyntaxError(`invalid character ${quoted(this.#text[this.#at - 1] ?? '')} ${place}`);
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

/** Go looks at bytes: of a character of several it shows the first one, as if it were Latin-1. */
function quoted(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '\\') return String.raw`'\\'`;
  if (char === '\n') return String.raw`'\n'`;
  if (char === '\t') return String.raw`'\t'`;
  if (char === '\r') return String.raw`'\r'`;
  if (char === '\b') return String.raw`'\b'`;
  if (char === '\f') return String.raw`'\f'`;
  if (char === '\u0007') return String.raw`'\a'`;
  if (char === '\v') return String.raw`'\v'`;
  const byte = Buffer.from(char, 'utf8')[0] ?? 0;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  return `'${String.fromCharCode(byte)}'`;
}
