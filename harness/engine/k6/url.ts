/** A request's URL, read and written as Go's net/url does: what it changes changes here, what it leaves stays. */

/** A URL as a request needs it. */
export interface SplitUrl {
  readonly scheme: string;
  readonly origin: string;
  /** With its port, as the script wrote it. */
  readonly host: string;
  /** Path with query, for the request line: one character a byte. */
  readonly path: string;
  /** As Go writes it, with fragment and credentials; what tags and logs show is `cleanUrl` of it. */
  readonly href: string;
  /** Name and password, decoded; undefined: none. */
  readonly credentials: Credentials | undefined;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** The text is no URL: the message is Go's. */
export class UrlError extends Error {}

/** Only characters that neither Go nor this reading would change, in a host that can be one. */
const PLAIN = /^https?:\/\/[\w.-]+(?::\d{1,5})?(\/[\w/.=&+,~;:!$'()*-]*(?:\?[\w/.?=&%+,~;:!$'()*-]*)?)$/;

/** The parts of a URL, the common form by one look. Throws UrlError. */
export function splitUrl(url: string): SplitUrl {
  const path = PLAIN.exec(url)?.[1];
  if (path === undefined) return parsed(url);
  const scheme = url.startsWith('https') ? 'https' : 'http';
  const host = url.slice(scheme.length + 3, url.length - path.length);
  return {
    scheme,
    origin: `${scheme}://${host.toLowerCase()}`,
    host,
    path,
    href: url,
    credentials: undefined,
  };
}

function parsed(url: string): SplitUrl {
  const [withoutFragment, fragment] = cut(url, '#');
  // eslint-disable-next-line no-control-regex
  if (/[\0-\u001F\u007F]/.test(withoutFragment))
    throw wrong(url, 'net/url: invalid control character in URL');
  const { scheme, rest } = schemeOf(withoutFragment, url);
  const [beforeQuery, query] = cut(rest, '?');
  if (!beforeQuery.startsWith('/')) {
    if (scheme !== '') return opaque(scheme, url);
    if (beforeQuery.split('/', 1)[0]?.includes(':') === true)
      throw wrong(url, 'first path segment in URL cannot contain colon');
  }
  const hasAuthority = beforeQuery.startsWith('//') && (scheme !== '' || !beforeQuery.startsWith('///'));
  const slash = hasAuthority ? beforeQuery.indexOf('/', 2) : 0;
  const authority = hasAuthority ? beforeQuery.slice(2, slash === -1 ? undefined : slash) : '';
  const path = slash === -1 ? '' : beforeQuery.slice(hasAuthority ? slash : 0);
  const { host, credentials, user } = authorityOf(authority, url);
  const written = escapedPath(path, url);
  const suffix = query === undefined ? '' : `?${query}`;
  const hash = fragment === undefined ? '' : `#${fragmentOf(fragment, url)}`;
  return {
    scheme,
    origin: `${scheme}://${host.toLowerCase()}`,
    host,
    path: byteText(`${written === '' ? '/' : written}${suffix}`),
    href: `${scheme === '' ? '' : `${scheme}:`}${hasAuthority && `${user}${host}${path}` !== '' ? '//' : ''}${user}${host}${written}${suffix}${hash}`,
    credentials,
  };
}

function schemeOf(text: string, url: string): { scheme: string; rest: string } {
  const found = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0];
  if (found !== undefined)
    return { scheme: found.slice(0, -1).toLowerCase(), rest: text.slice(found.length) };
  if (text.startsWith(':')) throw wrong(url, 'missing protocol scheme');
  return { scheme: '', rest: text };
}

/** `mailto:somebody`: nothing that a request can go to. */
function opaque(scheme: string, url: string): SplitUrl {
  return { scheme, origin: '', host: '', path: '', href: url, credentials: undefined };
}

interface Authority {
  readonly host: string;
  readonly credentials: Credentials | undefined;
  /** As it stands before the host, with its `@`. */
  readonly user: string;
}

