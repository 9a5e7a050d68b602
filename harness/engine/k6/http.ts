/** `k6/http`: requests that return promises. The verbs that block in k6 say what to write instead. */
import { SYNC_VERBS, syncVerb } from '../unsupported.ts';
import { Exchange } from './exchange.ts';
import { JarHandle, newCookieJar } from './cookie-module.ts';
import { ExpectedStatuses } from './expected-statuses.ts';
import { FileData } from './request-body.ts';
import { PlanError, planOf } from './request-params.ts';
import { HttpResponse } from './response.ts';
import { urlTemplate } from './url.ts';
import type { VuContext } from './vu-context.ts';

/** Named as k6 names them, each with its own text. */
const CONSTANTS = {
  TLS_1_0: 'tls1.0',
  TLS_1_1: 'tls1.1',
  TLS_1_2: 'tls1.2',
  TLS_1_3: 'tls1.3',
  OCSP_STATUS_GOOD: 'good',
  OCSP_STATUS_REVOKED: 'revoked',
  OCSP_STATUS_SERVER_FAILED: 'server_failed',
  OCSP_STATUS_UNKNOWN: 'unknown',
  OCSP_REASON_UNSPECIFIED: 'unspecified',
  OCSP_REASON_KEY_COMPROMISE: 'key_compromise',
  OCSP_REASON_CA_COMPROMISE: 'ca_compromise',
  OCSP_REASON_AFFILIATION_CHANGED: 'affiliation_changed',
  OCSP_REASON_SUPERSEDED: 'superseded',
  OCSP_REASON_CESSATION_OF_OPERATION: 'cessation_of_operation',
  OCSP_REASON_CERTIFICATE_HOLD: 'certificate_hold',
  OCSP_REASON_REMOVE_FROM_CRL: 'remove_from_crl',
  OCSP_REASON_PRIVILEGE_WITHDRAWN: 'privilege_withdrawn',
  OCSP_REASON_AA_COMPROMISE: 'aa_compromise',
} as const;

export function httpModule(vu: VuContext): object {
  const verbs = SYNC_VERBS.map((verb) => [verb, () => vu.run.refuse(syncVerb(verb))] as const);
  return {
    ...Object.fromEntries(verbs),
    asyncRequest: (method: unknown, url: unknown, body?: unknown, params?: unknown) =>
      asyncRequest(vu, method, url, body, params),
    expectedStatuses: (...statuses: unknown[]) => new ExpectedStatuses(statuses),
    setResponseCallback: (callback: unknown) => {
      vu.http.expected = callbackOf(vu, callback);
    },
    url: (parts: readonly string[], ...values: unknown[]) => urlTemplate(parts, values),
    file: (data: unknown, name?: unknown, type?: unknown) => new FileData(data, name, type),
    cookieJar: () => {
      if (vu.phase === 'init') throw new Error('Making cookie jars in the init context is not supported');
      return new JarHandle(vu.http.jar);
    },
    CookieJar: function CookieJar() {
      return newCookieJar();
    },
    ...CONSTANTS,
  };
}

function callbackOf(vu: VuContext, callback: unknown): ExpectedStatuses | null {
  const known = vu.realm.behind(callback);
  if (callback === null || known instanceof ExpectedStatuses)
    return callback === null ? null : (known as ExpectedStatuses);
  throw new Error('unsupported argument, expected http.expectedStatuses');
}

function asyncRequest(
  vu: VuContext,
  method: unknown,
  url: unknown,
  body: unknown,
  params: unknown,
): Promise<HttpResponse> {
  if (vu.phase === 'init') throw new Error('Making http requests in the init context is not supported');
  let made: ReturnType<typeof planOf>;
  try {
    made = planOf(vu, String(method), url, body, params);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return refused(vu, String(url), error);
  }
  return vu.realm.promise((resolve, reject) => {
    const settle = made.throws ? throwing(resolve, reject) : resolve;
    if (!vu.isKilled) new Exchange(made.plan, settle).start();
  });
}

/** A request that could not even be made: a response with the reason, or a rejection with the option `throw`, as in k6. */
function refused(vu: VuContext, url: string, error: PlanError): Promise<HttpResponse> {
  const text = error.message;
  if (vu.run.options.throw) return Promise.reject(new RequestError(text));
  vu.run.log('warning', `Request Failed: ${text}`);
  const plan = {
    vu,
    url: '',
    givenUrl: '',
    method: '',
    headers: [],
    body: null,
    responseType: 'text',
  } as const;
  const parts = {
    plan,
    url: '',
    method: '',
    rawHeaders: [],
    chunks: undefined,
    statusText: '',
    blockedMs: 0,
    waitingMs: 0,
    receivingMs: 0,
  };
  return Promise.resolve(new HttpResponse(0, error.code, text, parts));
}

/** What a request rejects with under the option `throw`: the script's to catch, whatever its stack says. */
export class RequestError extends Error {}

/** With the option `throw` a network error rejects. */
function throwing(
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): (response: HttpResponse) => void {
  return (response) => {
    if (response.error !== '' && response.status === 0) reject(new RequestError(response.error));
    else resolve(response);
  };
}
