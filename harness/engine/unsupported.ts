/** What the embedded engine lacks, by name, so that each miss is one clear error. The docs list this table. */
import { usageError, type HarnessError } from '../base/errors.ts';
import { OPTION_TYPES } from './option-types.ts';

/** Modules of k6 that only the real k6 has. */
export const UNSUPPORTED_MODULES: readonly string[] = [
  'k6/browser',
  'k6/experimental/*',
  'k6/net/grpc',
  'k6/secrets',
  'k6/webcrypto',
  'k6/websockets',
  'k6/ws',
  'k6/x/*',
];

/** Members of modules that are there otherwise. */
export const UNSUPPORTED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'k6/crypto': ['md4'],
};

/** Fields of a response that are there otherwise: refused when they are read. */
export const UNSUPPORTED_RESPONSE_FIELDS: readonly string[] = ['ocsp'];

/** Members of `k6/http` that block: a script with one of them gets a thread for each VU. */
export const SYNC_VERBS: readonly string[] = [
  'get',
  'post',
  'put',
  'patch',
  'del',
  'head',
  'options',
  'request',
  'batch',
];

/** Methods of a response that block in the same way. */
export const SYNC_RESPONSE_MEMBERS = ['submitForm', 'clickLink'] as const;

/** Options of a script that would change what a run means, and that only the real k6 has. */
export const UNSUPPORTED_OPTIONS: readonly string[] = Object.entries(OPTION_TYPES)
  .filter(([, { isRefused }]) => isRefused === true)
  .map(([name]) => name);

/** Built-in metrics that only the real k6 has: a threshold on one is refused, since it would judge nothing. */
export const UNSUPPORTED_METRICS: readonly string[] = [
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

/** A verb that blocks, e.g. `http.post`, in a run that cannot; `why`: empty where the script does not look as if it blocked. */
export function syncVerb(verb: string, why: string): HarnessError {
  const method = verb === 'del' ? 'DELETE' : verb === 'request' ? 'METHOD' : verb.toUpperCase();
  const reason = why === '' ? 'which blocks, and is not seen in the text of the script' : why;
  const advice =
    verb === 'batch'
      ? 'write `await Promise.all(…)` of `http.asyncRequest(…)`, which runs in both'
      : `write \`await http.asyncRequest('${method}', url, body, params)\`, which runs in both`;
  return unsupported(`http.${verb} (${reason})`, advice);
}

/** `response.submitForm` or `clickLink`, in a run that cannot wait for it. */
export function syncOfResponse(member: (typeof SYNC_RESPONSE_MEMBERS)[number], why: string): HarnessError {
  return unsupported(
    `Response.${member} (${why === '' ? 'which blocks, and is not seen in the text of the script' : why})`,
    'read the page by `response.html()` and write `await http.asyncRequest(method, url, body, params)`, which runs in both',
  );
}

/** `http.get` or `sleep` in a run that cannot stand still. */
export function blockingCall(name: string, why: string): HarnessError {
  if (name === 'sleep')
    return unsupported(`sleep without await (${why})`, 'write `await sleep(1)`, which runs in both');
  return syncVerb(name.replace('http.', ''), why);
}
