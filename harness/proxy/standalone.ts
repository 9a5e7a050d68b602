import { messageOf, usageError } from '../base/errors.ts';
import { smallText } from '../base/small-file.ts';
import { ChaosProxy } from './chaos-proxy.ts';
import { decodeProxies } from './decode.ts';
import type { ChaosProxyOptions, ProxyState } from './types.ts';

export interface StandaloneOptions extends Pick<ChaosProxyOptions, 'onArrival' | 'onFault'> {
  /** Address of the API. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly seed: string | number;
  /** A JSON file with a list of proxies to create, as Toxiproxy's -config. */
  readonly config?: string;
}

export interface StandaloneProxy {
  readonly proxy: ChaosProxy;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly proxies: readonly ProxyState[];
  close(): Promise<void>;
}

/**
 * The embedded proxy alone, for any Toxiproxy client. A configuration that cannot be carried out, or an address in use,
 * is a `HarnessError`, and nothing is left open then.
 */
export async function startStandaloneProxy(options: StandaloneOptions): Promise<StandaloneProxy> {
  const { host, port, config } = options;
  const proxy = new ChaosProxy(options);
  try {
    const address = await proxy.listenApi(host, port);
    const proxies = config === undefined ? [] : await populateFrom(proxy, config);
    const urlHost = address.host.includes(':') ? `[${address.host}]` : address.host;
    return {
      proxy,
      ...address,
      url: `http://${urlHost}:${address.port}`,
      proxies,
      close: () => proxy.close(),
    };
  } catch (error) {
    await proxy.close();
    throw error;
  }
}

async function populateFrom(proxy: ChaosProxy, file: string): Promise<ProxyState[]> {
  const expected = 'a JSON list of {name, listen, upstream}';
  let text: string;
  try {
    text = smallText(file);
  } catch (cause) {
    throw usageError('proxy-config', 'cannot be read', {
      field: file,
      expected,
      found: messageOf(cause),
      cause,
    });
  }
  try {
    return await proxy.populate(decodeProxies(text));
  } catch (cause) {
    throw usageError('proxy-config', 'cannot be used', {
      field: file,
      expected,
      found: messageOf(cause),
      cause,
    });
  }
}
