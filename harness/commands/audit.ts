/** `onceproof audit`: settle, read back and judge what was recorded elsewhere. */

import { Command } from 'commander';
import { PROFILE_NAMES } from '../model/contract.ts';
import { configAt } from './config-file.ts';
import { duration, hosts, oneOf, tokenText, wordOrUrl } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

export const auditCommand: CommandOf = (terminal) =>
  new Command('audit')
    .description(
      'settle and read back for histories that were made elsewhere (plain k6, many pods), then judge',
    )
    .argument('<history...>', 'NDJSON files that the scripts printed')
    .option('--target <file>', 'config of the endpoint')
    .option(
      '--base-url <url>',
      'base URL of a reference server, instead of a config',
      wordOrUrl('--base-url', [], ['http:', 'https:']),
    )
    .option('--token <token>', 'its token (default: TOKEN of the environment)')
    .option('--hooks-url <url>', 'its test hooks, for the ledger', wordOrUrl('--hooks-url', [], ['http:']))
    .option('--hooks-token <token>', 'their token (default: HOOKS_TOKEN of the environment)')
    .option('--profile <name>', 'contract profile', oneOf('--profile', PROFILE_NAMES), 'seed')
    .option('--scenario <name>', 'the scenario that made the histories', 'soak')
    .option(
      '--allow-host <host>',
      'host or host:port that may be sent requests beside those of the config (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--settle <time>', 'how long an undecided intent is retried', duration('--settle'), '10s')
    .option('--out <dir>', 'where the joined history and the reports go', 'results')
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .action(async (histories: string[], flags) => {
      const token = tokenText('--token', flags.token ?? terminal.env['TOKEN'] ?? '');
      const hooksToken = tokenText('--hooks-token', flags.hooksToken ?? terminal.env['HOOKS_TOKEN'] ?? '');
      const { auditHistories } = await import('../runs/audit.ts');
      const config =
        flags.target === undefined ? undefined : await configAt(flags.target, terminal.env, flags.allowHost);
      const { verdict, text } = await auditHistories(histories, {
        ...flags,
        token,
        hooksToken,
        ...(config && { config }),
      });
      terminal.print(flags.json ? JSON.stringify(verdict, null, 2) : text);
      terminal.exit(EXIT[verdict.verdict]);
    });
