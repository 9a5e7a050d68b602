/** `onceproof serve`: the reference server alone. */

import { Command } from 'commander';
import { PLAYED_PROFILES, PROFILE_NAMES } from '../model/contract.ts';
import { listenHost, oneOf, tokenText, wholeNumber, wordOrUrl } from './options.ts';
import type { CommandOf } from './terminal.ts';

export const serveCommand: CommandOf = (terminal) =>
  new Command('serve')
    .description('the reference server alone')
    .option('--host <host>', 'address to listen on', listenHost('--host'), '127.0.0.1')
    .option(
      '--port <n>',
      'port of the first replica; the others follow',
      wholeNumber('--port', 0, 65_535),
      3000,
    )
    .option(
      '--replicas <n>',
      'replicas: processes on one Redis, or listeners over one memory store',
      wholeNumber('--replicas', 1, 16),
      1,
    )
    .option(
      '--store <name|url>',
      'memory, redis, or redis://host:port',
      wordOrUrl('--store', ['memory', 'redis'], ['redis:', 'rediss:']),
      'memory',
    )
    .option('--profile <name>', PLAYED_PROFILES.join(', '), oneOf('--profile', PROFILE_NAMES), 'seed')
    .option('--defect <name>', 'a named wrong edition')
    .option('--list-defects', 'print the wrong editions and end')
    .option(
      '--token <token>',
      'bearer token that may act for every customer (default: ONCEPROOF_TOKEN, else a new one that is printed)',
    )
    .option(
      '--hooks-port <n>',
      'port of the test hooks (off unless given)',
      wholeNumber('--hooks-port', 0, 65_535),
    )
    .option(
      '--hooks-token <token>',
      'token of the test hooks (default: ONCEPROOF_HOOKS_TOKEN, else a new one that is printed)',
    )
    .action(async (flags) => {
      const { serve, listDefects } = await import('../runs/serve.ts');
      if (flags.listDefects) {
        terminal.print(await listDefects());
        return;
      }
      const token = tokenText('--token', flags.token ?? terminal.env['ONCEPROOF_TOKEN']);
      const hooksToken = tokenText(
        '--hooks-token',
        flags.hooksToken ?? terminal.env['ONCEPROOF_HOOKS_TOKEN'],
      );
      terminal.exit(
        await serve({
          ...flags,
          ...(token !== undefined && { token }),
          ...(hooksToken !== undefined && { hooksToken }),
          signal: terminal.interruption(),
          say: terminal.print,
        }),
      );
    });
