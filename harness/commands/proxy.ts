/** `onceproof proxy`: the Toxiproxy-compatible proxy alone. */

import { Command } from 'commander';
import { listenHost, wholeNumber } from './options.ts';
import type { CommandOf } from './terminal.ts';

export const proxyCommand: CommandOf = (terminal) =>
  new Command('proxy')
    .description('the Toxiproxy-compatible proxy alone')
    .option('--host <host>', 'address to listen on', listenHost('--host'), '127.0.0.1')
    .option('--port <n>', 'port of its API', wholeNumber('--port', 0, 65_535), 8474)
    .option('--seed <n>', 'seed of toxicity and request-level decisions', wholeNumber('--seed', 0), 1)
    .option('--config <file>', 'JSON file of proxies to start with, as for POST /populate')
    .action(async (flags: { host: string; port: number; seed: number; config?: string }) => {
      const { serveProxy } = await import('../runs/proxy.ts');
      // Before it is told: whoever reads it may end us at once.
      const signal = terminal.interruption();
      await serveProxy({ ...flags, signal, say: terminal.print });
    });
