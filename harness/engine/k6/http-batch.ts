/** `http.batch`: several requests at once, as many as the options `batch` and `batchPerHost` allow. */
import { syncVerb } from '../unsupported.ts';
import { goType } from './request-body.ts';
import { isNetworkError, RequestError, unsent } from './http-outcome.ts';
import { PlanError, planOf } from './request-params.ts';
import type { Answer } from './answer.ts';
import type { HttpResponse } from './response.ts';
import type { VuContext } from './vu-context.ts';

type Made = ReturnType<typeof planOf>;
type Respond = (vu: VuContext, answer: Answer) => HttpResponse;
type Named = readonly (readonly [name: string, request: unknown])[];

/** The responses as the requests were given: a list of them, or by name. */
export function batch(vu: VuContext, given: readonly unknown[], respond: Respond): object {
  if (vu.phase === 'init') throw new Error('Using batch in the init context is not supported');
  const { blocking } = vu.run;
  if (blocking === undefined) return vu.run.refuse(syncVerb('batch', vu.run.whyNotBlocking));
  if (given.length === 0) throw new Error('no argument was provided to http.batch()');
  if (given.length > 1) throw new Error('http.batch() accepts only an array or an object of requests');
  const [requests] = given;
  const isList = Array.isArray(requests);
  const named = namedRequests(requests);
  const made: Made[] = [];
  for (const [name, request] of named) {
    try {
      made.push(madeOf(vu, name, request));
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      const responses = notSent(vu, named, made.length, error, respond);
      return isList ? responses : byName(named.slice(0, made.length + 1), responses);
    }
  }
  const answers =
    made.length === 0
      ? []
      : blocking.request(
          made.map(({ plan }) => plan),
          true,
        );
  const failed = answers.find((answer, index) => made[index]?.throws === true && isNetworkError(answer));
  if (failed !== undefined) throw new RequestError(failed.error);
  const responses = answers.map((answer) => respond(vu, answer));
  return isList ? responses : byName(named, responses);
}

function namedRequests(requests: unknown): Named {
  if (Array.isArray(requests)) return requests.map((request, index) => [String(index), request] as const);
  if (typeof requests === 'object' && requests !== null && !ArrayBuffer.isView(requests))
    return Object.entries(requests);
  throw new Error(`invalid http.batch() argument type ${goType(requests)}`);
}

/** A text, a list of method, URL, body and parameters, or an object with these names. */
function madeOf(vu: VuContext, name: string, given: unknown): Made {
  const request = vu.realm.behind(given) ?? given;
  if (Array.isArray(request)) {
    const [method, url, body, params] = request as unknown[];
    if (request.length < 2) throw new PlanError('invalid batch request: a method and a URL are needed');
    if (typeof method !== 'string') throw new PlanError(`invalid method type '${goType(method)}'`);
    return planOf(vu, method, url, body, params);
  }
  if (request !== given || typeof request !== 'object' || request === null)
    return planOf(vu, 'GET', given, undefined, undefined);
  const { method = 'GET', url, body, params } = request as Readonly<Record<string, unknown>>;
  if (!('url' in request)) throw new PlanError(`batch request ${name} doesn't have a url key`);
  if (typeof method !== 'string') throw new PlanError(`invalid method type '${goType(method)}'`);
  const upper = method.toUpperCase();
  return planOf(vu, upper, url, upper === 'GET' || upper === 'HEAD' ? undefined : body, params);
}

/** One that cannot be made keeps all others back: k6 gives empty responses up to that one, and nothing after it. */
function notSent(
  vu: VuContext,
  named: Named,
  count: number,
  error: PlanError,
  respond: Respond,
): readonly (HttpResponse | null)[] {
  if (vu.run.options.throw) throw new RequestError(error.message);
  vu.run.log('warning', `A batch request failed: ${error.message}`);
  return named.map((_, index) => {
    if (index > count) return null;
    return respond(vu, index < count ? unsent('', 0) : unsent(error.message, error.code));
  });
}

function byName(named: Named, responses: readonly unknown[]): object {
  return Object.fromEntries(named.map(([name], index) => [name, responses[index]]));
}
