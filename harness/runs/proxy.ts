/** `onceproof proxy`: the Toxiproxy-compatible proxy alone. */

import { once } from 'node:events';
import { startStandaloneProxy } from '../proxy/standalone.ts';

export interface ServeProxyOptions {
  /** Address of its API. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Of toxicity and request-level decisions. */
  readonly seed: number;
  /** JSON file of proxies to start with, as for POST /populate. */
  readonly config?: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Serves until the signal. */
export async function serveProxy({ signal, say, ...options }: ServeProxyOptions): Promise<void> {
  const proxy = await startStandaloneProxy(options);
  say(`onceproof proxy: API on ${proxy.url}, seed ${options.seed}`);
  if (!signal.aborted) await once(signal, 'abort');
  await proxy.close();
}
