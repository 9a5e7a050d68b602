/** Where a redirect leads and what goes along: the rules of Go's net/http client, which is k6's. */
import { resolvedUrl, splitUrl } from './url.ts';

/** A request as it goes out. Header names and values in turn. */
export interface Hop {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | Buffer | null;
}

/** Not for another host than the first one and what lies below it. */
const SENSITIVE: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
]);
/** They speak of the body, and go with it. */
const OF_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

/**
 * The request that follows on a redirect; undefined when its location is no URL. What one redirect takes off does not
 * come back with the next one, not even at the first host.
 */
export function nextHop(firstUrl: string, hop: Hop, status: number, location: string): Hop | undefined {
  const next = resolved(hop.url, location);
  if (next === undefined) return undefined;
  const keepsBody = status === 307 || status === 308;
  const isFar = !isSameOrBelow(hostOf(next), hostOf(firstUrl));
  // A Host of the script's own is meant for one place: a location with a host of its own is another.
  const isAbsolute = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(location);
  const headers = without(
    hop.headers,
    (name) =>
      (isFar && SENSITIVE.has(name)) || (!keepsBody && OF_BODY.has(name)) || (isAbsolute && name === 'host'),
  );
  const method = keepsBody || hop.method === 'HEAD' ? hop.method : 'GET';
  return { url: next, method, headers, body: keepsBody ? hop.body : null };
}

function resolved(from: string, location: string): string | undefined {
  try {
    return resolvedUrl(from, location);
  } catch {
    return undefined;
  }
}

/** The headers with the place that the redirect came from, unless the script says one or it may not be told. */
export function withReferer(headers: readonly string[], from: string, to: string): readonly string[] {
  if (from.startsWith('https:') && to.startsWith('http:')) return headers;
  if (headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'referer')) return headers;
  return [...headers, 'Referer', withoutUser(from)];
}

function without(headers: readonly string[], isLeft: (lowerName: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    if (!isLeft(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** The host that a URL names, in small letters, without its port. */
export function hostOf(url: string): string {
  return splitUrl(url).host.replace(/:\d*$/, '').toLowerCase();
}

/** A URL without name and password. */
export function withoutUser(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#@]*@/, '$1');
}

/** Whether a host is that one, or lies below it. */
export function isSameOrBelow(host: string, parent: string): boolean {
  return host === parent || (!host.startsWith('[') && host.endsWith(`.${parent}`));
}
