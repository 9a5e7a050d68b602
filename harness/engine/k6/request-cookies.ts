/** The `Cookie` line of a request: the call's own cookies, then those of the jar (k6 `SetRequestCookies`). */
import type { CookieJar, JarCookie } from './cookie-jar.ts';
import { asText } from './text.ts';

/** A cookie of a call's `cookies`. */
export interface ParamCookie {
  readonly name: string;
  readonly value: string;
  /** The jar's cookie of that name stays at home. */
  readonly isReplacing: boolean;
}

/** Reads a call's `cookies`: text, or an object of `value` and `replace`; what is null is left out. */
export function paramCookies(given: unknown): ParamCookie[] {
  if (typeof given !== 'object' || given === null) return [];
  const found: ParamCookie[] = [];
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    if (value !== null && value !== undefined) found.push(paramCookie(name, value));
  }
  return found;
}

function paramCookie(name: string, value: unknown): ParamCookie {
  if (typeof value !== 'object' || Array.isArray(value))
    return { name, value: asText(value), isReplacing: false };
  const cookie = { name, value: '', isReplacing: false };
  for (const [member, part] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const lower = member.toLowerCase();
    if (lower === 'value') cookie.value = String(part);
    else if (lower === 'replace') cookie.isReplacing = Boolean(part);
  }
  return cookie;
}

/** The line for a request to that URL, after `before` where the script's headers have one; undefined: none is sent. */
export function cookieLine(
  before: string | undefined,
  cookies: readonly ParamCookie[],
  jar: CookieJar,
  url: string,
): string | undefined {
  const parts = before === undefined || before === '' ? [] : [before];
  for (const { name, value } of cookies) parts.push(pair(name, value, false));
  if (!jar.isEmpty && URL.canParse(url)) {
    const kept = jar.get(new URL(url)).filter((cookie) => !isReplaced(cookie, cookies));
    // A value that came in quotes goes back without: so it is in k6, which copies name and value only.
    for (const { name, value } of kept) parts.push(pair(name, value, false));
  }
  return parts.length === 0 ? undefined : parts.join('; ');
}

function isReplaced({ name }: JarCookie, cookies: readonly ParamCookie[]): boolean {
  return cookies.some((cookie) => cookie.isReplacing && cookie.name === name);
}

/** Go's writing: what may not be in a value is left out, blanks and commas call for quotes. */
function pair(name: string, value: string, isQuoted: boolean): string {
  const clean = value.replace(/[^ !#-:<-[\]-~]/g, '');
  const text = isQuoted || /[ ,]/.test(clean) ? `"${clean}"` : clean;
  return `${name.replace(/[\r\n]/g, '-')}=${text}`;
}

/** The pairs of a `Cookie` line by name, as `response.request.cookies` shows them. */
export function readCookieLine(
  line: string,
): Record<string, { name: string; value: string; replace: boolean }[]> {
  const found: Record<string, { name: string; value: string; replace: boolean }[]> = {};
  for (const part of line.split(';')) {
    const text = part.trim();
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    if (name === '') continue;
    const value = equals === -1 ? '' : text.slice(equals + 1).replace(/^"(.*)"$/, '$1');
    (found[name] ??= []).push({ name, value, replace: false });
  }
  return found;
}
