/** Digest authentication: the answer to a server's challenge (RFC 7616). */
import { createHash, randomBytes } from 'node:crypto';

import type { Credentials } from './url.ts';

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/** What is asked for, under the credentials. */
export interface DigestRequest {
  readonly method: string;
  /** Path with query, as the request line has it. */
  readonly uri: string;
  readonly body: string | Buffer | null;
  readonly credentials: Credentials;
}

/**
 * The `Authorization` line for a `WWW-Authenticate: Digest …` line; undefined when it is no such challenge, or one with
 * an algorithm or a quality of protection that is not known. `clientNonce` is given by tests.
 */
export function digestAnswer(
  challenge: string,
  { method, uri, body, credentials: { name, password } }: DigestRequest,
  clientNonce = randomBytes(16).toString('hex'),
): string | undefined {
  if (!/^digest\s/i.test(challenge)) return undefined;
  const asked = parameters(challenge.slice('digest'.length));
  const algorithm = asked.get('algorithm') ?? 'MD5';
  const [base = '', session] = algorithm.toUpperCase().split(/-(SESS)$/);
  const hashName = HASHES[base];
  const qop = qopOf(asked.get('qop'));
  const nonce = asked.get('nonce');
  const realm = asked.get('realm') ?? '';
  if (hashName === undefined || qop === 'unknown' || nonce === undefined) return undefined;
  const hash = (text: string | Buffer): string => createHash(hashName).update(text).digest('hex');
  const own = hash(`${name}:${realm}:${password}`);
  const secret = session === undefined ? own : hash(`${own}:${nonce}:${clientNonce}`);
  const what = qop === 'auth-int' ? `${method}:${uri}:${hash(body ?? '')}` : `${method}:${uri}`;
  const middle = qop === undefined ? nonce : `${nonce}:00000001:${clientNonce}:${qop}`;
  const parts = [
    `username="${quoted(name)}"`,
    `realm="${quoted(realm)}"`,
    `nonce="${quoted(nonce)}"`,
    `uri="${quoted(uri)}"`,
    `response="${hash(`${secret}:${middle}:${hash(what)}`)}"`,
    `algorithm=${algorithm}`,
    ...(asked.has('opaque') ? [`opaque="${quoted(asked.get('opaque') ?? '')}"`] : []),
    ...(qop === undefined ? [] : [`qop=${qop}`, 'nc=00000001', `cnonce="${clientNonce}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}

/** The weaker of the two suffices: so it does in k6. Undefined: none is asked for. */
function qopOf(offered: string | undefined): 'auth' | 'auth-int' | 'unknown' | undefined {
  if (offered === undefined) return undefined;
  const names = offered.split(',').map((one) => one.trim().toLowerCase());
  if (names.includes('auth')) return 'auth';
  return names.includes('auth-int') ? 'auth-int' : 'unknown';
}

/** `name=value` and `name="value"`, names in lower case. */
function parameters(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', inQuotes, plain = ''] of text.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/g,
  ))
    found.set(name.toLowerCase(), inQuotes === undefined ? plain : inQuotes.replace(/\\(.)/g, '$1'));
  return found;
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, String.raw`\$&`);
}
