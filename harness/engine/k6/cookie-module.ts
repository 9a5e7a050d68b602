/** `http.cookieJar()` and `new http.CookieJar()`: a jar as scripts see it. */
import { CookieJar } from './cookie-jar.ts';
import { asText } from './text.ts';
import { cookieDate, type SetCookie } from './set-cookie.ts';

/** A jar with the members that k6's have. */
export class JarHandle {
  readonly #jar: CookieJar;

  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  /** The jar behind a call's `jar`; undefined when that is none. */
  static jarOf(value: unknown): CookieJar | undefined {
    return value instanceof JarHandle ? value.#jar : undefined;
  }

  /** What a request to that URL would carry: names to values. */
  cookiesForURL(url: unknown): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const { name, value } of this.#jar.get(urlOf(url))) (found[name] ??= []).push(value);
    return found;
  }

  set(url: unknown, name: unknown, value: unknown, options?: unknown): boolean {
    const cookie = { ...NO_COOKIE, name: String(name), value: String(value) };
    if (options !== null && options !== undefined) readOptions(options as Record<string, unknown>, cookie);
    this.#jar.set(urlOf(url), [cookie]);
    return true;
  }

  /** Takes every cookie away that a request to that URL would carry and that was set at the URL's own path. */
  clear(url: unknown): void {
    const at = urlOf(url);
    const gone = this.#jar
      .get(at)
      .map(({ name, value }) => ({ ...NO_COOKIE, name, value, maxAgeSeconds: -1 }));
    this.#jar.set(at, gone);
  }

  delete(url: unknown, name: unknown): void {
    if (name === '' || name === undefined) throw new Error('cookie: is null');
    this.#jar.set(urlOf(url), [{ ...NO_COOKIE, name: asText(name), maxAgeSeconds: -1 }]);
  }
}

type Draft = { -readonly [Name in keyof SetCookie]: SetCookie[Name] };

const NO_COOKIE: SetCookie = {
  name: '',
  value: '',
  isQuoted: false,
  domain: '',
  path: '',
  isHttpOnly: false,
  isSecure: false,
  maxAgeSeconds: 0,
  expiresAt: undefined,
};

function readOptions(options: Readonly<Record<string, unknown>>, cookie: Draft): void {
  for (const [name, value] of Object.entries(options)) {
    switch (name.toLowerCase()) {
      case 'path':
        cookie.path = String(value);
        break;
      case 'domain':
        cookie.domain = String(value);
        break;
      case 'expires':
        cookie.expiresAt = expiresOf(String(value));
        break;
      case 'max_age':
        cookie.maxAgeSeconds = Math.trunc(Number(value)) || 0;
        break;
      case 'secure':
        cookie.isSecure = Boolean(value);
        break;
      case 'http_only':
        cookie.isHttpOnly = Boolean(value);
        break;
    }
  }
}

function expiresOf(text: string): number | undefined {
  if (text === '') return undefined;
  const at = /^\w+, \d\d \w/.test(text) ? cookieDate(text) : undefined;
  if (at === undefined) throw new Error(`unable to parse "expires" date string "${text}"`);
  return at;
}

function urlOf(text: unknown): URL {
  if (!URL.canParse(String(text))) throw new Error(`parse ${JSON.stringify(String(text))}: no URL`);
  return new URL(String(text));
}

/** A jar of the script's own. k6 gives each call a fresh one, with or without `new`. */
export function newCookieJar(): JarHandle {
  return new JarHandle(new CookieJar());
}
