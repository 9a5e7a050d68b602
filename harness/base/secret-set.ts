/** Finds secrets in texts, thousands of them at once, and takes them out. */

import { ANYWHERE_LENGTH, formsOf, MIN_LENGTH } from './secret-forms.ts';
import { isSecretName } from './secret-name.ts';

/** So many characters of a form are looked for first. */
const GRAM = 6;
/** A text is looked at at every so many places at most; with many forms at more, since each stands in the index so often. */
const LONGEST_STEP = 16;
const SHORTER_STEPS = [
  { forms: 40_000, step: 4 },
  { forms: 16_000, step: 8 },
] as const;
/** So many forms that begin alike are as bad as any more. */
const CROWD = 16;
/** So many bits of the filter for each entry of the index: one place in thirty is looked at twice for nothing. */
const BITS_AN_ENTRY = 32;
/** As powers of two: from 8 KiB, which the fastest memory holds, to 512 KiB. */
const LEAST_BITS = 16;
const MOST_BITS = 22;
/** Texts from this length on are looked through as bytes: reading those is several times as fast. */
const LONG_TEXT = 1024;
/** Members that hold words of ours: a short secret that is one of those words is none there. */
const OUR_WORDS: ReadonlySet<string> = new Set([
  'type',
  'schema',
  'phase',
  'kind',
  'kinds',
  'what',
  'verdict',
  'rule',
  'profile',
  'scenario',
  'engine',
  'client',
  'keyShape',
]);

const ENCODER = new TextEncoder();

/** One way in which a secret may be written. */
interface Form {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly label: string;
}

/** A form, found by the characters, or by the bytes, at one of its places. */
interface Entry {
  readonly form: Form;
  readonly at: number;
  readonly next: Entry | undefined;
}

interface Match {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A set of secrets. Values may be added at any time; texts that went out before keep theirs. */
export class Secrets {
  readonly #known = new Set<string>();
  readonly #forms = new Map<string, Form>();
  /** By the hash of the characters at a place. Each form stands there for its first or last `#step` places. */
  #index = new Map<number, Entry>();
  /** A bit for each hash: most texts are through after a look at every `#step`-th place. */
  #filter = new Uint8Array(0);
  #bits = LEAST_BITS;
  #entries = 0;
  /** The text that is looked through, as bytes; used again for the next one. */
  #bytes = new Uint8Array(0);
  #step = LONGEST_STEP;
  readonly #short = new Map<string, string>();
  #shortPattern: RegExp | undefined;

