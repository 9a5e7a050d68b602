/** Where a redirect leads and what goes along: the rules of Go's net/http client, which is k6's. */

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
  if (!URL.canParse(location, hop.url)) return undefined;
  const next = new URL(location, hop.url);
  next.hash = '';
  const keepsBody = status === 307 || status === 308;
  const isFar = !isSameOrBelow(hostOf(next), hostOf(new URL(firstUrl)));
  // A Host of the script's own is meant for one place: a location with a host of its own is another.
  const isAbsolute = URL.canParse(location) || location.startsWith('//');
  const headers = without(
    hop.headers,
    (name) =>
      (isFar && SENSITIVE.has(name)) || (!keepsBody && OF_BODY.has(name)) || (isAbsolute && name === 'host'),
  );
  const method = keepsBody || hop.method === 'HEAD' ? hop.method : 'GET';
  return { url: next.href, method, headers, body: keepsBody ? hop.body : null };
}

/** The headers with the place that the redirect came from, unless the script says one or it may not be told. */
export function withReferer(headers: readonly string[], from: string, to: string): readonly string[] {
  const last = new URL(from);
  if (last.protocol === 'https:' && to.startsWith('http:')) return headers;
  if (headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'referer')) return headers;
  last.username = '';
  last.password = '';
  last.hash = '';
  return [...headers, 'Referer', last.href];
}

function without(headers: readonly string[], isLeft: (lowerName: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    if (!isLeft(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

function hostOf(url: URL): string {
  return url.hostname.toLowerCase();
}

function isSameOrBelow(host: string, parent: string): boolean {
  return host === parent || (!host.startsWith('[') && host.endsWith(`.${parent}`));
}
