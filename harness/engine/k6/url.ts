/** A URL as a request needs it. */
export interface SplitUrl {
  readonly origin: string;
  readonly host: string;
  /** Path with query. */
  readonly path: string;
}

/** Only plain characters: the URL parser would not change it. */
const PLAIN = /^[\w:/.?=&%+,~;!$'()*-]+$/;

/** The parts of an absolute http(s) URL, the common form without a parser; undefined when it is none. */
export function splitUrl(url: string): SplitUrl | undefined {
  const start = url.startsWith('http://') ? 7 : url.startsWith('https://') ? 8 : -1;
  if (start === -1) return undefined;
  const slash = url.indexOf('/', start);
  if (slash === -1 || !PLAIN.test(url) || url.includes('/.')) return parsedUrl(url);
  return { origin: url.slice(0, slash), host: url.slice(start, slash), path: url.slice(slash) };
}

function parsedUrl(text: string): SplitUrl | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return { origin: url.origin, host: url.host, path: `${url.pathname}${url.search}` };
}
