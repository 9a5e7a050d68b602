/**
 * A way to an endpoint that not everybody can go: behind mutual TLS, an authority of its own, an HTTP proxy, or with
 * signed requests. On this machine it is plain HTTP, so that settling, reading back and the sweep need know nothing of it.
 */

import { ChaosProxy } from '../proxy/chaos-proxy.ts';
import type { Way } from '../proxy/types.ts';
import type { Sign } from '../config/signing.ts';

/** How an endpoint is reached. */
export interface Reach extends Way {
  /** Where the HTTP proxy listens, `host:port`. */
  readonly proxyAt?: string;
  readonly sign?: Sign;
}

/** Whether an ordinary client cannot go there. */
export function needsGateway({ tls, proxy, sign }: Reach): boolean {
  return tls !== undefined || proxy !== undefined || sign !== undefined;
}

/** `host:port` of an endpoint, or of the HTTP proxy before it. */
export function addressOf(url: URL, { proxyAt }: Reach): string {
  return proxyAt ?? `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

/** The way that a hop goes: what of `reach` is the upstreams' own. */
export function wayOf({ tls, proxy }: Reach): Way {
  return { ...(tls && { tls }), ...(proxy && { proxy }) };
}

/** One address on this machine for each base URL, with its path; nothing that goes through is recorded. */
export async function openGateway(
  baseUrls: readonly string[],
  reach: Reach,
): Promise<{ readonly urls: readonly string[]; close(): Promise<void> }> {
  const gateway = new ChaosProxy({ seed: '', ...(reach.sign && { sign: reach.sign }) });
  try {
    const urls: string[] = [];
    for (const [index, baseUrl] of baseUrls.entries()) {
      const url = new URL(baseUrl);
      const { listen } = await gateway.create({
        name: `gateway-${index + 1}`,
        mode: 'http',
        upstreams: [addressOf(url, reach)],
        hostHeader: url.host,
        tls: url.protocol === 'https:',
        way: wayOf(reach),
      });
      urls.push(`http://${listen}${url.pathname.replace(/\/+$/, '')}`);
    }
    return { urls, close: () => gateway.close() };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
