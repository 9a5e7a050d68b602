/** Which hosts may be sent anything: only those that the config names. */

import { usageError } from '../base/errors.ts';
import { itemsOf, isGiven, matchOf, wrong, type Member } from './member.ts';

const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:\d{1,5})?$/;

/** Whether a text is `host` or `host:port`. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** `host:port`, the port always there: a host without one would stand for every port. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

/** The list of allowed hosts, `more` of them from the command line. `base` is allowed by itself only when it is a loopback address. Throws a usage error. */
export function allowedHostsOf(
  member: Member,
  baseUrl: Member,
  base: URL,
  more: readonly string[] = [],
): readonly string[] {
  if (!isGiven(member)) {
    if (isLoopback(base.hostname)) return [base.host, ...more];
    if (isAllowedHost(more, base)) return more;
    throw usageError(
      'host_not_allowed',
      `its host is not a loopback address and is not named in ${member.file}`,
      {
        field: baseUrl.path,
        expected: `allowedHosts: ['${base.host}']`,
        found: base.host,
      },
    );
  }
  const expected = 'host or host:port, without scheme and path';
  const hosts = itemsOf(member, 'an array of hosts', 1).map((item) =>
    matchOf(item, HOST, expected).toLowerCase(),
  );
  const all = [...hosts, ...more];
  if (!isAllowedHost(all, base)) throw wrong(member, `${base.host} (the host of ${baseUrl.path}) among them`);
  return all;
}

/** Whether a URL's host is one of the allowed ones: `host` stands for every port, `host:port` for one. */
export function isAllowedHost(allowedHosts: readonly string[], url: URL): boolean {
  const withPort = hostAndPort(url);
  return allowedHosts.some((host) => host === url.hostname || host === url.host || host === withPort);
}

/** Loopback by name or address (RFC 1122, RFC 4291, RFC 6761). `hostname` as `URL` gives it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
