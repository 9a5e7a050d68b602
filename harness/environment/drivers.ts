/** Who carries the TCP toxics: the embedded proxy, or a real Toxiproxy. */

import type { ToxicDriver } from '../proxy/driver.ts';
import type { ChaosProxy } from '../proxy/chaos-proxy.ts';
import { findToxiproxy, startToxiproxy } from '../proxy/toxiproxy-process.ts';
import { ToxiproxyDriver } from '../proxy/toxiproxy.ts';
import { toxiproxyVersion } from '../proxy/toxiproxy-api.ts';
import { harnessError, usageError } from '../base/errors.ts';
import type { Keeper } from './keeper.ts';

export interface TakenDriver {
  readonly driver: ToxicDriver;
  /** In words, e.g. `toxiproxy 2.12.0 at http://127.0.0.1:8474`. */
  readonly description: string;
  /** Ends the program where we started it; the driver's proxies are gone before. */
  readonly close: () => Promise<void>;
}

/** `embedded`: the hop proxy itself; `toxiproxy`: a process of our own; a URL: one that is there, where only our own proxies are touched. */
export async function takeDriver(
  options: { readonly proxy: string; readonly runId: string },
  hopProxy: ChaosProxy,
  keeper: Keeper,
): Promise<TakenDriver> {
  // No run id holds a dot: `a` must not take the proxies of `a-b` for its own.
  const prefix = `onceproof-${options.runId}.`;
  if (options.proxy === 'embedded') {
    return { driver: hopProxy, description: 'embedded', close: async () => {} };
  }
  if (options.proxy === 'toxiproxy') return startOwn(prefix, keeper);
  const url = addressOf(options.proxy);
  const version = await toxiproxyVersion(url);
  const driver = new ToxiproxyDriver({ url, prefix });
  const made = { kind: 'toxiproxy', url, prefix } as const;
  keeper.addForeign(made);
  return {
    driver,
    description: `toxiproxy ${version} at ${url}`,
    async close() {
      await driver.close();
      keeper.dropForeign(made);
    },
  };
}

async function startOwn(prefix: string, keeper: Keeper): Promise<TakenDriver> {
  const program = findToxiproxy();
  if (program === undefined) {
    throw harnessError('toxiproxy_missing', 'Toxiproxy is not installed', {
      field: '--proxy toxiproxy',
      expected: 'toxiproxy-server on the PATH, or --proxy embedded, or --proxy http://host:port',
    });
  }
  const running = await startToxiproxy(program, {
    started: (pid) => keeper.addChild('toxiproxy', pid),
    ended: (pid) => keeper.dropChild(pid),
  });
  const driver = new ToxiproxyDriver({ url: running.url, prefix });
  return {
    driver,
    description: `toxiproxy ${running.version} (own process)`,
    async close() {
      const death = running.death();
      if (death !== undefined) {
        throw harnessError('toxiproxy_died', 'Toxiproxy died during the run', { found: death });
      }
      try {
        await driver.close();
      } finally {
        await running.stop();
      }
    },
  };
}

function addressOf(proxy: string): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url.origin;
  throw usageError('proxy', 'no such proxy', {
    field: '--proxy',
    expected: 'auto, embedded, toxiproxy or http://host:port',
    found: proxy,
  });
}
