/** `onceproof check-config`: the preflight alone. */

import { Command } from 'commander';
import { usageError } from '../base/errors.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { CONFIG_NAMES, configAt, configOf } from './config-file.ts';
import { hosts } from './options.ts';
import { EXIT, type CommandOf, type Terminal } from './terminal.ts';

interface CheckConfigFlags {
  readonly target?: string;
  readonly config?: string;
  readonly allowHost?: readonly string[];
  readonly json?: boolean;
}

export const checkConfigCommand: CommandOf = (terminal) =>
  new Command('check-config')
    .description(
      'does a config describe its endpoint? One redemption, its repetition and what is read of it, shown (exit 0, 3, 4)',
    )
    .argument('[file]', 'the config (default: the onceproof.config file of this folder)')
    .option('--target <file>', 'the same, as other commands name it')
    .option('--config <file>', 'the same')
    .option(
      '--allow-host <host>',
      'host or host:port that may be sent requests beside those of the config (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--json', 'print what was sent, answered and found as JSON, and nothing else, on stdout')
    .action(async (file: string | undefined, flags: CheckConfigFlags) => {
      const asked = file ?? flags.target ?? flags.config;
      const found = await configOf(asked, terminal.env, flags.allowHost);
      if (found === undefined)
        throw usageError('config', 'there is no config here', {
          field: 'check-config',
          expected: `--target FILE, or one of ${CONFIG_NAMES.join(', ')}`,
        });
      await tellConfig(terminal, found.config, flags.json === true);
    });

/** The preflight of a config that was just written. */
export async function tellCheck(
  terminal: Terminal,
  file: string,
  allowHosts: readonly string[] = [],
): Promise<void> {
  await tellConfig(terminal, await configAt(file, terminal.env, allowHosts), false);
}

async function tellConfig(terminal: Terminal, config: ResolvedConfig, isJson: boolean): Promise<void> {
  const { checkConfig } = await import('../runs/check-config.ts');
  const { throwWrong } = await import('../runs/preflight.ts');
  const { preflightData, renderPreflight } = await import('../report/preflight.ts');
  const result = await checkConfig(config, { signal: terminal.interruption() });
  terminal.print(isJson ? JSON.stringify(preflightData(result), null, 2) : renderPreflight(result));
  throwWrong(result, (line) => terminal.complain(`onceproof: ${line}`));
  // Said above already; but what could not be looked at is not right.
  terminal.exit(result.findings.some(({ severity }) => severity === 'open') ? EXIT.harness : EXIT.valid);
}
