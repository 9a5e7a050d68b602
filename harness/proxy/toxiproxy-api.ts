/** Calls to the API of a real Toxiproxy, which tell what it said and end in time. */
import type { Toxiproxy } from 'toxiproxy-node-client';
import { HarnessError, harnessError, messageOf } from '../base/errors.ts';
import { isRecord } from './attributes.ts';
import { ProxyRefusal } from './refusal.ts';

const CALL_MS = 30_000;
const VERSION_MS = 5_000;

/** The version that a Toxiproxy's API gives; throws `HarnessError` toxiproxy-unreachable when nothing there speaks that API. */
export async function toxiproxyVersion(url: string): Promise<string> {
  let found: unknown;
  try {
    const text = await call('GET', `${withoutSlash(url)}/version`, undefined, VERSION_MS);
    const answer: unknown = JSON.parse(text);
    if (isRecord(answer) && typeof answer['version'] === 'string') return answer['version'];
    found = text;
  } catch (error) {
    found = error instanceof HarnessError ? (error.details.found ?? error.message) : messageOf(error);
  }
  throw harnessError('toxiproxy-unreachable', 'no Toxiproxy', {
    field: url,
    expected: "Toxiproxy's API",
    found,
  });
}

/** What takes the place of the client's own calls, which drop the error's text and wait for ever. */
export const TELLING_CALLS: Pick<Toxiproxy['api'], 'get' | 'post' | 'delete' | 'getText'> = {
  get: (url) => call('GET', url).then(dataOf),
  post: (url, body) => call('POST', url, body).then(dataOf),
  delete: async (url) => {
    await call('DELETE', url);
  },
  getText: (url) => call('GET', url),
};

/** `never`, since what Toxiproxy answers to a call that it took is whatever type the caller names. */
function dataOf(text: string): { data: never } {
  return { data: (text === '' ? undefined : JSON.parse(text)) as never };
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

async function call(method: string, url: string, body?: unknown, ms = CALL_MS): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      // To another host than the one that was named.
      redirect: 'error',
      signal: AbortSignal.timeout(ms),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    throw harnessError('toxiproxy-unreachable', `${method} ${url} failed`, {
      found: messageOf(reason),
      cause,
    });
  }
  const text = await response.text();
  if (!response.ok) throw new ProxyRefusal(response.status, errorText(text) || `status ${response.status}`);
  return text;
}

function errorText(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    if (isRecord(answer) && typeof answer['error'] === 'string') return answer['error'];
  } catch {
    // Unknown routes and the like answer in plain words.
  }
  return text.trim();
}
