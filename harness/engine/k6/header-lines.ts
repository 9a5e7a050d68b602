/** Headers of a request as a list of names and values, one after the other, as they go out. */
import { hostOf, isSameOrBelow } from './redirect.ts';
import { cookieLine } from './request-cookies.ts';
import type { RequestPlan } from './request-plan.ts';

/** The headers of a hop with the cookies for its URL, those of the one before left out. */
export function withCookies(headers: readonly string[], plan: RequestPlan, url: string): string[] {
  const kept = without(headers, 'Cookie');
  // k6 takes the call's own cookies to any host; here they are secrets of the first one.
  const own = isSameOrBelow(hostOf(url), hostOf(plan.url)) ? plan.cookies : [];
  const line = cookieLine(undefined, own, plan.jar, url);
  return line === undefined ? kept : [...kept, 'Cookie', line];
}

/** All but those of one name. */
export function without(headers: readonly string[], name: string): string[] {
  return headers.filter((_, index) => headers[index - (index % 2)] !== name);
}

/** Header lines go out as UTF-8, one character a byte. */
export function inBytes(headers: string[]): string[] {
  if (headers.includes('Transfer-Encoding') || headers.includes('Trailer'))
    return inBytes(without(without(headers, 'Transfer-Encoding'), 'Trailer'));
  for (const text of headers) {
    if (!ASCII.test(text)) return headers.map((one) => Buffer.from(one).toString('latin1'));
  }
  return headers;
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\0-\u007F]*$/;
