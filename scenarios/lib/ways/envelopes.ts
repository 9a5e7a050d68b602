/**
 * The envelope of a repeated request: ways to send the same redemption under the same key once more. Each line: what it
 * changes, what the endpoint may answer beside the replay, and that it must not make another redemption of it.
 */
import { below } from '../../../harness/model/decide.ts';
import type { WireRequest } from '../../../harness/model/redeem-request.ts';
import type { Story } from '../story.ts';

export interface Envelope {
  readonly name: string;
  readonly changes: string;
  /** A refusal is as right as a replay: endpoints differ there, and no row of a contract speaks of it. */
  readonly mayRefuse: boolean;
  /** The request so sent; undefined: it cannot be, here. */
  readonly put: (request: WireRequest, story: Story) => WireRequest | undefined;
}

/** What no k6 client can send (letter case and order of headers, HTTP/1.0, a connection of its own) a raw connection does. */
export const ENVELOPES: readonly Envelope[] = [
  {
    name: 'trace headers',
    changes: 'trace and request ids of its own, as each hop and each attempt has them',
    mayRefuse: false,
    put: withHeaders({
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'X-Request-Id': 'a7f3c1d2-second',
    }),
  },
  {
    name: 'forwarding headers',
    changes: 'another address before the balancer',
    mayRefuse: true,
    put: withHeaders({
      'X-Forwarded-For': '192.0.2.44',
      Forwarded: 'for=192.0.2.44;proto=https',
      Via: '1.1 edge',
    }),
  },
  {
    name: 'another client',
    changes: 'user agent and accept: the app was updated between two attempts',
    mayRefuse: true,
    put: withHeaders({ 'User-Agent': 'loyalty-app/2.0', Accept: 'application/json, */*;q=0.5' }),
  },
  {
    name: 'the marker of a replay',
    changes: "the contract's own response marker as a request header",
    mayRefuse: false,
    put: (request, story) => {
      const { replayMarker } = story.contract;
      const name = ['none', 'unspecified'].includes(replayMarker) ? 'Idempotent-Replayed' : replayMarker;
      return withHeaders({ [name]: 'true' })(request);
    },
  },
  {
    name: 'a query',
    changes: 'a query member behind the path, as campaign links add them',
    mayRefuse: true,
    put: (request) => ({
      ...request,
      url: `${request.url}${request.url.includes('?') ? '&' : '?'}utm_source=retry`,
    }),
  },
  {
    name: 'a slash behind the path',
    changes: 'the path with a slash at its end, where both answer',
    mayRefuse: true,
    put: (request) => (/[?/]$|\?/.test(request.url) ? undefined : { ...request, url: `${request.url}/` }),
  },
  {
    name: 'a content type with a parameter',
    changes: 'application/json; charset=utf-8',
    mayRefuse: true,
    put: (request) => {
      const name = Object.keys(request.headers).find((header) => header.toLowerCase() === 'content-type');
      if (name === undefined || request.headers[name] !== 'application/json') return undefined;
      return { ...request, headers: { ...request.headers, [name]: 'application/json; charset=utf-8' } };
    },
  },
  {
    name: 'an unknown member',
    changes: 'one more member in the body, as a newer client sends it',
    mayRefuse: true,
    put: (request, { contract }) =>
      // Told apart by their bytes these are two payloads.
      contract.fingerprint !== 'bytes' && request.body.startsWith('{"')
        ? { ...request, body: `{"client_version":"2.0",${request.body.slice(1)}` }
        : undefined,
  },
];

/** Beside one repetition in each way there are so many plain ones: two in three come in another envelope. */
const PLAIN_COUNT = ENVELOPES.length / 2;

/** By hash of the intent: the way in which its n-th repetition is sent; undefined: as the first was. */
export function envelopeOf(story: Story, intent: string, number: number): Envelope | undefined {
  // Of several calls each has another path and body.
  if (story.settings.redeemTarget.redeem.before !== undefined) return undefined;
  const place = below(ENVELOPES.length + PLAIN_COUNT, story.settings.seed, intent, 'envelope', number);
  return ENVELOPES[place];
}

/** What the redemption itself has in such a header stays, in any letter case: it may be its key, its name or who asks. */
function withHeaders(
  headers: Readonly<Record<string, string>>,
): (request: WireRequest) => WireRequest | undefined {
  return (request) => {
    const own = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
    const more = Object.entries(headers).filter(([name]) => !own.has(name.toLowerCase()));
    if (more.length === 0) return undefined;
    return { ...request, headers: { ...request.headers, ...Object.fromEntries(more) } };
  };
}
