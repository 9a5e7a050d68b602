/** `onceproof check-config`: the preflight alone. */

import { Command } from 'commander';
import { usageError } from '../base/errors.ts';
import { CONFIG_NAMES, configOf } from './config-file.ts';
import { hosts } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

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
      const { checkConfig } = await import('../runs/check-config.ts');
      const { throwWrong } = await import('../runs/preflight.ts');
      const { preflightData, renderPreflight } = await import('../report/preflight.ts');
      const result = await checkConfig(found.config, { signal: terminal.interruption() });
      terminal.print(flags.json ? JSON.stringify(preflightData(result), null, 2) : renderPreflight(result));
      throwWrong(result, (line) => terminal.complain(`onceproof: ${line}`));
      // Said above already; but what could not be looked at is not right.
      terminal.exit(result.findings.some(({ severity }) => severity === 'open') ? EXIT.harness : EXIT.valid);
    });
