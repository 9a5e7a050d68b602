/** Reads the small parts of a CSS selector, as cascadia does, the library that k6 has: what it refuses is refused here. */

/** A selector that cannot be read: in k6 it matches nothing. */
export class SelectorError extends Error {}

const BLANK = String.raw`(?:[ \t\r\n\f]|/\*[^]*?\*/)`;
const ESCAPE = String.raw`\\(?:[\da-fA-F]{1,6}(?:\r\n|[ \t\r\n\f])?|[^\r\n\f\da-fA-F])`;
const NAME = String.raw`(?:[\w\-\u0080-\uFFFF]|${ESCAPE})+`;

const BLANKS = new RegExp(`${BLANK}+`, 'y');
const NAMES = new RegExp(NAME, 'y');
/** A name that begins with no digit. */
const IDENTIFIERS = new RegExp(String.raw`-*(?:[A-Za-z_\u0080-\uFFFF]|${ESCAPE})(?:${NAME})?`, 'y');
const STRINGS = new RegExp(
  String.raw`"(?:[^"\\\r\n\f]|\\(?:\r\n|[^]))*"|'(?:[^'\\\r\n\f]|\\(?:\r\n|[^]))*'`,
  'y',
);

export class SelectorReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** So many letters are left. */
  get left(): number {
    return this.text.length - this.at;
  }

  get isAtEnd(): boolean {
    return this.left <= 0;
  }

  /** The next letter; empty at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  /** Goes past a text, where it stands here. */
  skips(text: string): boolean {
    const isHere = this.text.startsWith(text, this.at);
    if (isHere) this.at += text.length;
    return isHere;
  }

  /** Blanks and comments; whether there were any. */
  skipsBlanks(): boolean {
    return this.taken(BLANKS) !== undefined;
  }

  expects(text: string): void {
    if (!this.skips(text)) throw new SelectorError(`expected ${text}`);
  }

  /** `)`, perhaps behind blanks. */
  closes(): void {
    this.skipsBlanks();
    this.expects(')');
  }

  name(): string {
    return unescaped(this.mustBe(NAMES, 'a name'));
  }

  identifier(): string {
    return unescaped(this.mustBe(IDENTIFIERS, 'an identifier'));
  }

  /** A string in quotes, or an identifier. */
  value(): string {
    if (this.next !== '"' && this.next !== "'") return this.identifier();
    const written = this.mustBe(STRINGS, 'a string');
    return unescaped(written.slice(1, -1).replace(/\\(?:\r\n|[\r\n\f])/g, ''));
  }

  /** A regular expression up to a bracket that closes none of its own. */
  regularExpression(): RegExp {
    let open = 0;
    let end = this.at;
    for (; end < this.text.length; end++) {
      const letter = this.text.charAt(end);
      if ('(['.includes(letter)) open++;
      if (')]'.includes(letter) && --open < 0) break;
    }
    if (open >= 0) throw new SelectorError('a regular expression without an end');
    const [, flags = '', source = ''] =
      /^(?:\(\?([ims]+)\))?([^]*)$/.exec(this.text.slice(this.at, end)) ?? [];
    this.at = end;
    try {
      return new RegExp(source, flags);
    } catch {
      throw new SelectorError(`${source} is no regular expression`);
    }
  }

  /** `an+b`, `odd`, `even`. */
  nth(): { readonly step: number; readonly offset: number } {
    const written = this.mustBe(
      /even|odd|([+-]?\d*)n(?:\s*([+-])\s*(\d+))?|[+-]?\d+/iy,
      'a number or an+b',
    ).toLowerCase();
    if (written === 'even') return { step: 2, offset: 0 };
    if (written === 'odd') return { step: 2, offset: 1 };
    const [step, rest] = written.replaceAll(/\s/g, '').split('n') as [string, string?];
    if (rest === undefined) return { step: 0, offset: Number(step) };
    return { step: step === '' || step === '+' ? 1 : step === '-' ? -1 : Number(step), offset: Number(rest) };
  }

  private mustBe(pattern: RegExp, what: string): string {
    const found = this.taken(pattern);
    if (found === undefined) throw new SelectorError(`expected ${what}`);
    return found;
  }

  private taken(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:([\da-f]{1,6})(?:\r\n|[ \t\r\n\f])?|([^]))/gi,
    (_, code: string | undefined, letter: string) =>
      code === undefined ? letter : letterOf(parseInt(code, 16)),
  );
}

function letterOf(code: number): string {
  const isLetter = code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff);
  return isLetter ? String.fromCodePoint(code) : '\uFFFD';
}
