/** Reads flags strictly: each wrong value is one line that names the flag, what was expected and what was found. */

import { isIP } from 'node:net';
import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import { SENDABLE, SENDABLE_WORDS } from '../config/auth.ts';
import { isHost } from '../config/hosts.ts';
import { partOf } from '../model/segment.ts';
import { keepSecret, keepUrlSecrets } from '../base/secrets.ts';

/** A whole number in [min, max]. */
export function wholeNumber(
  flag: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: `a whole number ${range}`,
      found: text,
    });
  };
}

/** Part `i/n` of a run that several processes make together. */
export function segmentText(text: string): string {
  partOf(text);
  return text;
}

/** One of a list of words. */
export function oneOf<const T extends string>(flag: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw usageError('flag', 'wrong value', { field: flag, expected: words.join(', '), found: text });
  };
}

/** One of a list of words, or a URL with one of the schemes. */
export function wordOrUrl(
  flag: string,
  words: readonly string[],
  schemes: readonly string[],
): (text: string) => string {
  return (text) => {
    if (words.includes(text)) return text;
    // Before anything else is said about it.
    keepUrlSecrets(text);
    const scheme = URL.canParse(text) ? new URL(text).protocol : undefined;
    if (scheme !== undefined && schemes.includes(scheme)) return text;
    const urls = schemes.map((name) => `${name}//host:port`).join(' or ');
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: `${words.join(', ')} or ${urls}`,
      found: text,
    });
  };
}

/** A comma list of words, each known. */
export function listOf<const T extends string>(flag: string, words: readonly T[]): (text: string) => T[] {
  return (text) => text.split(',').map((part) => oneOf(flag, words)(part.trim()));
}

/** A duration as k6 writes it (`90s`, `10m`, `1h30m`, `500ms`), given back as it was written; at most a day. */
export function duration(flag: string): (text: string) => string {
  return (text) => {
    const valueMs = durationMs(text);
    if (valueMs !== undefined && valueMs > 0 && valueMs <= 86_400_000) return text;
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: 'a duration such as 30s, 10m or 1h30m, at most 24h',
      found: text,
    });
  };
}

/** `host` or `host:port`, each time that the flag is given one more. */
export function hosts(flag: string): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => {
    if (isHost(text)) return [...before, text.toLowerCase()];
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: 'host or host:port, without scheme and path',
      found: text,
    });
  };
}

/** An address or a name to listen on; an empty one would be every interface. */
export function listenHost(flag: string): (text: string) => string {
  return (text) => {
    if (isIP(text) !== 0 || (/^[A-Za-z0-9._-]+$/.test(text) && /[A-Za-z]/.test(text))) return text;
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: 'an address or a name of this machine, such as 127.0.0.1, ::1 or localhost',
      found: text,
    });
  };
}

/** A token of a flag, or of the variable of the environment that is meant where there is none; shown nowhere from now on. */
export function tokenText(flag: string, text: string): string;
export function tokenText(flag: string, text: string | undefined): string | undefined;
export function tokenText(flag: string, text: string | undefined): string | undefined {
  keepSecret(text);
  if (text === undefined || text === '' || SENDABLE.test(text)) return text;
  throw usageError('flag', 'is a token that no header can carry', {
    field: flag,
    expected: SENDABLE_WORDS,
  });
}

/** A text without white space or path separators, 1 to 32 characters: it becomes part of names. */
export function nameText(flag: string): (text: string) => string {
  return (text) => {
    if (/^[A-Za-z0-9_-]{1,32}$/.test(text)) return text;
    throw usageError('flag', 'wrong value', {
      field: flag,
      expected: '1 to 32 letters, digits, - or _',
      found: text,
    });
  };
}
