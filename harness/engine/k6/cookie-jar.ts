/** A jar of cookies with the rules of Go's net/http/cookiejar without a list of public suffixes, which is k6's. */
import { isIP } from 'node:net';

import type { SetCookie } from './set-cookie.ts';

/** A cookie as a request carries it. */
export interface JarCookie {
  readonly name: string;
  readonly value: string;
  readonly isQuoted: boolean;
}

/** A cookie as the jar keeps it: plain data. */
export interface JarEntry extends JarCookie {
  readonly domain: string;
  readonly isHostOnly: boolean;
  readonly path: string;
  readonly isSecure: boolean;
  /** Milliseconds since the epoch; Infinity: with the jar. */
  readonly expiresAt: number;
  /** Order of first storing. */
  readonly number: number;
}

export class CookieJar {
  private readonly entries = new Map<string, JarEntry>();
  private readonly now: () => number;
  private nextNumber = 0;

  /** `entries`: those of another jar. */
  constructor(now: () => number = Date.now, entries: readonly JarEntry[] = []) {
    this.now = now;
    for (const entry of entries) this.entries.set(idOf(entry), entry);
    this.nextNumber = Math.max(-1, ...entries.map(({ number }) => number)) + 1;
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** All that it holds. */
  all(): JarEntry[] {
    return [...this.entries.values()];
  }

  /** Keeps what an answer of that URL set; what its domain may not set is dropped. */
  set(url: URL, cookies: readonly SetCookie[]): void {
    if (!isHttp(url)) return;
    const host = hostOf(url);
    for (const cookie of cookies) this.setOne(host, url.pathname, cookie);
  }

  /** What a request to that URL carries: longer paths first, then older ones. */
  get(url: URL): JarCookie[] {
    if (this.entries.size === 0 || !isHttp(url)) return [];
    const host = hostOf(url);
    const now = this.now();
    const found: JarEntry[] = [];
    for (const [id, entry] of this.entries) {
      if (entry.expiresAt <= now) this.entries.delete(id);
      else if (isMeantFor(entry, host, url)) found.push(entry);
    }
    return found.toSorted((a, b) => b.path.length - a.path.length || a.number - b.number);
  }

  private setOne(host: string, requestPath: string, cookie: SetCookie): void {
    const scope = scopeOf(host, cookie.domain);
    if (scope === undefined) return;
    const path = cookie.path.startsWith('/') ? cookie.path : folderOf(requestPath);
    const id = idOf({ domain: scope.domain, path, name: cookie.name });
    const expiresAt = this.endOf(cookie);
    const known = this.entries.get(id);
    if (expiresAt === undefined) this.entries.delete(id);
    else {
      const number = known?.number ?? this.nextNumber++;
      const { name, value, isQuoted, isSecure } = cookie;
      this.entries.set(id, { name, value, isQuoted, ...scope, path, isSecure, expiresAt, number });
    }
  }

  /** Undefined when it is over already. The maximum age goes before the date. */
  private endOf({ maxAgeSeconds, expiresAt }: SetCookie): number | undefined {
    if (maxAgeSeconds < 0) return undefined;
    if (maxAgeSeconds > 0) return this.now() + maxAgeSeconds * 1_000;
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    return expiresAt > this.now() ? expiresAt : undefined;
  }
}

function idOf({ domain, path, name }: Pick<JarEntry, 'domain' | 'path' | 'name'>): string {
  return `${domain};${path};${name}`;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function hostOf({ hostname }: URL): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Whom a cookie is for: its host alone, or a domain and what lies below it; undefined when the host may not say so. */
function scopeOf(host: string, domain: string): Pick<JarEntry, 'domain' | 'isHostOnly'> | undefined {
  if (domain === '') return { domain: host, isHostOnly: true };
  if (isIP(host) !== 0) return host === domain ? { domain: host, isHostOnly: true } : undefined;
  const named = (domain.startsWith('.') ? domain.slice(1) : domain).toLowerCase();
  if (named === '' || named.startsWith('.') || named.endsWith('.')) return undefined;
  return host === named || host.endsWith(`.${named}`) ? { domain: named, isHostOnly: false } : undefined;
}

/** What is on this machine counts as secure, as in browsers. */
function isLoopback(domain: string): boolean {
  return (
    domain === 'localhost' ||
    domain.endsWith('.localhost') ||
    domain === '::1' ||
    /^127(?:\.\d+){3}$/.test(domain)
  );
}

function isMeantFor(entry: JarEntry, host: string, { protocol, pathname }: URL): boolean {
  if (entry.isSecure && protocol !== 'https:' && !isLoopback(entry.domain)) return false;
  const isHost = host === entry.domain || (!entry.isHostOnly && host.endsWith(`.${entry.domain}`));
  if (!isHost) return false;
  const { path } = entry;
  if (!pathname.startsWith(path)) return false;
  return pathname.length === path.length || path.endsWith('/') || pathname[path.length] === '/';
}

/** The folder of a path: what a cookie without a path is for. */
function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
