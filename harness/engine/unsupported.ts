/** What the embedded engine lacks, by name, so that each miss is one clear error. The docs list this table. */
import { usageError, type HarnessError } from '../base/errors.ts';
import { OPTION_TYPES } from './option-types.ts';

/** Modules of k6 that only the real k6 has. */
export const UNSUPPORTED_MODULES: readonly string[] = [
  'k6/browser',
  'k6/experimental/*',
  'k6/html',
  'k6/net/grpc',
  'k6/secrets',
  'k6/webcrypto',
  'k6/websockets',
  'k6/ws',
  'k6/x/*',
];

/** Members of modules that are there otherwise. */
export const UNSUPPORTED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'k6/http': ['batch'],
  'k6/crypto': ['md4'],
};

/** Members of a response of `k6/http` that are there otherwise. */
export const UNSUPPORTED_RESPONSE_MEMBERS: readonly string[] = ['html', 'submitForm', 'clickLink'];

/** Fields of a response that are there otherwise: refused when they are read. */
export const UNSUPPORTED_RESPONSE_FIELDS: readonly string[] = [
  'ocsp',
  'remote_ip',
  'remote_port',
  'tls_cipher_suite',
  'tls_version',
];

/** Verbs that block in k6 and cannot block in Node. */
export const SYNC_VERBS: readonly string[] = [
  'get',
  'post',
  'put',
  'patch',
  'del',
  'head',
  'options',
  'request',
];

/** Options of a script that would change what a run means, and that only the real k6 has. */
export const UNSUPPORTED_OPTIONS: readonly string[] = Object.entries(OPTION_TYPES)
  .filter(([, { isRefused }]) => isRefused === true)
  .map(([name]) => name);

/** Built-in metrics that only the real k6 has: a threshold on one is refused, since it would judge nothing. */
export const UNSUPPORTED_METRICS: readonly string[] = [
  'data_received',
  'data_sent',
  'http_req_connecting',
  'http_req_sending',
  'http_req_tls_handshaking',
];

/** The one error for all of them. `what` is the name as the script has it. */
export function unsupported(what: string, advice = ''): HarnessError {
  const hint = advice === '' ? '' : `${advice}; or `;
  return usageError(
    'unsupported-api',
    `${what} is not in the embedded engine: ${hint}run this script with --engine k6`,
  );
}

/** The name that is not served, e.g. `http.post`, with what to write in its place. */
export function syncVerb(verb: string): HarnessError {
  const method = verb === 'del' ? 'DELETE' : verb === 'request' ? 'METHOD' : verb.toUpperCase();
  return unsupported(
    `http.${verb} (it blocks, and Node cannot)`,
    `write \`await http.asyncRequest('${method}', url, body, params)\`, which runs in both`,
  );
}