  add(value: string | undefined): void {
    const secret = value?.trim() ?? '';
    if (secret.length < MIN_LENGTH || this.#known.has(secret)) return;
    this.#known.add(secret);
    // Each has a label of its own: two ids that differ by a secret alone still differ.
    const label = this.#known.size === 1 ? '[redacted]' : `[redacted:${this.#known.size}]`;
    for (const text of formsOf(secret)) {
      if (secret.length >= ANYWHERE_LENGTH && text.length >= ANYWHERE_LENGTH) this.#addForm(text, label);
      else if (!this.#short.has(text)) this.#addShort(text, label);
    }
  }

  /** The password in a URL, and one in its query. A text that is no URL holds none. */
  addUrl(text: string | undefined): void {
    if (text === undefined || !URL.canParse(text)) return;
    const { password, searchParams } = new URL(text);
    this.add(decoded(password));
    for (const [name, value] of searchParams) if (isSecretName(name)) this.add(value);
  }

  /** A free text, a JSON document, or markup without its secrets. `isMarkup`: short ones are left, for they may be the markup's own words. */
  clean(text: string, isMarkup = false): string {
    if (!this.#mayHold(text, isMarkup)) return text;
    if (!isMarkup && /^\s*[[{]/.test(text)) {
      const json = this.#cleanJson(text, text.includes('\n  ') ? 2 : undefined);
      if (json !== undefined) return text.endsWith('\n') ? `${json}\n` : json;
    }
    return this.#cleanText(text, isMarkup);
  }

  /** Lines of JSON, each by itself: what is no secret stays as it was written, byte for byte. */
  cleanLines(text: string): string {
    if (!this.#mayHold(text)) return text;
    return text
      .split('\n')
      .map((line) => (this.#mayHold(line) ? (this.#cleanJson(line) ?? this.#cleanText(line, false)) : line))
      .join('\n');
  }

  #mayHold(text: string, isMarkup = false): boolean {
    if (this.#known.size === 0) return false;
    if (this.#forms.size > 0 && this.#holdsForm(text)) return true;
    return !isMarkup && this.#shortPattern !== undefined && text.search(this.#shortPattern) >= 0;
  }

  #cleanJson(text: string, indent?: number): string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    return JSON.stringify(this.#cleanValue(value), undefined, indent);
  }

  /** Strings and names of members; numbers and words of ours stay, so that a history remains one. */
  #cleanValue(value: unknown, member = ''): unknown {
    if (typeof value === 'string') return this.#cleanText(value, OUR_WORDS.has(member));
    if (Array.isArray(value)) return value.map((each) => this.#cleanValue(each, member));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        this.#cleanText(name, true),
        this.#cleanValue(each, name),
      ]),
    );
  }

  #cleanText(text: string, isLongOnly: boolean): string {
    let cleaned = '';
    let from = 0;
    for (const match of this.#matches(text)) {
      if (match.from < from) continue;
      cleaned += text.slice(from, match.from) + match.label;
      from = match.to;
    }
    cleaned += text.slice(from);
    if (isLongOnly || this.#shortPattern === undefined) return cleaned;
    return cleaned.replace(this.#shortPattern, (word) => this.#short.get(word) ?? '[redacted]');
  }

  #holdsForm(text: string): boolean {
    if (text.length < LONG_TEXT) return this.#matches(text, true).length > 0;
    // Three bytes a character are the most that UTF-8 takes for one of UTF-16's units.
    if (this.#bytes.length < 3 * text.length) this.#bytes = new Uint8Array(3 * text.length);
    return this.#holdsBytes(this.#bytes, ENCODER.encodeInto(text, this.#bytes).written);
  }

  /** Whether any form stands in the first `length` bytes. */
  #holdsBytes(bytes: Uint8Array, length: number): boolean {
    const filter = this.#filter;
    const [step, shift] = [this.#step, 32 - this.#bits];
    for (let place = 0; place + GRAM <= length; place += step) {
      const hash = hashOf(
        bytes[place] ?? 0,
        bytes[place + 1] ?? 0,
        bytes[place + 2] ?? 0,
        bytes[place + 3] ?? 0,
        bytes[place + 4] ?? 0,
        bytes[place + 5] ?? 0,
      );
      const bit = bitOf(hash, shift);
      if (((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
      for (let entry = this.#index.get(hash); entry !== undefined; entry = entry.next)
        if (standsAt(bytes, length, place - entry.at, entry.form.bytes)) return true;
    }
    return false;
  }

  /** By place, longer ones first; `isOne`: the first that is found is enough. */
  #matches(text: string, isOne = false): Match[] {
    const shift = 32 - this.#bits;
    const found: Match[] = [];
    for (let place = 0; place + GRAM <= text.length; place += this.#step) {
      const hash = hashAt(text, place);
      const bit = bitOf(hash, shift);
      if (((this.#filter[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
      for (let entry = this.#index.get(hash); entry !== undefined; entry = entry.next) {
        const { form, at } = entry;
        const from = place - at;
        if (from < 0 || !text.startsWith(form.text, from)) continue;
        found.push({ from, to: from + form.text.length, label: form.label });
        if (isOne) return found;
      }
    }
    return found.toSorted((one, two) => one.from - two.from || two.to - one.to);
  }

  #addForm(text: string, label: string): void {
    if (this.#forms.has(text)) return;
    const form = { text, bytes: ENCODER.encode(text), label };
    this.#forms.set(text, form);
    const limit = SHORTER_STEPS.find(({ forms }) => this.#forms.size > forms)?.step ?? LONGEST_STEP;
    const step = Math.min(this.#step, limit, text.length - GRAM + 1);
    // Twice, for a form that is written otherwise in bytes.
    const entries = this.#entries + 2 * step;
    const isRoomy = this.#bits === MOST_BITS || entries * BITS_AN_ENTRY <= 2 ** this.#bits;
    if (this.#filter.length > 0 && step === this.#step && isRoomy) {
      this.#enter(form);
      return;
    }
    this.#step = step;
    const bits = Math.ceil(Math.log2(2 * this.#forms.size * step * BITS_AN_ENTRY));
    this.#bits = Math.min(Math.max(bits, LEAST_BITS), MOST_BITS);
    this.#index = new Map();
    this.#entries = 0;
    this.#filter = new Uint8Array(2 ** this.#bits / 8);
    for (const each of this.#forms.values()) this.#enter(each);
  }

  #enter(form: Form): void {
    // Tokens of one maker begin alike, or end alike: the end that fewest share is taken.
    const last = form.text.length - GRAM;
    const first = this.#crowd(form.text, last) <= this.#crowd(form.text, 0) ? last - this.#step + 1 : 0;
    for (let at = first; at < first + this.#step; at++) this.#put(form, at, hashAt(form.text, at));
    if (form.bytes.length === form.text.length) return;
    const { bytes } = form;
    for (let at = 0; at < this.#step; at++) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes.subarray(at, at + GRAM);
      this.#put(form, at, hashOf(a, b, c, d, e, f));
    }
  }

  #put(form: Form, at: number, hash: number): void {
    const bit = bitOf(hash, 32 - this.#bits);
    this.#filter[bit >> 3] = (this.#filter[bit >> 3] ?? 0) | (1 << (bit & 7));
    this.#index.set(hash, { form, at, next: this.#index.get(hash) });
    this.#entries += 1;
  }

  #crowd(text: string, at: number): number {
    let count = 0;
    for (
      let entry = this.#index.get(hashAt(text, at));
      entry !== undefined && count < CROWD;
      entry = entry.next
    ) {
      count += 1;
    }
    return count;
  }

  #addShort(text: string, label: string): void {
    this.#short.set(text, label);
    const words = [...this.#short.keys()].toSorted((one, two) => two.length - one.length);
    const any = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
    this.#shortPattern = new RegExp(`(?<![A-Za-z0-9_])(?:${any})(?![A-Za-z0-9_])`, 'g');
  }
}

/** Of GRAM characters. */
function hashAt(text: string, place: number): number {
  return hashOf(
    text.charCodeAt(place),
    text.charCodeAt(place + 1),
    text.charCodeAt(place + 2),
    text.charCodeAt(place + 3),
    text.charCodeAt(place + 4),
    text.charCodeAt(place + 5),
  );
}

/** Of GRAM characters, or bytes: two factors, so that neither half waits for the other. */
function hashOf(a: number, b: number, c: number, d: number, e: number, f: number): number {
  return Math.imul(a + (b << 8) + (c << 16), 0x9e3779b1) ^ Math.imul(d + (e << 8) + (f << 16), 0x85ebca77);
}

function bitOf(hash: number, shift: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> shift;
}

function standsAt(bytes: Uint8Array, length: number, from: number, form: Uint8Array): boolean {
  if (from < 0 || from + form.length > length) return false;
  for (let index = 0; index < form.length; index++) if (bytes[from + index] !== form[index]) return false;
  return true;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
