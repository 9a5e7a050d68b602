/** One `Set-Cookie` line as Go's net/http reads it: what it refuses is dropped here, too. */

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** It came in double quotes, and goes back in them. */
  readonly isQuoted: boolean;
  readonly domain: string;
  readonly path: string;
  readonly isHttpOnly: boolean;
  readonly isSecure: boolean;
  /** Seconds; 0: not given, -1: delete it now. */
  readonly maxAgeSeconds: number;
  /** Milliseconds since the epoch; undefined: not given, or no date. */
  readonly expiresAt: number | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Characters of a value: printable ASCII without `"`, `;` and `\`. */
const VALUE = /^[ !#-:<-[\]-~]*$/;

/** The cookies of all `Set-Cookie` lines of an answer, in their order. */
export function readSetCookies(raw: readonly Buffer[]): SetCookie[] {
  const found: SetCookie[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.length !== 10 || raw[index]?.toString('latin1').toLowerCase() !== 'set-cookie') continue;
    const cookie = parseSetCookie(raw[index + 1]?.toString('latin1') ?? '');
    if (cookie !== undefined) found.push(cookie);
  }
  return found;
}

/** The cookie of one line; undefined when it has no name or a character that may not be in it. */
export function parseSetCookie(line: string): SetCookie | undefined {
  const [pair = '', ...attributes] = trimmed(line).split(';');
  const [name, text] = cut(trimmed(pair));
  if (text === undefined || !TOKEN.test(trimmed(name))) return undefined;
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
  const value = isQuoted ? text.slice(1, -1) : text;
  if (!VALUE.test(value)) return undefined;
  const cookie = {
    name: trimmed(name),
    value,
    isQuoted,
    domain: '',
    path: '',
    isHttpOnly: false,
    isSecure: false,
    maxAgeSeconds: 0,
    expiresAt: undefined as number | undefined,
  };
  for (const attribute of attributes) {
    const [key, given = ''] = cut(trimmed(attribute));
    if (!VALUE.test(given)) continue;
    switch (key.toLowerCase()) {
      case 'domain':
        cookie.domain = given;
        break;
      case 'path':
        cookie.path = given;
        break;
      case 'httponly':
        cookie.isHttpOnly = true;
        break;
      case 'secure':
        cookie.isSecure = true;
        break;
      case 'max-age':
        cookie.maxAgeSeconds = maxAgeOf(given) ?? cookie.maxAgeSeconds;
        break;
      case 'expires':
        cookie.expiresAt = cookieDate(given);
        break;
    }
  }
  return cookie;
}

/** A whole number without a leading zero; 0 and less mean: gone at once. */
function maxAgeOf(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const seconds = Number(text);
  if (seconds !== 0 && text.startsWith('0')) return undefined;
  return seconds <= 0 ? -1 : seconds;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE =
  /^(?:mon|tue|wed|thu|fri|sat|sun), (?<day>\d\d)(?<sep>[ -])(?<month>[a-z]{3})\k<sep>(?<year>\d{4}) (?<hour>\d\d?):(?<minute>\d\d):(?<second>\d\d) [A-Z]{3,4}$/i;

/** `Mon, 02 Jan 2006 15:04:05 GMT`, also with `-` between the parts of the day; undefined for any other form. */
export function cookieDate(text: string): number | undefined {
  const groups = DATE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const month = MONTHS.indexOf(String(groups['month']).toLowerCase());
  const [day, year, hour, minute, second] = ['day', 'year', 'hour', 'minute', 'second'].map((name) =>
    Number(groups[name]),
  ) as [number, number, number, number, number];
  if (month === -1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = new Date(Date.UTC(year, month, day, hour, minute, second));
  // The 31st of a month that has none.
  return at.getUTCDate() === day ? at.getTime() : undefined;
}

function cut(text: string): [before: string, after: string | undefined] {
  const at = text.indexOf('=');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
