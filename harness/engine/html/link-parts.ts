/** The parts of a link's URL, read as Go's `net/url` and `net` do. */
import { urlOf, type Read } from './element-reads.ts';

interface Parts {
  readonly scheme: string;
  readonly user: string | undefined;
  /** With its port. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly hash: string;
}

const NONE: Parts = { scheme: '', user: undefined, host: '', path: '', query: '', hash: '' };
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21' };

function partsOf(href: string | undefined): Parts {
  const found =
    /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/i.exec(
      href ?? '',
    );
  if (found === null) return NONE;
  const [, scheme = '', user, host = '', path = '', query = '', hash = ''] = found;
  // What is behind a scheme without `/` is no path.
  const isOpaque = scheme !== '' && host === '' && !path.startsWith('/');
  return { scheme, user, host, path: isOpaque ? '' : decoded(path), query, hash: decoded(hash) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function portOf(host: string): string {
  return /:(\d*)$/.exec(host)?.[1] ?? '';
}

function withoutPort(host: string): string {
  const found = /^\[?([^\]]*)\]?:\d*$/.exec(host);
  return found?.[1] ?? host;
}

const part =
  (read: (parts: Parts) => string): Read =>
  ({ node, page }) =>
    read(partsOf(urlOf(node, 'href', page.url)));

export const LINK_PARTS: Readonly<Record<string, Read>> = {
  hash: part(({ hash }) => (hash === '' ? '' : `#${hash}`)),
  host: part(({ host, scheme }) => {
    const port = portOf(host);
    return port !== '' && port === DEFAULT_PORTS[scheme] ? withoutPort(host) : host;
  }),
  hostname: part(({ host }) => withoutPort(host)),
  port: part(({ host }) => portOf(host)),
  username: part(({ user = '' }) => decoded(user.split(':')[0] ?? '')),
  password: part(({ user = '' }) => decoded(user.split(':').slice(1).join(':'))),
  origin: (element) => {
    const href = urlOf(element.node, 'href', element.page.url) ?? '';
    const { scheme, host } = partsOf(href);
    if (scheme === '') return '';
    return scheme === 'file' ? href : `${scheme}://${host}`;
  },
  pathname: part(({ path }) => path),
  // Without the colon that browsers put behind it.
  protocol: part(({ scheme }) => (scheme === '' ? ':' : scheme)),
  search: part(({ query }) => (query === '' ? '' : `?${query}`)),
};
