/** A command line as a POSIX shell splits it into words: quotes, escapes, lines that go on. Nothing is expanded. */

import { usageError } from '../base/errors.ts';

/** Also `$'…'`, as browsers write commands. Throws a usage error for a quote that is left open, and for what a shell would run. */
export function shellWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const add = (part: string): void => {
    word = (word ?? '') + part;
  };
  while (at < text.length) {
    const char = text[at] ?? '';
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (char === '\\') {
      const next = text[at + 1] ?? '';
      const isEnd = next === '\n' || (next === '\r' && text[at + 2] === '\n');
      if (!isEnd) add(next);
      at += next === '\r' && isEnd ? 3 : 2;
    } else if (char === "'" || (char === '$' && text[at + 1] === "'")) {
      const isAnsi = char === '$';
      const { value, end } = isAnsi ? ansi(text, at + 2) : single(text, at + 1);
      add(value);
      at = end;
    } else if (char === '"') {
      const { value, end } = double(text, at + 1);
      add(value);
      at = end;
    } else if (/[|;&<>`]/.test(char) || (char === '$' && text[at + 1] === '(')) {
      throw usageError('curl', 'is more than one command', {
        field: '--from-curl',
        expected: 'one curl command; quote what stands in it',
        found: text.slice(at, at + 20),
      });
    } else {
      add(char);
      at += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

interface Part {
  readonly value: string;
  /** Where the text goes on. */
  readonly end: number;
}

function single(text: string, from: number): Part {
  const end = text.indexOf("'", from);
  if (end < 0) throw openQuote(text, from);
  return { value: text.slice(from, end), end: end + 1 };
}

/** Within double quotes a backslash keeps `$`, a backquote, `"`, `\` and a line end only. */
function double(text: string, from: number): Part {
  let value = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') return { value, end: at + 1 };
    const next = text[at + 1] ?? '';
    if (char !== '\\' || !/[$`"\\\n]/.test(next)) {
      value += char;
      continue;
    }
    if (next !== '\n') value += next;
    at += 1;
  }
  throw openQuote(text, from);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function ansi(text: string, from: number): Part {
  let value = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === "'") return { value, end: at + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    const code = /^(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2}))/.exec(text.slice(at + 1, at + 6));
    if (code) {
      value += String.fromCharCode(parseInt(code[1] ?? code[2] ?? '0', 16));
      at += code[0].length;
    } else {
      const next = text[at + 1] ?? '';
      value += ESCAPES[next] ?? `\\${next}`;
      at += 1;
    }
  }
  throw openQuote(text, from);
}

function openQuote(text: string, from: number): Error {
  return usageError('curl', 'a quote is left open', {
    field: '--from-curl',
    expected: 'as many closing quotes as opening ones',
    found: text.slice(Math.max(0, from - 1), from + 20),
  });
}
