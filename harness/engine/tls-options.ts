/** The options `tlsVersion`, `tlsCipherSuites` and `tlsAuth`, as Node's TLS takes them. */
import { createSecureContext, DEFAULT_CIPHERS, type ConnectionOptions } from 'node:tls';

import { invalid, type Raw } from './scenario-options.ts';
import { unsupported } from './unsupported.ts';

/** What a connection is opened with; all absent: as Node does it. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'minVersion' | 'maxVersion' | 'ciphers' | 'cert' | 'key' | 'passphrase'
>;

/** By the names of k6; Node's own are those of OpenSSL. */
const VERSIONS: Readonly<Record<string, NonNullable<ConnectionOptions['minVersion']>>> = {
  'tls1.0': 'TLSv1',
  'tls1.1': 'TLSv1.1',
  'tls1.2': 'TLSv1.2',
  'tls1.3': 'TLSv1.3',
};

/** Names of IANA, as k6 has them (RFC 5246, 5289, 7905), and those of OpenSSL; '' where OpenSSL 3 has none. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_RSA_WITH_RC4_128_SHA: '',
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: '',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_RC4_128_SHA: '',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_RC4_128_SHA: '',
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: '',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
};
/** Of TLS 1.3, which Go does not let anybody choose: named, they change nothing. */
const SUITES_OF_1_3: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

/** Throws a usage HarnessError for what k6 answers with exit code 104, and for what only the real k6 has. */
export function tlsOptions(raw: Raw): TlsOptions {
  const { min, max } = versionsOf(raw['tlsVersion']);
  const named = suitesOf(raw['tlsCipherSuites']);
  const isOld = min === 'tls1.0' || min === 'tls1.1';
  const ciphers = named ?? (isOld ? DEFAULT_CIPHERS : undefined);
  return {
    ...(min !== '' && { minVersion: VERSIONS[min] }),
    ...(max !== '' && { maxVersion: VERSIONS[max] }),
    // OpenSSL 3 speaks the old versions at its lowest level of security only.
    ...(ciphers !== undefined && { ciphers: isOld ? `${ciphers}:@SECLEVEL=0` : ciphers }),
    ...certificateOf(raw['tlsAuth']),
  };
}

function versionsOf(given: unknown): { readonly min: string; readonly max: string } {
  if (given === null || given === undefined) return { min: '', max: '' };
  if (typeof given === 'string') {
    const both = versionOf('options.tlsVersion', given);
    return { min: both, max: both };
  }
  if (typeof given !== 'object' || Array.isArray(given))
    throw invalid('options.tlsVersion', 'a text such as tls1.2, or { min, max }', given);
  const { min, max, ...rest } = given as Raw;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid('options.tlsVersion', 'the members min and max', unknown);
  return { min: versionOf('options.tlsVersion.min', min), max: versionOf('options.tlsVersion.max', max) };
}

function versionOf(field: string, given: unknown): string {
  if (given === null || given === undefined || given === '') return '';
  if (typeof given !== 'string' || VERSIONS[given] === undefined)
    throw invalid(field, 'tls1.0, tls1.1, tls1.2 or tls1.3', given);
  return given;
}

function suitesOf(given: unknown): string | undefined {
  if (!Array.isArray(given)) return undefined;
  const found: string[] = [];
  for (const [index, name] of (given as unknown[]).entries()) {
    const field = `options.tlsCipherSuites[${index}]`;
    if (SUITES_OF_1_3.includes(name as string)) continue;
    const suite = SUITES[name as string];
    if (suite === undefined) throw invalid(field, 'the name of a cipher suite', name);
    found.push(suite);
  }
  if (found.length === 0) return undefined;
  const offered = found.filter((suite) => suite !== '');
  if (offered.length === 0) throw unsupported('options.tlsCipherSuites with RC4 or 3DES alone');
  return offered.join(':');
}

/** What is said of suites that cannot be offered beside those that can. */
export function tlsWarnings(raw: Raw): readonly string[] {
  const given = raw['tlsCipherSuites'];
  const lacking = Array.isArray(given) ? given.filter((name) => SUITES[name as string] === '') : [];
  if (lacking.length === 0) return [];
  return [`options.tlsCipherSuites: not offered, since OpenSSL 3 has them no more: ${lacking.join(', ')}`];
}

function certificateOf(given: unknown): Pick<TlsOptions, 'cert' | 'key' | 'passphrase'> {
  if (!Array.isArray(given) || given.length === 0) return {};
  if (given.length > 1) throw unsupported('options.tlsAuth with more than one certificate');
  const [one] = given as unknown[];
  if (typeof one !== 'object' || one === null)
    throw invalid('options.tlsAuth[0]', 'an object with cert and key', one);
  const { cert, key, password, domains: _domains, ...rest } = one as Raw;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw invalid('options.tlsAuth[0]', 'the members cert, key, password and domains', unknown);
  const made = {
    cert: textOf('cert', cert),
    key: textOf('key', key),
    ...(password !== undefined && password !== null && { passphrase: textOf('password', password) }),
  };
  try {
    createSecureContext(made);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid('options.tlsAuth[0]', 'a certificate and its key as PEM', why);
  }
  return made;
}

function textOf(member: string, given: unknown): string {
  if (typeof given !== 'string' || given === '')
    throw invalid(`options.tlsAuth[0].${member}`, 'a text', given);
  return given;
}
