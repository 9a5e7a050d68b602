/** `onceproof probe`: which contract does the endpoint really keep? */

import { Command } from 'commander';
import { usageError } from '../base/errors.ts';
import { PROFILE_NAMES } from '../model/contract.ts';
import { configOf } from './config-file.ts';
import { hosts, nameText, oneOf, wholeNumber, wordOrUrl } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

interface ProbeFlags {
  readonly target?: string;
  readonly allowHost?: readonly string[];
  readonly store: string;
  readonly profile?: string;
  readonly defect?: string;
  readonly otherPath?: string;
  readonly skip: readonly string[];
  readonly requests?: boolean;
  readonly seed: number;
  readonly runId?: string;
  readonly out: string;
  readonly json?: boolean;
}

export const probeCommand: CommandOf = (terminal) =>
  new Command('probe')
    .description(
      'which contract does the endpoint really keep? One careful client, a few hundred requests (exit 0; with a config 0, 1, 2)',
    )
    .option(
      '--target <file>',
      'config of the endpoint (default: the onceproof.config file of this folder, else the bundled reference server)',
    )
    .option(
      '--allow-host <host>',
      'host or host:port that may be sent requests beside those of the config (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--other-path <path>', 'another path of the endpoint that takes the same requests', pathText)
    .option('--skip <rows>', 'rows that are not looked at (comma list)', (text) => text.split(','), [])
    .option('--requests', 'show the requests of every row, not only of those that are broken')
    .option(
      '--store <name|url>',
      'of the reference server: auto, memory, redis, or redis://host:port',
      wordOrUrl('--store', ['auto', 'memory', 'redis'], ['redis:', 'rediss:']),
      'auto',
    )
    .option(
      '--profile <name>',
      'contract profile of the reference server: seed, ietf, stripe',
      oneOf('--profile', PROFILE_NAMES),
    )
    .option('--defect <name>', 'a named wrong edition of the reference server (see: serve --list-defects)')
    .option('--seed <n>', 'seed of the reference server', wholeNumber('--seed', 0), 1)
    .option('--run-id <id>', 'name of this run (default: a new one)', nameText('--run-id'))
    .option('--out <dir>', 'where the reports are kept', 'results')
    .option('--json', 'print all of it as JSON, and nothing else, on stdout')
    .action(async (flags: ProbeFlags) => {
      const { probeEndpoint } = await import('../runs/probe.ts');
      const { renderProbe } = await import('../report/probe.ts');
      const { probeData } = await import('../report/probe-data.ts');
      const { shownPath } = await import('../report/run-folder.ts');
      const { target, allowHost, json = false, requests = false, ...rest } = flags;
      const config = await configOf(target, terminal.env, allowHost);
      const { probed, dir } = await probeEndpoint({
        ...rest,
        ...config,
        signal: terminal.interruption(),
        progress: terminal.progress,
      });
      if (json) terminal.print(JSON.stringify(probeData(probed), null, 2));
      else {
        terminal.print(renderProbe(probed, { colour: terminal.colour, verbose: requests }));
        terminal.print(`report: ${shownPath(dir)}/report.html`);
      }
      terminal.exit(EXIT[probed.verdict ?? (probed.result.isInterrupted ? 'unknown' : 'valid')]);
    });

function pathText(text: string): string {
  if (/^\/[^\s\\]*$/.test(text)) return text;
  throw usageError('flag', 'wrong value', {
    field: '--other-path',
    expected: 'a path that begins with /',
    found: text,
  });
}
