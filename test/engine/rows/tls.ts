/** TLS: versions, suites, the client's own certificate, and what a response tells of its connection; addresses that are not called. */
import type { Row } from './row.ts';

const OPEN = 'vus: 1, iterations: 1, insecureSkipTLSVerify: true';

const row = (title: string, options: string, body: string, path = ''): Row => ({
  title,
  options: `{ ${OPEN}${options === '' ? '' : `, ${options}`} }`,
  before: `const ask = () => http.asyncRequest('GET', __ENV.TLS_URL + '${path}');`,
  body,
  isSecure: true,
});

const TOLD = "const r = await ask(); p('told', () => [r.status, r.tls_version, r.tls_cipher_suite]);";
const FAILED =
  "const r = await ask(); p('told', () => [r.status, r.tls_version, r.tls_cipher_suite, r.remote_ip]);";
const CERTIFICATE = 'cert: __ENV.TLS_CERT, key: __ENV.TLS_KEY';

const HERE = "B + '/echo'";
const NAMED = "B.replace('127.0.0.1', 'localhost') + '/echo'";
const blocked = (ranges: string, url: string): Row => ({
  title: `blacklistIPs ${ranges} and ${url === NAMED ? 'a name' : 'an address'}`,
  options: `{ vus: 1, iterations: 1, blacklistIPs: ${ranges} }`,
  body: `const r = await http.asyncRequest('GET', ${url}); p('told', () => [r.status, r.error_code, r.error]);`,
});

export const TLS: readonly Row[] = [
  row('a response tells of its TLS', '', TOLD),
  row(
    'a response tells whom it reached',
    '',
    "const r = await ask(); p('ip', () => r.remote_ip); p('port', () => r.remote_port > 1024);",
  ),
  row('tlsVersion with a text is both ends', "tlsVersion: 'tls1.2'", TOLD),
  row('tlsVersion with a maximum', "tlsVersion: { max: 'tls1.2' }", TOLD),
  row('tlsVersion with a minimum', "tlsVersion: { min: 'tls1.3' }", TOLD),
  row('tlsVersion that the server does not speak', "tlsVersion: 'tls1.1'", FAILED),
  row('an empty tlsVersion says nothing', "tlsVersion: ''", TOLD),
  row('tlsVersion that is none', "tlsVersion: 'tls2'", TOLD),
  row('tlsVersion with another member', "tlsVersion: { min: 'tls1.2', best: 'tls1.3' }", TOLD),
  row(
    'tlsCipherSuites are those that are offered',
    "tlsVersion: 'tls1.2', tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']",
    TOLD,
  ),
  row(
    'tlsCipherSuites of RFC 7905 by their names in Go',
    "tlsVersion: 'tls1.2', tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305']",
    "const r = await ask(); p('status', () => r.status);",
  ),
  row(
    'tlsCipherSuites that the server cannot use',
    "tlsVersion: 'tls1.2', tlsCipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']",
    FAILED,
  ),
  row('tlsCipherSuites leave TLS 1.3 as it is', "tlsCipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA']", TOLD),
  row(
    'tlsCipherSuites of which one is no longer spoken',
    "tlsVersion: { min: 'tls1.0', max: 'tls1.2' }, tlsCipherSuites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256']",
    TOLD,
  ),
  row('tlsCipherSuites that are none', "tlsCipherSuites: ['TLS_BEST']", TOLD),
  row(
    'without tlsAuth no certificate is shown',
    '',
    "await q('client', async () => (await ask()).body);",
    'client',
  ),
  row(
    'tlsAuth shows its certificate',
    `tlsAuth: [{ ${CERTIFICATE} }]`,
    "await q('client', async () => (await ask()).body);",
    'client',
  ),
  row(
    'tlsAuth shows it to hosts that its domains do not name, too',
    `tlsAuth: [{ domains: ['other.example'], ${CERTIFICATE} }]`,
    "await q('client', async () => (await ask()).body);",
    'client',
  ),
  row('tlsAuth without a certificate', "tlsAuth: [{ cert: 'none', key: 'none' }]", TOLD),
  row('tlsAuth with another member', `tlsAuth: [{ ${CERTIFICATE}, name: 'x' }]`, TOLD),
  row(
    'thresholds see the version of TLS and the address',
    "systemTags: ['tls_version', 'ip'], thresholds: { 'http_reqs{tls_version:tls1.3}': ['count==0'], 'http_reqs{ip:127.0.0.1}': ['count==0'], 'http_reqs{ip:127.0.0.2}': ['count==0'] }",
    'await ask();',
  ),
  {
    title: 'a response without TLS tells whom it reached, and one of nobody nothing',
    body: "const r = await get('/echo'); p('ip', () => [r.remote_ip, r.tls_version, r.tls_cipher_suite]); const none = await http.asyncRequest('GET', 'http://127.0.0.1:1/'); p('none', () => [none.status, none.remote_ip, none.remote_port, none.tls_version]);",
  },
  blocked("['127.0.0.0/8']", HERE),
  blocked("['10.0.0.0/8', '127.0.0.1/32']", HERE),
  blocked("['127.0.0.2/32', '::1/128']", HERE),
  blocked("['127.0.0.0/8', '::1/128']", NAMED),
  blocked("['127.0.0.1']", HERE),
  blocked("['127.0.0.1/33']", HERE),
];