function authorityOf(authority: string, url: string): Authority {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  mustBeHost(host, url);
  if (at === -1) return { host, credentials: undefined, user: '' };
  const text = authority.slice(0, at);
  if (!/^[\w.~!$&'()*+,;=:%@-]*$/.test(text)) throw wrong(url, 'net/url: invalid userinfo');
  const [name, password] = cut(text, ':');
  const credentials = { name: unescaped(name, url), password: unescaped(password ?? '', url) };
  const user = `${userText(credentials.name)}${password === undefined ? '' : `:${userText(credentials.password)}`}@`;
  return { host, credentials, user };
}

function mustBeHost(host: string, url: string): void {
  const port = host.startsWith('[') ? host.slice(host.indexOf(']') + 1) : (/:[^:]*$/.exec(host)?.[0] ?? '');
  if (!/^(?::\d*)?$/.test(port)) throw wrong(url, `invalid port ${JSON.stringify(port)} after host`);
  const escape = host.startsWith('[') ? undefined : /%.{0,2}/.exec(host)?.[0];
  if (escape !== undefined) throw wrong(url, `invalid URL escape ${JSON.stringify(escape)}`);
  const wrongLetter = /[^\w.~!$&'()*+,;=:[\]<>"%\u0080-\u{10FFFF}-]/u.exec(host)?.[0];
  if (wrongLetter !== undefined)
    throw wrong(url, `invalid character ${JSON.stringify(wrongLetter)} in host name`);
}

/** A path as it goes out: as it is where that is a valid writing, else escaped anew. */
function escapedPath(path: string, url: string): string {
  const bad = badEscape(path);
  if (bad !== undefined) throw wrong(url, `invalid URL escape ${JSON.stringify(bad)}`);
  if (/^[\w.~!$&'()*+,;=:@[\]%/-]*$/.test(path)) return path;
  return [...Buffer.from(unescaped(path, url))].map((byte) => pathByte(byte)).join('');
}

/** What stands behind a `%` that escapes nothing. */
function badEscape(text: string): string | undefined {
  return /%(?![\da-f]{2}).{0,2}/is.exec(text)?.[0];
}

function pathByte(byte: number): string {
  const letter = String.fromCharCode(byte);
  return /[\w.~$&+,/:;=@-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function fragmentOf(fragment: string, url: string): string {
  const bad = badEscape(fragment);
  if (bad !== undefined) throw wrong(url, `invalid URL escape ${JSON.stringify(bad)}`);
  if (/^[\w.~!$&'()*+,;=:@[\]%/?-]*$/.test(fragment)) return fragment;
  return [...Buffer.from(unescaped(fragment, url))]
    .map((byte) => (/[!()*?]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : pathByte(byte)))
    .join('');
}

function userText(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|26|2B|2C|3B|3D)/g, (code) => decodeURIComponent(code));
}

function unescaped(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(url, 'invalid URL escape');
  }
}

/** UTF-8, one character a byte: so the request line carries it. */
function byteText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function cut(text: string, at: string): [before: string, after: string | undefined] {
  const index = text.indexOf(at);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function wrong(url: string, what: string): UrlError {
  return new UrlError(`parse ${JSON.stringify(url)}: ${what}`);
}

/** Where a location leads, seen from a URL: as Go's `URL.Parse` does. Throws UrlError. */
export function resolvedUrl(base: string, location: string): string {
  // Bytes beyond ASCII come one a character.
  const given = location.replace(
    /[\u0080-\u00FF]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return resolvedReference(base, given);
}

/** The same for what stands in a page: a text of characters. */
export function resolvedReference(base: string, given: string): string {
  splitUrl(given);
  // Go writes no fragment where it is empty, and `//` without a host is nothing.
  return resolved(base, given.replace(/#$/, '').replace(/^\/\/(?=[?#]|$)/, ''));
}

function resolved(base: string, given: string): string {
  const { scheme, rest } = schemeOf(given, given);
  if (scheme !== '')
    return rest.startsWith('/') ? splitUrl(`${scheme}:${withoutDots(rest)}`).href : `${scheme}:${rest}`;
  const [head = '', at = '', tail = ''] = /^(\w+:)(\/\/[^/?#]*)([^#]*)/.exec(base)?.slice(1) ?? [];
  const [path, query] = cut(tail, '?');
  if (given.startsWith('//')) return splitUrl(`${head}${withoutDots(given)}`).href;
  if (given.startsWith('/')) return splitUrl(`${head}${at}${withoutDots(given)}`).href;
  if (given.startsWith('?')) return splitUrl(`${head}${at}${path}${given}`).href;
  if (given === '' || given.startsWith('#'))
    return splitUrl(`${head}${at}${path}${query === undefined ? '' : `?${query}`}${given}`).href;
  // The first part may hold no colon: then it is a scheme that is none.
  if (/^[^/?#]*:/.test(given)) throw wrong(given, 'first path segment in URL cannot contain colon');
  const folder = path.slice(0, path.lastIndexOf('/') + 1) || '/';
  return splitUrl(`${head}${at}${withoutDots(`${folder}${given}`)}`).href;
}

/** A path, perhaps with its host before and its query behind, without the parts `.` and `..`. */
function withoutDots(text: string): string {
  const [, at = '', path = '', rest = ''] = /^(\/\/[^/?#]*)?([^?#]*)(.*)$/s.exec(text) ?? [];
  if (!path.includes('/.')) return text;
  const parts: string[] = [];
  const given = path.split('/');
  given.forEach((part, index) => {
    if (part === '..') parts.length = Math.max(1, parts.length - 1);
    else if (part !== '.') parts.push(part);
    if ((part === '.' || part === '..') && index === given.length - 1) parts.push('');
  });
  return `${at}${parts.join('/')}${rest}`;
}

/** The URL with stars for its credentials: what tags and logs say of it (k6 `URL.Clean`). */
export function cleanUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*)@/i, (_, scheme: string, user: string) => {
    return `${scheme}${user.includes(':') ? '****:****' : '****'}@`;
  });
}

/** What `http.url` gives: a URL, and the template that it was made of as the name of its samples. */
export class UrlTemplate {
  /** Shown to the script as its own fields. */
  static readonly fields = ['name', 'url', 'clean_url'];
  readonly name: string;
  readonly url: string;
  readonly clean_url: string;

  /** Throws UrlError. */
  constructor(name: string, url: string) {
    splitUrl(url);
    this.url = url;
    this.clean_url = cleanUrl(url);
    this.name = name === url ? this.clean_url : name;
  }
}

/** The tag function `http.url`: every value leaves `${}` in the name. */
export function urlTemplate(parts: readonly string[], values: readonly unknown[]): UrlTemplate {
  let name = '';
  let url = '';
  parts.forEach((part, index) => {
    name += part;
    url += part;
    if (index >= values.length) return;
    name += '${}';
    url += String(values[index]);
  });
  return new UrlTemplate(name, url);
}
