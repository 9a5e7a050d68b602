import { HarnessError } from '../base/errors.ts';

/** A call that the proxy's API refuses: `status` and the text that Toxiproxy gives for it. */
export class ProxyRefusal extends HarnessError {
  readonly status: number;

  constructor(status: number, text: string) {
    super(status >= 500 ? 'harness' : 'usage', 'proxy-api', text);
    this.name = 'ProxyRefusal';
    this.status = status;
  }
}

/** The refusals of the API, in Toxiproxy's words (api.go). */
export const REFUSALS = {
  badBody: (reason: string) => new ProxyRefusal(400, `bad request body: ${reason}`),
  missingField: (field: string) => new ProxyRefusal(400, `missing required field: ${field}`),
  invalidStream: () => new ProxyRefusal(400, 'stream was invalid, can be either upstream or downstream'),
  invalidType: () => new ProxyRefusal(400, 'invalid toxic type'),
  otherMode: (type: string, its: string, here: string) =>
    new ProxyRefusal(400, `invalid toxic type: ${type} works on ${its} proxies, this one is ${here}`),
  proxyNotFound: () => new ProxyRefusal(404, 'proxy not found'),
  toxicNotFound: () => new ProxyRefusal(404, 'toxic not found'),
  proxyExists: () => new ProxyRefusal(409, 'proxy already exists'),
  toxicExists: () => new ProxyRefusal(409, 'toxic already exists'),
  listen: (address: string, reason: string) =>
    new ProxyRefusal(500, `listen tcp ${address}: bind: ${reason}`),
  address: (reason: string) => new ProxyRefusal(500, reason),
} as const;
