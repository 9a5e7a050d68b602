/** `k6/http`: verbs that block where a VU has a thread of its own, and requests that return promises. */
import { syncOfResponse, syncVerb } from '../unsupported.ts';
import { JarHandle, newCookieJar } from './cookie-module.ts';
import { ExpectedStatuses } from './expected-statuses.ts';
import { batch } from './http-batch.ts';
import type { Answer } from './answer.ts';
import { isNetworkError, RequestError, unsent } from './http-outcome.ts';
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
  const verb =
    (name: string, method: string) =>
    (url: unknown, body?: unknown, params?: unknown): HttpResponse =>
      request(vu, name, method, url, body, params);
  // Without a body: what follows the URL are the parameters.
  const bodyless =
    (name: string, method: string) =>
    (url: unknown, params?: unknown, ...rest: readonly unknown[]): HttpResponse => {
      if (rest.length > 0)
        vu.run.log(
          'warning',
          `http.${name} only accepts a url and a params argument (2 arguments), but ${rest.length + 2} were given`,
        );
      return request(vu, name, method, url, undefined, params);
    };
  return {
    get: bodyless('get', 'GET'),
    head: bodyless('head', 'HEAD'),
    post: verb('post', 'POST'),
    put: verb('put', 'PUT'),
    patch: verb('patch', 'PATCH'),
    del: verb('del', 'DELETE'),
    options: verb('options', 'OPTIONS'),
    request: (method: unknown, url: unknown, body?: unknown, params?: unknown) =>
      request(vu, 'request', String(method), url, body, params),
    batch: (...values: readonly unknown[]) => batch(vu, values, responseOf),
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

/** A response, whose page can be asked for more. */
function responseOf(vu: VuContext, answer: Answer): HttpResponse {
  return new HttpResponse(vu, answer, (name, requestOf) => {
    if (vu.run.blocking === undefined) return vu.run.refuse(syncOfResponse(name, vu.run.whyNotBlocking));
    const { method, url, body, params } = requestOf();
    return request(vu, 'request', method, url, body === null ? null : vu.realm.object(body), params);
  });
}

function callbackOf(vu: VuContext, callback: unknown): ExpectedStatuses | null {
  const known = vu.realm.behind(callback);
  if (callback === null || known instanceof ExpectedStatuses)
    return callback === null ? null : (known as ExpectedStatuses);
  throw new Error('unsupported argument, expected http.expectedStatuses');
}

/** A verb that blocks: only a VU with a thread of its own can wait. */
function request(
  vu: VuContext,
  name: string,
  method: string,
  url: unknown,
  body: unknown,
  params: unknown,
): HttpResponse {
  if (vu.phase === 'init') throw new Error('Making http requests in the init context is not supported');
  const { blocking } = vu.run;
  if (blocking === undefined) return vu.run.refuse(syncVerb(name, vu.run.whyNotBlocking));
  let made: ReturnType<typeof planOf>;
  try {
    made = planOf(vu, method, url, body, params);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return notMade(vu, error);
  }
  const [answer] = blocking.request([made.plan], false);
  if (answer === undefined) throw new Error('a request without an answer');
  if (made.throws && isNetworkError(answer)) throw new RequestError(answer.error);
  return responseOf(vu, answer);
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
    try {
      return Promise.resolve(notMade(vu, error));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }
  const { plan, throws } = made;
  return vu.realm.promise((resolve, reject) => {
    if (vu.isKilled) return;
    vu.http.send(plan, (answer) => {
      if (throws && isNetworkError(answer)) reject(new RequestError(answer.error));
      else resolve(responseOf(vu, answer));
    });
  });
}

/** A request that could not even be made: a response with the reason, or thrown with the option `throw`, as in k6. */
function notMade(vu: VuContext, { message, code }: PlanError): HttpResponse {
  if (vu.run.options.throw) throw new RequestError(message);
  vu.run.log('warning', `Request Failed: ${message}`);
  return responseOf(vu, unsent(message, code));
}
