/** How the endpoint is reached: base URLs, certificates, an HTTP proxy. Files are read once, here. */

import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { keepSecret, keepUrlSecrets } from '../base/secrets.ts';
import { messageOf, usageError } from '../base/errors.ts';
import { smallText } from '../base/small-file.ts';
import type { Way } from '../proxy/types.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { isAllowedHost, isLoopback } from './hosts.ts';
import { isGiven, isPlainObject, itemsOf, objectOf, textOf, wrong, type Member } from './member.ts';
import { baseUrlOf } from './target.ts';

/** Who the endpoint is and how it is reached, as plain data. */
export interface ResolvedReach extends Way {
  /** `host:port` of the HTTP proxy. */
  readonly proxyAt?: string;
}

/** The base URLs, the first one first: one, or several replicas of one endpoint. Throws a usage error. */
export function baseUrlsOf(one: Member, several: Member, env: Environment): readonly URL[] {
  if (!isGiven(several)) return [baseUrlOf(one, env)];
  if (isGiven(one)) {
    throw usageError('config_wrong', `not beside baseUrls in ${one.file}`, {
      field: one.path,
      expected: 'baseUrl, or baseUrls',
    });
  }
  const members = itemsOf(several, 'an array with at least one URL', 1);
  const urls = members.map((member) => baseUrlOf(member, env));
  const [first] = urls;
  for (const [index, url] of urls.entries()) {
    const member = { ...(members[index] ?? several), value: url.href };
    if (first && (url.protocol !== first.protocol || url.pathname !== first.pathname))
      throw wrong(member, `the scheme and path of the first one (${first.protocol}//…${first.pathname})`);
    if (urls.findIndex(({ href }) => href === url.href) !== index) throw wrong(member, 'each replica once');
  }
  return urls;
}

export interface ReachMembers {
  readonly tls: Member;
  readonly httpProxy: Member;
}

/** Throws a usage error for a file that cannot be read, or that is no certificate or key. */
export function reachOf(
  { tls, httpProxy }: ReachMembers,
  base: URL,
  { env, file, allowedHosts }: { env: Environment; file: string; allowedHosts: readonly string[] },
): ResolvedReach {
  return {
    ...(isGiven(tls) && { tls: tlsOf(tls, base, dirname(file), env) }),
    ...(isGiven(httpProxy) && proxyOf(httpProxy, env, allowedHosts)),
  };
}

function tlsOf(member: Member, base: URL, directory: string, env: Environment): NonNullable<Way['tls']> {
  const members = objectOf(member, ['ca', 'cert', 'key', 'passphrase', 'serverName']);
  const { ca, cert, key, passphrase, serverName } = members;
  if (base.protocol !== 'https:') throw wrong({ ...member, value: base.href }, 'an https baseUrl beside it');
  if (isGiven(cert) !== isGiven(key)) throw wrong(isGiven(cert) ? key : cert, 'cert and key together');
  const found = {
    ...(isGiven(ca) && { ca: pemOf(ca, directory, env) }),
    ...(isGiven(cert) && { cert: pemOf(cert, directory, env), key: keepSecret(pemOf(key, directory, env)) }),
    ...(isGiven(passphrase) && { passphrase: textOrEnv(passphrase, env, 'kept') }),
    ...(isGiven(serverName) && { serverName: textOf(serverName, 'the name in its certificate') }),
  };
  try {
    createSecureContext(found);
  } catch (error) {
    throw usageError('config_wrong', `cannot be used, from ${member.file}: ${messageOf(error)}`, {
      field: member.path,
      expected: 'PEM files that fit together',
    });
  }
  return found;
}

/** A path from the config's folder, or a variable with a path or the PEM text itself. */
function pemOf(member: Member, directory: string, env: Environment): string {
  const text = textOrEnv(member, env, isPlainObject(member.value) ? 'hidden' : 'open');
  if (text.startsWith('-----BEGIN')) return text;
  try {
    const pem = smallText(resolve(directory, text));
    if (pem.includes('-----BEGIN')) return pem;
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw usageError('config_file', 'cannot be read', { field: member.path, expected: 'a PEM file', found });
  }
  throw wrong(member, 'a PEM file');
}

function proxyOf(member: Member, env: Environment, allowed: readonly string[]): Partial<ResolvedReach> {
  const text = keepUrlSecrets(textOrEnv(member, env));
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'http:' && url.pathname === '/' && !url.search && !url.hash;
  if (url === undefined || !isPlain) throw wrong({ ...member, value: text }, 'http://host:port of a proxy');
  if (!isLoopback(url.hostname) && !isAllowedHost(allowed, url)) {
    throw usageError('host_not_allowed', `its host is not an allowed one in ${member.file}`, {
      field: member.path,
      expected: `${url.host} in allowedHosts`,
      found: url.host,
    });
  }
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = `Basic ${keepSecret(Buffer.from(user, 'utf8').toString('base64'))}`;
  return {
    proxyAt: `${url.hostname}:${url.port || '80'}`,
    proxy: url.username === '' ? {} : { authorization },
  };
}
